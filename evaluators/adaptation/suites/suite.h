// The suites of test-time adaptation: which there are, and one opened for a trial. A suite knows
// pictures and the order they come in, never a method.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "entrobench/v1/catalog.pb.h"
#include "entrobench/v1/sweep.pb.h"
#include "entrobench/v1/worker.pb.h"
#include "evaluators/adaptation/data/image_set.h"
#include "evaluators/adaptation/data/image_source.h"
#include "evaluators/adaptation/streams/protocols.h"

namespace entrobench {

// A suite's pictures, whatever the trial's options.
struct SuiteImages {
  std::shared_ptr<const ImageSource> test;
  // Reads unlabelled pictures like those of training: few methods want them, and they are kept.
  // Errors as OpenAdaptationSuite's. Null where the suite has none.
  std::function<absl::StatusOr<std::shared_ptr<const ImageSet>>()> read_source;
};

// How every suite of the family is described to people and to the coordinator. The pictures of
// those that need data are not there yet.
std::vector<v1::SuiteInfo> AdaptationSuites();

// Opens the suite's pictures. `data_path`: the file that was registered; an archive is unpacked
// under `cache_dir`, once.
//   NotFound             no such suite here
//   FailedPrecondition   the data set that the suite reads is not installed, or is not the one that
//                        its digest names
//   InvalidArgument      a damaged file or a wrong layout, with the file's name
absl::StatusOr<SuiteImages> OpenAdaptationSuite(const v1::SuiteConfig& config,
                                                const std::string& data_path,
                                                const std::string& cache_dir);

// A trial's options, complete and checked, as a stream's. InvalidArgument says which is wrong.
absl::StatusOr<StreamOptions> StreamOptionsOf(const v1::SuiteConfig& config, uint64_t seed);

// Looks into a data file: the suite's description with samples and digest. Errors as
// OpenAdaptationSuite's.
absl::StatusOr<v1::SuiteInfo> InspectAdaptationData(const v1::InspectRequest& request,
                                                    const std::string& data_path,
                                                    const std::string& cache_dir);

}  // namespace entrobench
