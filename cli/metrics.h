// What a suite reports of a trial beside the score, as people read it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "entrobench/v1/entrobench.pb.h"

namespace entrobench::cli {

using Metrics = google::protobuf::Map<std::string, double>;

// Counts in full, other numbers with four digits that say something: "1,280", "0.4375", "12.34".
std::string FormatMetric(double value);

// "collapsed after 1,280 images"; empty for a run that did not (common/series.h).
std::string CollapseWords(const Metrics& metrics);

// The errors of the groups ("error/GROUP"), by group.
std::map<std::string, double> GroupErrors(const Metrics& metrics);

// Names of the metrics that belong neither to groups nor to a collapse: first those that the suite
// describes, in its order, then the others.
std::vector<std::string> OtherMetrics(
    const Metrics& metrics, const google::protobuf::RepeatedPtrField<v1::MetricInfo>& described);

}  // namespace entrobench::cli
