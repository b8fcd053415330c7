#include "evaluators/adaptation/methods/bn_adapt.h"

#include <utility>

#include "common/status_macros.h"

namespace entrobench {

absl::Status BnAdapt::Begin(Network* network, const StreamSetting&) {
  network_ = network;
  return network->Use(prior_ == 0 ? BatchStatistics::Batch() : BatchStatistics::Mixed(prior_));
}

absl::StatusOr<Adapted> BnAdapt::Adapt(const ImageBatch& images, Random) {
  EB_ASSIGN_OR_RETURN(Predictions predictions, network_->Forward(images));
  return Adapted{std::move(predictions)};
}

AdaptationEntry BnAdapt::Entry() {
  return MakeAdaptationEntry<BnAdapt>(
      MethodDeclaration("bn-adapt", "1", "adaptation")
          .Title("Test-time batch normalisation")
          .Paper("Improving robustness against common corruptions by covariate shift adaptation",
                 "Steffen Schneider, Evgenia Rusak, Luisa Eck, Oliver Bringmann, Wieland Brendel, "
                 "Matthias Bethge",
                 2020, "https://arxiv.org/abs/2006.16971")
          .Summary("Normalises by the statistics of the test batch, mixed with the source's. "
                   "Without batch "
                   "normalisation it is the source.")
          .Equation(R"(\mu = \tfrac{N}{N+n}\mu_s + \tfrac{n}{N+n}\mu_t,\quad
\sigma^2 = \tfrac{N}{N+n}\sigma_s^2 + \tfrac{n}{N+n}\sigma_t^2)")
          .Real("prior", 0.0, 0.0, 1e6,
                "N, what the source statistics are worth in pictures; 0: the batch alone (biased "
                "variance), above it is mixed in with its unbiased variance; 16 is a common start")
          .Rival()
          .Needs(v1::CAPABILITY_CLASSIFY)
          .Cost("one forward pass"));
}

}  // namespace entrobench
