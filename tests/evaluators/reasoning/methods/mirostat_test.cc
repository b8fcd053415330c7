#include "evaluators/reasoning/methods/mirostat.h"

#include "tests/evaluators/reasoning/methods/method_testing.h"

namespace entrobench {
namespace {

Mirostat MakeMirostat(int version, const std::string& convention, double tau, double eta) {
  return Make<Mirostat>({{"version", IntegerValue(version)},
                         {"convention", TextValue(convention)},
                         {"tau", RealValue(tau)},
                         {"eta", RealValue(eta)}});
}

TEST(Mirostat, Version1WorkedNumbers) {
  const Distribution p5(P5());
  const Candidates p(p5);
  EXPECT_NEAR(Mirostat::ZipfExponent(p, 4), 1.316020, 1e-6);
  EXPECT_NEAR(Mirostat::ZipfExponent(p, 100), 1.316020, 1e-6);  // there are no more
  EXPECT_NEAR(Mirostat::KeptCount(1.316020, 2, 5), 2.403334, 1e-5);

  const Mirostat authors = MakeMirostat(1, "authors", 1, 1);
  const Mirostat llama = MakeMirostat(1, "llama.cpp", 1, 1);
  EXPECT_EQ(authors.FirstMu(), 2);
  EXPECT_EQ(authors.Truncate(p5, 2).size(), 3);
  EXPECT_EQ(llama.Truncate(p5, 2).size(), 2);

  // Token 2 of the formulas drawn from 3 kept: 2.321928 bits before, 2.087463 after renormalising.
  Candidates three(p5);
  three.KeepTop(3);
  EXPECT_NEAR(authors.NextMu(2, three, 1), 0.678072, 1e-6);
  EXPECT_NEAR(llama.NextMu(2, three, 1), 0.912537, 1e-6);
  EXPECT_NEAR(MakeMirostat(1, "authors", 1, 0.1).NextMu(2, three, 1), 1.867807, 1e-6);
  EXPECT_NEAR(MakeMirostat(1, "llama.cpp", 1, 0.1).NextMu(2, three, 1), 1.891254, 1e-6);
}

TEST(Mirostat, Version2WorkedNumbers) {
  const Distribution p5(P5());
  const Mirostat authors = MakeMirostat(2, "authors", 1.25, 0.1),
                 llama = MakeMirostat(2, "llama.cpp", 1.25, 0.1);
  EXPECT_EQ(authors.FirstMu(), 2.5);
  const Candidates kept = authors.Truncate(p5, 2.5);
  ExpectKept(kept, {0, 1}, {0.714286, 0.285714});
  EXPECT_NEAR(llama.NextMu(2.5, kept, 1), 2.444265, 1e-6);
  EXPECT_NEAR(authors.NextMu(2.5, kept, 1), 2.392807, 1e-6);
}

TEST(Mirostat, KeptCountStaysInRangeAndIsContinuousAtExponentOne) {
  for (const double s : {-2.0, 0.0, 0.001, 0.5, 0.9999, 1.0, 1.0001, 3.0, 1e9, HUGE_VAL}) {
    for (const double mu : {-50.0, 0.0, 3.0, 40.0, 2000.0}) {
      for (const int n : {1, 2, 50000}) {
        const double k = Mirostat::KeptCount(s, mu, n);
        EXPECT_GE(k, 1) << s << " " << mu << " " << n;
        EXPECT_LE(k, n) << s << " " << mu << " " << n;
      }
    }
  }
  EXPECT_NEAR(Mirostat::KeptCount(1 + 1.01e-4, 6, 50000),
              Mirostat::KeptCount(1 + 0.99e-4, 6, 50000), 0.05);
}

TEST(Mirostat, AWiderBoundNeverKeepsFewer) {
  Random rng(37, 0);
  for (int round = 0; round < 200; ++round) {
    const std::vector<float> logits = RandomRow(rng);
    const Distribution distribution(logits);
    const double mu = 12 * rng.Uniform();
    for (const int version : {1, 2}) {
      for (const char* convention : {"authors", "llama.cpp"}) {
        const Mirostat method = MakeMirostat(version, convention, 3, 1);
        EXPECT_LE(method.Truncate(distribution, mu).size(),
                  method.Truncate(distribution, mu + 0.5).size());
      }
    }
    const Candidates kept = MakeMirostat(2, "authors", 3, 1).Truncate(distribution, mu);
    for (int i = 1; i < kept.size(); ++i) EXPECT_LE(-std::log2(kept.p(i)), mu + 1e-9);
  }
}

// Over a model that always says the same row, mu must end where the drawn tokens' own surprises
// lead it from 2 tau: it lives through the sequence. The second problem on the same Method starts
// from 2 tau again.
TEST(Mirostat, MuLivesThroughASequenceAndBeginsAnewWithTheNext) {
  const std::vector<double> p = {0.02, 0.4, 0.2, 0.2, 0.1, 0.05, 0.03};
  FakeScript script;
  script.pieces = {"", "a", "b", "c", "d", "e", "f"};
  script.logits = [&p](absl::string_view, absl::Span<const Token>) { return LogitsOf(p); };
  const auto model = NewFakeModel(script);
  const Mirostat method = MakeMirostat(2, "authors", 1.6, 0.3);
  int tokens = 0;
  for (const uint64_t stream : {1u, 2u, 3u}) {
    const Solved solved = Solve(method, model.get(), stream);
    double mu = 2 * 1.6;
    for (const Token token : solved.usage.branches.at(0).generation.tokens) {
      mu -= 0.3 * (-std::log2(p[static_cast<size_t>(token)]) - 1.6);
      ++tokens;
    }
    EXPECT_NEAR(solved.answer.metrics.at("final_mu_bits"), mu, 1e-5);
  }
  EXPECT_GT(tokens, 10);
}

}  // namespace
}  // namespace entrobench
