// Methods at the ends of their ranges, through a model: there they must be greedy decoding or plain
// sampling, token by token.
#include "evaluators/reasoning/methods/edt.h"
#include "evaluators/reasoning/methods/eta.h"
#include "evaluators/reasoning/methods/greedy.h"
#include "evaluators/reasoning/methods/min_p.h"
#include "evaluators/reasoning/methods/mirostat.h"
#include "evaluators/reasoning/methods/self_consistency.h"
#include "evaluators/reasoning/methods/temperature.h"
#include "evaluators/reasoning/methods/top_h.h"
#include "evaluators/reasoning/methods/top_p.h"
#include "evaluators/reasoning/methods/typical.h"
#include "tests/evaluators/reasoning/methods/method_testing.h"

namespace entrobench {
namespace {

// What the most probable token at each step spells, without any method.
std::string ArgmaxText() {
  const FakeScript script = Babble();
  std::vector<Token> said;
  std::string text;
  while (said.size() < 60) {
    const std::vector<float> row = script.logits("question", said);
    const Token best = Distribution(row).argmax();
    if (best == 0) break;
    said.push_back(best);
    text += script.pieces[static_cast<size_t>(best)];
  }
  return text;
}

TEST(Limits, WhatIsGreedy) {
  const std::string greedy = ArgmaxText();
  ASSERT_GE(greedy.size(), 5u);
  EXPECT_EQ(SolvedText<Greedy>({}), greedy);
  EXPECT_EQ(SolvedText<TemperatureSampling>({{"temperature", RealValue(0)}}), greedy);
  EXPECT_EQ(SolvedText<TopP>({{"top_p", RealValue(0)}}), greedy);
  EXPECT_EQ(SolvedText<MinP>({{"min_p", RealValue(1)}}), greedy);
  EXPECT_EQ(SolvedText<SelfConsistency>({{"temperature", RealValue(0)}}), greedy);
  EXPECT_EQ(SolvedText<TopH>({{"alpha", RealValue(0)}}), greedy);
  EXPECT_EQ(SolvedText<TopH>({{"alpha", RealValue(0)}, {"variant", TextValue("released")}}),
            greedy);
  EXPECT_EQ(SolvedText<Edt>({{"theta", RealValue(10)}, {"n", RealValue(0.01)}}), greedy);
  EXPECT_EQ(SolvedText<Edt>({{"top_p", RealValue(0)}}), greedy);
  for (const int version : {1, 2}) {
    EXPECT_EQ(SolvedText<Mirostat>({{"version", IntegerValue(version)},
                                    {"convention", TextValue("llama.cpp")},
                                    {"tau", RealValue(0)}}),
              greedy);
  }
}

// Draws one number a token from the whole distribution, most probable first.
std::string PlainText(uint64_t stream, double temperature) {
  struct Plain final : Method {
    explicit Plain(double t) : temperature(t) {}
    Task<Answer> Solve(const Problem& problem, Generator& lm) const override {
      Sequence s = co_await lm.Prefill(problem.prompt);
      while (!s.done()) {
        const Token token = Candidates(s.distribution(), Temperature(temperature)).Sample(s.rng());
        co_await s.Append(token);
      }
      co_return Answer(s.text());
    }
    double temperature;
  };
  const auto model = NewFakeModel(Babble());
  return Solve(Plain(temperature), model.get(), stream).answer.text;
}

TEST(Limits, WhatIsPlainSampling) {
  const std::string greedy = ArgmaxText();
  int differ_from_greedy = 0;
  for (uint64_t stream = 0; stream < 10; ++stream) {
    const std::string plain = PlainText(stream, 1.0);
    differ_from_greedy += plain != greedy;
    EXPECT_EQ(SolvedText<TemperatureSampling>({}, stream), plain);
    EXPECT_EQ(SolvedText<TopP>({{"top_p", RealValue(1)}}, stream), plain);
    EXPECT_EQ(SolvedText<MinP>({{"min_p", RealValue(0)}}, stream), plain);
    EXPECT_EQ(SolvedText<Typical>({{"tau", RealValue(1)}}, stream), plain);
    EXPECT_EQ(SolvedText<Eta>({{"epsilon", RealValue(0)}}, stream), plain);
    EXPECT_EQ(SolvedText<TopH>({{"alpha", RealValue(1)}}, stream), plain);
    EXPECT_EQ(SolvedText<Edt>({{"theta", RealValue(0)}}, stream), plain);
    EXPECT_EQ(SolvedText<Mirostat>({{"version", IntegerValue(2)}, {"tau", RealValue(20)}}, stream),
              plain);
    // With all kept it does not matter when the temperature acts.
    const std::string warm = PlainText(stream, 1.7);
    EXPECT_EQ(SolvedText<TemperatureSampling>({{"temperature", RealValue(1.7)}}, stream), warm);
    for (const bool first : {true, false}) {
      EXPECT_EQ(SolvedText<Eta>({{"epsilon", RealValue(0)},
                                 {"temperature", RealValue(1.7)},
                                 {"temperature_first", BooleanValue(first)}},
                                stream),
                warm);
    }
  }
  EXPECT_GT(differ_from_greedy, 5);
}

TEST(Limits, ACutIsReportedInTheMetrics) {
  const auto model = NewFakeModel(Babble());
  const auto all = Make<TopH>({{"alpha", RealValue(1)}});
  const Answer kept_all = Solve(all, model.get()).answer;
  EXPECT_EQ(kept_all.metrics.at("kept_tokens"), 8);
  EXPECT_EQ(kept_all.metrics.at("kept_mass"), 1);
  const auto one = Make<TopH>({{"alpha", RealValue(0)}});
  const Answer kept_one = Solve(one, model.get()).answer;
  EXPECT_EQ(kept_one.metrics.at("kept_tokens"), 1);
  EXPECT_LT(kept_one.metrics.at("kept_mass"), 0.9);
}

}  // namespace
}  // namespace entrobench
