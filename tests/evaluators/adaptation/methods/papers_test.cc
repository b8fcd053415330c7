// The methods of the papers against the worked checks of their formulas, and each update against
// central differences of its loss on a network of two layers.
#include <cmath>

#include "evaluators/adaptation/batch_loss.h"
#include "evaluators/adaptation/methods/adte.h"
#include "evaluators/adaptation/methods/csfa_rsgs.h"
#include "evaluators/adaptation/methods/deyo.h"
#include "evaluators/adaptation/methods/dynamic_scale.h"
#include "evaluators/adaptation/methods/ostta.h"
#include "evaluators/adaptation/methods/recap.h"
#include "evaluators/adaptation/methods/stablesleep.h"
#include "evaluators/adaptation/views.h"
#include "tests/evaluators/adaptation/network_testing.h"

namespace entrobench {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::Optional;

const v1::Value kSgd = TextValue("sgd");
const v1::Value kTenth = RealValue(0.1);

// --- DeYO

TEST(Deyo, TakesTheStepOfTheWorkedCheck) {
  ToyNetwork network;
  Deyo deyo = MakeMethod<Deyo>({{"tau_plpd", RealValue(0.2)}, {"learning_rate", kTenth}});
  ASSERT_TRUE(deyo.Begin(&network, {}).ok());
  const OwnedImages batch = ToyBatch();
  auto predictions = network.ForwardForGradient(batch.view());
  ASSERT_TRUE(predictions.ok());
  ASSERT_THAT(RowsBelow(*predictions, 0.549306), ElementsAre(0, 2, 3));
  const OwnedImages destroyed = Rows({{0.2F, 0.1F}, {0.0F, 0.2F}, {-0.9F, -0.9F}});
  const auto adapted = deyo.Learn(*std::move(predictions), destroyed.view());
  ASSERT_TRUE(adapted.ok());
  EXPECT_EQ(adapted->kept, 2);
  EXPECT_THAT(adapted->loss, Optional(DoubleNear(0.735002, 6e-7)));
  EXPECT_THAT(network.theta(), NearEach({1.081791, 1.096863, 0.026149, 0.066216}));
}

TEST(Deyo, DescendsTheWeightedEntropyOfTwoLayers) {
  TwoLayerNetwork network;
  Deyo deyo = MakeMethod<Deyo>({{"tau_ent", RealValue(1.01)},
                                {"tau_plpd", RealValue(-1.0)},
                                {"transform", TextValue("pixel-shuffle")},
                                {"learning_rate", kTenth}});
  ASSERT_TRUE(deyo.Begin(&network, {}).ok());
  const OwnedImages batch = TwoLayerBatch();
  const OwnedImages destroyed = Destroy(batch.view(), Destruction::kPixelShuffle, 4, Random(1, 1));
  const std::vector<double> before = network.theta();
  const auto p = Softmax(network.Logits(batch.view(), before), 3);
  const auto p_destroyed = Softmax(network.Logits(destroyed.view(), before), 3);
  std::vector<double> weights;
  for (size_t i = 0; i < p.size(); ++i) {
    const auto top = static_cast<size_t>(std::max_element(p[i].begin(), p[i].end()) - p[i].begin());
    weights.push_back(std::exp(0.4 * std::log(3.0) - EntropyOf(p[i])) +
                      std::exp(p[i][top] - p_destroyed[i][top]));
  }
  const auto adapted = deyo.Adapt(batch.view(), Random(1, 1));
  ASSERT_TRUE(adapted.ok());
  ASSERT_EQ(adapted->kept, 5);
  ExpectStep(before, network.theta(), 0.1, [&](const std::vector<double>& theta) {
    double sum = 0;
    const auto rows = Softmax(network.Logits(batch.view(), theta), 3);
    for (size_t i = 0; i < rows.size(); ++i) sum += weights[i] * EntropyOf(rows[i]) / 5;
    return sum;
  });
}

TEST(Destroy, MovesPixelsAndKeepsTheirValues) {
  OwnedImages image(ImageShape{1, 8, 8});
  std::vector<float> pixels;
  for (int i = 0; i < 64; ++i) pixels.push_back(static_cast<float>(i));
  image.Add(pixels);
  for (const Destruction how : {Destruction::kPatchShuffle, Destruction::kPixelShuffle}) {
    OwnedImages destroyed = Destroy(image.view(), how, 4, Random(3, 4));
    std::vector<float> values(destroyed.image(0).begin(), destroyed.image(0).end());
    EXPECT_NE(values, pixels);
    if (how == Destruction::kPatchShuffle) {
      EXPECT_EQ(values[1], values[0] + 1);  // a tile of two by two stays together
      EXPECT_EQ(values[8], values[0] + 8);
    }
    std::sort(values.begin(), values.end());
    EXPECT_EQ(values, pixels);
  }
  const OwnedImages occluded = Destroy(image.view(), Destruction::kOcclusion, 4, Random(3, 4));
  EXPECT_EQ(occluded.view().image(0)[0], 0);
  EXPECT_EQ(occluded.view().image(0)[2 * 8 + 2], 31.5F);
  EXPECT_EQ(occluded.view().image(0)[5 * 8 + 5], 31.5F);
  EXPECT_EQ(occluded.view().image(0)[6 * 8 + 6], 54);
}

// --- Wisdom of crowds

TEST(Ostta, TakesTheStepOfTheWorkedCheck) {
  for (const double lambda : {0.0, 0.5}) {
    ToyNetwork network;
    Ostta ostta = MakeMethod<Ostta>(
        {{"lambda", RealValue(lambda)}, {"optimizer", kSgd}, {"learning_rate", kTenth}});
    ASSERT_TRUE(ostta.Begin(&network, {}).ok());  // o is copied here
    network.set_theta({1.2, 0.9, 0.1, -0.1});
    const auto adapted = ostta.Adapt(ToyBatch().view(), Random(1, 1));
    ASSERT_TRUE(adapted.ok());
    EXPECT_EQ(adapted->kept, 3);
    EXPECT_THAT(adapted->loss, Optional(DoubleNear(lambda == 0 ? 0.405276 : -0.134803, 6e-7)));
    if (lambda > 0) {  // a tenth of the gradient at `a`, taken from where the method believes to be
      EXPECT_THAT(network.theta(), NearEach({1.0231971, 1.0105415, 0.0144911, -0.0139388}));
    }
  }
}

TEST(Ostta, DescendsItsLossOfTwoLayers) {
  TwoLayerNetwork network;
  Ostta ostta = MakeMethod<Ostta>({{"optimizer", kSgd}, {"learning_rate", kTenth}});
  ASSERT_TRUE(ostta.Begin(&network, {}).ok());  // both models agree: all samples are kept
  const OwnedImages batch = TwoLayerBatch();
  const std::vector<double> before = network.theta();
  ASSERT_TRUE(ostta.Adapt(batch.view(), Random(1, 1)).ok());
  ExpectStep(before, network.theta(), 0.1, [&](const std::vector<double>& theta) {
    double sum = 0;
    std::vector<double> mean(3);
    for (const auto& p : Softmax(network.Logits(batch.view(), theta), 3)) {
      sum += EntropyOf(p) / 5;
      for (size_t k = 0; k < 3; ++k) mean[k] += p[k] / 5;
    }
    return sum - 0.5 * EntropyOf(mean);
  });
}

// --- ReCAP

TEST(Recap, TakesTheStepOfTheWorkedCheck) {
  ToyNetwork network;
  Recap recap = MakeMethod<Recap>({{"learning_rate", kTenth}});
  ASSERT_TRUE(recap.Begin(&network, {}).ok());
  recap.SetVariance({0.02, 0.05});
  const auto adapted = recap.Adapt(ToyBatch().view(), Random(1, 1));
  ASSERT_TRUE(adapted.ok());
  EXPECT_EQ(adapted->kept, 2);
  EXPECT_THAT(adapted->loss, Optional(DoubleNear(0.949655, 6e-7)));
  EXPECT_THAT(network.theta(), NearEach({1.175858, 1.102137, 0.017154, -0.135467}));
}

TEST(Recap, CountsAllSamplesAlikeWhenBare) {
  ToyNetwork network;
  Recap recap = MakeMethod<Recap>({{"bare", BooleanValue(true)}, {"learning_rate", kTenth}});
  ASSERT_TRUE(recap.Begin(&network, {}).ok());
  recap.SetVariance({0.02, 0.05});
  const auto adapted = recap.Adapt(ToyBatch().view(), Random(1, 1));
  ASSERT_TRUE(adapted.ok());
  EXPECT_EQ(adapted->kept, 4);
  EXPECT_THAT(adapted->loss, Optional(DoubleNear(1.526019, 6e-7)));
}

TEST(Recap, MeasuresTheVarianceOfSourceFeatures) {
  const auto loss_with = [](const std::function<void(Recap*, Network*)>& prepare) {
    ToyNetwork network;
    Recap recap = MakeMethod<Recap>({{"bare", BooleanValue(true)}});
    prepare(&recap, &network);
    return *recap.Adapt(ToyBatch().view(), Random(1, 1))->loss;
  };
  const double measured = loss_with([](Recap* recap, Network* network) {
    // Features are the pictures themselves: variances 0.01 and 0.04.
    const OwnedImages source = Rows({{0.1F, 0.2F}, {0.3F, 0.6F}});
    StreamSetting setting;
    setting.source = {source.view()};
    ASSERT_TRUE(recap->Begin(network, setting).ok());
  });
  const double given = loss_with([](Recap* recap, Network* network) {
    ASSERT_TRUE(recap->Begin(network, {}).ok());
    recap->SetVariance({0.01, 0.04});
  });
  EXPECT_NEAR(measured, given, 1e-9);
}

// TwoLayerNetwork with its last layer shown.
class ShownTwoLayers final : public TestNetwork {
 public:
  ShownTwoLayers() : TestNetwork(3, TwoLayerNetwork().theta()) {}
  std::vector<double> Logits(const ImageBatch& images,
                             const std::vector<double>& theta) const override {
    return TwoLayerNetwork().Logits(images, theta);
  }
  absl::StatusOr<Matrix> HeadWeights() const override {
    Matrix head{3, 4, {}};
    for (int k = 0; k < 3; ++k) {
      for (int u = 0; u < 4; ++u) head.values.push_back(2 * std::cos(k + 1.3 * u));
    }
    return head;
  }

 private:
  std::unique_ptr<Network> DoClone() const override { return nullptr; }
};

TEST(Recap, DescendsTheRegionalBoundsOfTwoLayers) {
  ShownTwoLayers network;
  Recap recap = MakeMethod<Recap>({{"lambda", RealValue(0.7)},
                                   {"tau", RealValue(0.2)},
                                   {"tau_re", RealValue(10.0)},
                                   {"learning_rate", kTenth}});
  ASSERT_TRUE(recap.Begin(&network, {}).ok());
  const std::vector<double> variance = {0.02, 0.05, 0.01, 0.03};
  recap.SetVariance(variance);
  const Matrix head = *network.HeadWeights();
  // The bounds of each picture as their definitions say, in plain numbers.
  const OwnedImages batch = TwoLayerBatch();
  const auto bounds = [&](const std::vector<double>& theta) {
    const std::vector<double> z = network.Logits(batch.view(), theta);
    std::vector<double> shifted = z;
    for (size_t i = 0; i < z.size(); ++i) {
      double norm = 0;
      for (int d = 0; d < 4; ++d) norm += std::pow(head.at(static_cast<int>(i % 3), d), 2);
      shifted[i] += 0.0005 * norm;
    }
    const auto p = Softmax(z, 3), q = Softmax(shifted, 3);
    std::vector<std::pair<double, double>> all;  // L_RE, L_RI
    for (size_t row = 0; row < p.size(); ++row) {
      double entropy = 0, instability = 0;
      for (int i = 0; i < 3; ++i) {
        double a = 0;
        for (int j = 0; j < 3; ++j) {
          double h = 0;
          for (int d = 0; d < 4; ++d) {
            h += 0.5 * (0.2 * variance[static_cast<size_t>(d)] / 0.1) *
                 std::pow(head.at(i, d) - head.at(j, d), 2);
          }
          a += p[row][static_cast<size_t>(j)] * std::exp(h);
        }
        const auto at = static_cast<size_t>(i);
        entropy += q[row][at] * (std::log(a) - std::log(p[row][at]));
        instability += p[row][at] * std::log(a);
      }
      all.emplace_back(entropy, instability);
    }
    return all;
  };
  const std::vector<double> before = network.theta();
  const auto at_start = bounds(before);
  const auto adapted = recap.Adapt(batch.view(), Random(1, 1));
  ASSERT_TRUE(adapted.ok());
  ASSERT_EQ(adapted->kept, 5);
  ExpectStep(before, network.theta(), 0.1, [&](const std::vector<double>& theta) {
    double sum = 0;
    const auto now = bounds(theta);
    for (size_t i = 0; i < now.size(); ++i) {
      const double weight = std::min(std::exp(0.8 * std::log(3.0) - at_start[i].first), 3.0);
      sum += weight * (now[i].first + 0.7 * now[i].second) / 5;
    }
    return sum;
  });
}

TEST(Recap, GoesBackWhenItsLossFallsTooLow) {
  ToyNetwork network;
  // Half of 0.949655 is below 3 ln 3 / ln 1000 = 0.477121.
  Recap recap = MakeMethod<Recap>({{"learning_rate", kTenth}, {"reset_threshold", RealValue(3.0)}});
  ASSERT_TRUE(recap.Begin(&network, {}).ok());
  recap.SetVariance({0.02, 0.05});
  const auto adapted = recap.Adapt(ToyBatch().view(), Random(1, 1));
  ASSERT_TRUE(adapted.ok());
  EXPECT_TRUE(adapted->restored);
  EXPECT_THAT(network.theta(), ElementsAre(1, 1, 0, 0));
}

// --- RSGS

TEST(CsfaRsgs, TakesTheStepOfTheWorkedCheck) {
  ToyNetwork network;
  CsfaRsgs csfa = MakeMethod<CsfaRsgs>({{"learning_rate", kTenth}});
  ASSERT_TRUE(csfa.Begin(&network, {}).ok());
  const auto adapted = csfa.Adapt(ToyBatch().view(), Random(1, 1));
  ASSERT_TRUE(adapted.ok());
  EXPECT_EQ(adapted->kept, 3);
  EXPECT_THAT(adapted->loss, Optional(DoubleNear(0.279887, 6e-7)));
  EXPECT_THAT(network.theta(), NearEach({1.031737, 1.036376, -0.006217, 0.004088}));
}

TEST(CsfaRsgs, StepsAlongTheOrthogonalDirectionOfTwoLayers) {
  TwoLayerNetwork network;
  CsfaRsgs csfa = MakeMethod<CsfaRsgs>({{"learning_rate", kTenth}, {"margin", RealValue(1.01)}});
  ASSERT_TRUE(csfa.Begin(&network, {}).ok());
  const OwnedImages batch = TwoLayerBatch();
  const auto mean_entropy = [&](const std::vector<double>& theta) {
    double sum = 0;
    for (const auto& p : Softmax(network.Logits(batch.view(), theta), 3)) sum += EntropyOf(p);
    return sum / 5;
  };
  const std::vector<double> before = network.theta();
  const std::vector<double> g = NumericGradient(mean_entropy, before);
  double norm = 0;
  for (const double value : g) norm += value * value;
  std::vector<double> perturbed = before;
  for (size_t j = 0; j < g.size(); ++j) perturbed[j] += 0.05 * g[j] / std::sqrt(norm);
  const std::vector<double> gs = NumericGradient(mean_entropy, perturbed);
  ASSERT_TRUE(csfa.Adapt(batch.view(), Random(1, 1)).ok());
  // u - gs is orthogonal to gs, and -alpha times what is orthogonal of g.
  double across = 0;
  double along = 0;
  double gs_squared = 0;
  std::vector<double> rest;
  for (size_t j = 0; j < g.size(); ++j) {
    rest.push_back((before[j] - network.theta()[j]) / 0.1 - gs[j]);
    across += rest[j] * gs[j];
    along += g[j] * gs[j];
    gs_squared += gs[j] * gs[j];
  }
  EXPECT_NEAR(across, 0, 1e-7);
  for (size_t j = 0; j < g.size(); ++j) {
    EXPECT_NEAR(rest[j], -0.4 * (g[j] - along / gs_squared * gs[j]), 1e-6);
  }
}

// --- StableSleep

// One parameter; each batch's entropy and gradient are given by its first two pixels.
class GivenNetwork final : public TestNetwork {
 public:
  GivenNetwork() : TestNetwork(5, {1.0}) {}
  std::vector<double> Logits(const ImageBatch& images, const std::vector<double>&) const override {
    const double wanted = std::round(static_cast<double>(images.pixels[0]) * 1e4) / 1e4;
    double low = 0;
    double high = 50;
    std::vector<double> logits(5);
    for (int i = 0; i < 200; ++i) {  // entropy falls as the first logit rises
      logits[0] = (low + high) / 2;
      (EntropyOf(Softmax(logits, 5)[0]) > wanted ? low : high) = logits[0];
    }
    gradient_ = std::round(static_cast<double>(images.pixels[1]) * 1e4) / 1e4;
    return logits;
  }

 private:
  absl::StatusOr<std::vector<double>> DoBackward(const std::vector<double>&) override {
    return std::vector<double>{gradient_};
  }
  std::unique_ptr<Network> DoClone() const override { return nullptr; }

  mutable double gradient_ = 0;
};

TEST(StableSleep, GatesAndFallsBackAsInTheWorkedCheck) {
  GivenNetwork network;
  StableSleep method = MakeMethod<StableSleep>({{"optimizer", kSgd},
                                                {"learning_rate", kTenth},
                                                {"decay", RealValue(0.9)},
                                                {"drift", RealValue(0.25)}});
  ASSERT_TRUE(method.Begin(&network, {}).ok());
  EXPECT_EQ(network.statistics().kind, BatchStatistics::kRefreshed);
  EXPECT_EQ(network.statistics().value, 0.1);
  const auto window = [&](float entropy, float gradient) {
    const auto adapted = method.Adapt(Rows({{entropy, gradient}}).view(), Random(1, 1));
    EXPECT_TRUE(adapted.ok());
    return *adapted;
  };
  EXPECT_EQ(window(0.30F, 1).kept, 1);
  EXPECT_NEAR(network.theta()[0], 0.9, 6e-7);
  EXPECT_EQ(window(0.95F, 9).kept, 0);
  EXPECT_NEAR(network.theta()[0], 0.9, 6e-7);
  // The check steps without momentum, to 0.7 and 0.581; with it farther, and back to the same copy.
  EXPECT_TRUE(window(0.60F, 2).restored);
  EXPECT_NEAR(network.theta()[0], 0.981, 6e-7);
  EXPECT_TRUE(window(0.20F, 4).restored);
  EXPECT_NEAR(network.theta()[0], 0.981, 6e-7);
}

// --- ADTE

TEST(LabelBias, IsTheStationaryVectorOfTheWorkedCheck) {
  LabelBias bias(3, 10, 1.0);
  bias.Store({4, 1, 0});
  bias.Store({3, 2, 0});
  bias.Store({2, 3, 0});
  bias.Store({2, 0, 4});
  bias.Store({2, 2.5, 0});  // not sure enough
  EXPECT_EQ(bias.stored(), 4);
  const std::vector<double> beta = bias.LogBias();
  EXPECT_THAT(beta, NearEach({-0.169561, -0.790193, -1.252294}));
  const std::vector<double> orders = TsallisOrders(beta);
  EXPECT_THAT(orders, NearEach({0.9, 0.389844, 0.01}));
  EXPECT_NEAR(DebiasedTsallis({0.7, 0.2, 0.1}, orders), 9.116411, 3e-6);
  EXPECT_NEAR(DebiasedTsallis({0.1, 0.7, 0.2}, orders), 3.679070, 3e-6);
  EXPECT_NEAR(DebiasedTsallis({0.1, 0.25, 0.65}, orders), 3.219346, 3e-6);
  EXPECT_NEAR(DebiasedTsallis({0.45, 0.45, 0.1}, orders), 7.061684, 3e-6);
}

TEST(LabelBias, OverwritesTheLeastSureOfItsClass) {
  LabelBias two_slots(2, 2, 1.0);
  two_slots.Store({3, 0});
  two_slots.Store({1.5, 0});
  two_slots.Store({9, 0});  // takes the place of the second
  LabelBias same(2, 2, 1.0);
  same.Store({3, 0});
  same.Store({9, 0});
  EXPECT_EQ(two_slots.LogBias(), same.LogBias());
}

TEST(Adte, AnswersAsTheNetworkForOneView) {
  ToyNetwork network;
  Adte adte = MakeMethod<Adte>({{"views", IntegerValue(1)}});
  ASSERT_TRUE(adte.Begin(&network, {}).ok());
  EXPECT_EQ(network.statistics().kind, BatchStatistics::kSource);
  const auto adapted = adte.Adapt(ToyBatch().view(), Random(1, 1));
  ASSERT_TRUE(adapted.ok());
  EXPECT_NEAR(adapted->predictions.p(0, 0), 0.964663, 6e-7);
  EXPECT_NEAR(adapted->predictions.p(3, 2), 0.947199, 6e-7);
}

// Says of four views what the worked check says of them.
class ViewsNetwork final : public TestNetwork {
 public:
  ViewsNetwork() : TestNetwork(3, {}) {}
  std::vector<double> Logits(const ImageBatch& images, const std::vector<double>&) const override {
    EXPECT_EQ(images.size(), 4);
    std::vector<double> logits;
    for (const double p : {0.7, 0.2, 0.1, 0.1, 0.7, 0.2, 0.1, 0.25, 0.65, 0.45, 0.45, 0.1}) {
      logits.push_back(std::log(p));
    }
    return logits;
  }

 private:
  std::unique_ptr<Network> DoClone() const override { return nullptr; }
};

TEST(Adte, AveragesTheViewsOfLeastEntropy) {
  ViewsNetwork network;
  Adte adte = MakeMethod<Adte>({{"views", IntegerValue(4)}, {"keep", RealValue(0.5)}});
  ASSERT_TRUE(adte.Begin(&network, {}).ok());
  const auto adapted = adte.Adapt(Rows({{0, 1}}).view(), Random(1, 1));
  ASSERT_TRUE(adapted.ok());
  // No bias is known yet: by Shannon entropy the first two stay.
  EXPECT_NEAR(adapted->predictions.p(0, 0), 0.4, 6e-7);
  EXPECT_NEAR(adapted->predictions.p(0, 1), 0.45, 6e-7);
}

TEST(RandomViews, BeginWithThePictureAndStayWithinItsValues) {
  std::vector<float> pixels;
  for (int i = 0; i < 64; ++i) pixels.push_back(static_cast<float>(i % 8) / 8);
  const OwnedImages views = RandomViews(ImageShape{1, 8, 8}, pixels, 20, 0.1, Random(1, 1));
  ASSERT_EQ(views.view().size(), 20);
  EXPECT_THAT(std::vector<float>(views.view().image(0).begin(), views.view().image(0).end()),
              testing::ElementsAreArray(pixels));
  int mirrored = 0;
  for (int v = 1; v < 20; ++v) {
    const auto view = views.view().image(v);
    EXPECT_THAT(std::vector<float>(view.begin(), view.end()),
                testing::Each(testing::AllOf(testing::Ge(0.0F), testing::Le(0.875F))));
    if (view[7] < view[0]) ++mirrored;  // brightness rises to the right
  }
  EXPECT_GT(mirrored, 3);
  EXPECT_LT(mirrored, 16);
}

// --- Dynamic scale

// The signal of the worked check: theta is (w, a, ln sigma), outputs at two positions.
class SignalNetwork final : public TestNetwork {
 public:
  SignalNetwork() : TestNetwork(2, {0.5, 0.0, std::log(0.5)}) {}
  std::vector<double> Logits(const ImageBatch&, const std::vector<double>& theta) const override {
    const double sigma = std::exp(theta[2]);
    std::vector<double> logits;
    for (const double c : {2.0, 3.0}) {
      const double v = 0.25 * At(c - sigma) + 0.5 * At(c) + 0.25 * At(c + sigma);
      logits.push_back(theta[0] * v + theta[1]);
      logits.push_back(0);
    }
    return logits;
  }

 private:
  static double At(double position) {
    static constexpr std::array<double, 7> kSignal = {0, 1, 4, 1, 0, 0, 2};
    const auto left = static_cast<size_t>(position);
    return kSignal[left] + (position - std::floor(position)) * (kSignal[left + 1] - kSignal[left]);
  }
  std::unique_ptr<Network> DoClone() const override { return nullptr; }
};

TEST(DynamicScale, TakesTheStepOfTheWorkedCheckAndPredictsAfterIt) {
  SignalNetwork network;
  DynamicScale method = MakeMethod<DynamicScale>(
      {{"steps", IntegerValue(1)}, {"optimizer", kSgd}, {"learning_rate", kTenth}});
  ASSERT_TRUE(method.Begin(&network, {}).ok());
  EXPECT_EQ(network.tuned(), ParameterSet::kHeadAndScale);
  const auto adapted = method.Adapt(Rows({{0}}).view(), Random(1, 1));
  ASSERT_TRUE(adapted.ok());
  EXPECT_THAT(adapted->loss, Optional(DoubleNear(0.546844, 6e-7)));
  // w, a and ln sigma after a step of 0.1: 0.545166, 0.018264, ln 0.5 - 0.0033009.
  const std::vector<double> expected =
      network.Logits(Rows({{0}}).view(), {0.5 + 0.0451664, 0.0182645, std::log(0.5) - 0.0033009});
  EXPECT_NEAR(adapted->predictions.z(0, 0), expected[0], 2e-6);
  EXPECT_NEAR(adapted->predictions.z(1, 0), expected[2], 2e-6);
  EXPECT_THAT(network.theta(), ElementsAre(0.5, 0.0, std::log(0.5)));  // for the next picture
}

// As many steps as asked for, each against the gradient at the point before it.
TEST(DynamicScale, DescendsTheEntropyOfEachPictureStepByStep) {
  SignalNetwork network;
  DynamicScale method = MakeMethod<DynamicScale>(
      {{"steps", IntegerValue(3)}, {"optimizer", kSgd}, {"learning_rate", kTenth}});
  ASSERT_TRUE(method.Begin(&network, {}).ok());
  const OwnedImages image = Rows({{0}});
  const auto entropy = [&](const std::vector<double>& theta) {
    const auto p = Softmax(network.Logits(image.view(), theta), 2);
    return (EntropyOf(p[0]) + EntropyOf(p[1])) / 2;
  };
  std::vector<double> theta = network.theta(), velocity(theta.size());
  for (int step = 0; step < 3; ++step) {
    const std::vector<double> gradient = NumericGradient(entropy, theta);
    for (size_t i = 0; i < theta.size(); ++i) {
      velocity[i] = 0.9 * velocity[i] + gradient[i];
      theta[i] -= 0.1 * velocity[i];
    }
  }
  const auto adapted = method.Adapt(image.view(), Random(1, 1));
  ASSERT_TRUE(adapted.ok());
  const std::vector<double> expected = network.Logits(image.view(), theta);
  EXPECT_NEAR(adapted->predictions.z(0, 0), expected[0], 1e-7);
  EXPECT_NEAR(adapted->predictions.z(1, 0), expected[2], 1e-7);
}

}  // namespace
}  // namespace entrobench
