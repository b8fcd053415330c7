// Test-time batch normalisation: replaces the source statistics of every batch-norm layer by those
// of the batch at hand, or mixes the two as if the source were worth N pictures.
//
//   mu  = N/(N+n) mu_s  + n/(N+n) mu_t
//   var = N/(N+n) var_s + n/(N+n) var_t,     n pictures in the batch
//
// No gradient, and nothing carries over to the next batch. A network without batch normalisation
// has no such statistics: there the method is the source.
//
// Source: N = 0 as in Tent's baseline code; the mixed form as in the authors' code of Schneider et
// al., "Improving robustness against common corruptions by covariate shift adaptation". They
// differ in one point, which is kept: N = 0 normalises by the batch's biased variance, the mixed
// form takes the unbiased one. No default of N is set in the authors' code. No departure.
#pragma once

#include "evaluators/adaptation/method.h"

namespace entrobench {

class BnAdapt final : public AdaptationMethod {
 public:
  explicit BnAdapt(const Params& params) : prior_(params.real("prior")) {}
  absl::Status Begin(Network* network, const StreamSetting& setting) override;
  absl::StatusOr<Adapted> Adapt(const ImageBatch& images, Random rng) override;
  void Reset() override {}
  static AdaptationEntry Entry();

 private:
  double prior_;
  Network* network_ = nullptr;
};

}  // namespace entrobench
