// A TorchScript file as a Network. Nothing of torch shows here: its headers are slow to compile.
//
// What a file needs to be of use:
//   forward(x)   x: pictures x channels x height x width, values in [0, 1] (a network's own mean
//   and
//                deviation belong into it); gives logits, pictures x classes.
//   Normalisation layers are the submodules whose type is called BatchNorm1d, BatchNorm2d,
//                BatchNorm3d, SyncBatchNorm, GroupNorm or LayerNorm, with parameters weight and
//                bias; batch norm has buffers running_mean and running_var (or none of both).
//   Some methods need more, and say so:
//   features(x)  a second method: the inputs of the last layer, pictures x features.
//   The last layer is the last submodule with a parameter `weight` of one row a class.
//   Receptive-field sizes are parameters called log_scale.
//
// Scripted and traced files, and modules built in C++, are all read. Batch normalisation is
// replaced by our own at load, so that its statistics can be chosen whatever mode the file was
// saved in (a traced one cannot be switched otherwise). Everything else runs as in evaluation: no
// dropout. The network lives on a GPU where torch has one.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "evaluators/adaptation/network.h"

namespace entrobench {

// Tries the network on two empty pictures.
//   NotFound            no such file
//   InvalidArgument     not TorchScript; takes no pictures of `shape`; gives another number of
//                       outputs than `classes`
//   FailedPrecondition  needs operators that are not in this build
// The message names the file and what to do.
absl::StatusOr<std::unique_ptr<Network>> LoadTorchNetwork(const std::string& path, int classes,
                                                          const ImageShape& shape);

// How many threads each operation of torch and of its BLAS may use, in the whole process.
void SetTorchThreads(int threads);

}  // namespace entrobench
