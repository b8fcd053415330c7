// The shapes of networks that this project trains. All take gray pictures of 28 x 28 pixels with
// values in [0, 1] and give logits of ten classes.
#pragma once

namespace entrobench {

enum class Architecture {
  kResidualBatchNorm,  // four residual stages, 16 to 64 filters wide
  kResidualGroupNorm,  // the same, normalised over groups of eight filters
  // Four narrower stages; the first filters of each have a learnt receptive field: see
  // ScaledFilters in network_builder.cc.
  kResidualScaled,
  kVisionTransformer,  // four blocks of width 48 on 7 x 7 patches
};

inline constexpr int kNetworkClasses = 10;

}  // namespace entrobench
