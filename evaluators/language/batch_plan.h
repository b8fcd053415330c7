// Which lanes one batch of single tokens covers.
//
// llama.cpp computes together only runs of neighbouring lanes: {0, 1, 2, 5, 6} are two passes over
// the model, each with a graph of its own. A filler, a row whose result nobody reads, in lanes 3
// and 4 makes it one pass. And a pass with a single row goes through other kernels (matrix times
// vector) that round differently, so where results must not depend on company no pass may have one
// row.
#pragma once

#include <vector>

namespace entrobench {

struct PlannedRow {
  int lane;
  bool filler;
};

// The rows for `wanted` (ascending, distinct lanes in [0, lanes)), ascending. Short holes are
// filled while the fillers stay fewer than the wanted rows; with `never_single` (lanes >= 2) every
// run of lanes has two rows or more.
std::vector<PlannedRow> PlanRows(const std::vector<int>& wanted, int lanes, bool never_single);

}  // namespace entrobench
