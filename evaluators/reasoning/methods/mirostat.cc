#include "evaluators/reasoning/methods/mirostat.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "evaluators/reasoning/methods/sample_with.h"

namespace entrobench {

Mirostat::Mirostat(const Params& params)
    : version_(params.integer("version")),
      authors_(params.text("convention") == "authors"),
      tau_(params.real("tau")),
      eta_(params.real("eta")),
      m_(params.integer("m")),
      temperature_(TemperatureOf(params)) {}

double Mirostat::ZipfExponent(const Candidates& p, int ratios) {
  double tb = 0, tt = 0;
  for (int i = 1; i <= ratios && i < p.size() && p.p(i) > 0; ++i) {
    const double t = std::log((i + 1.0) / i);
    const double b = p.surprisal(i) - p.surprisal(i - 1);
    tb += t * b;
    tt += t * t;
  }
  return tb / tt;
}

double Mirostat::KeptCount(double s, double mu, int n) {
  const double e = s - 1;
  const double base =
      std::abs(e) < 1e-4 ? std::exp2(mu) / std::log(n) : e * std::exp2(mu) / (1 - std::pow(n, -e));
  const double k = std::pow(base, 1 / s);
  return k >= 1 ? std::min(k, static_cast<double>(n)) : 1.0;  // no number: 1
}

Candidates Mirostat::Truncate(const Distribution& distribution, double mu) const {
  Candidates p(distribution, temperature_);
  if (version_ == 2) {
    int k = 1;
    while (k < p.size() && p.surprisal(k) / std::numbers::ln2 <= mu) ++k;
    p.KeepTop(k);
    return p;
  }
  const double s = ZipfExponent(p, authors_ ? m_ : m_ - 1);
  const double k = KeptCount(s, mu, p.vocabulary_size());
  p.KeepTop(authors_ ? static_cast<int>(std::round(k)) + 1 : static_cast<int>(k));
  return p;
}

double Mirostat::NextMu(double mu, const Candidates& kept, int drawn) const {
  const double surprise =
      authors_ ? kept.surprisal(drawn) / std::numbers::ln2 : -std::log2(kept.q(drawn));
  return mu - eta_ * (surprise - tau_);
}

Task<Answer> Mirostat::Solve(const Problem& problem, Generator& lm) const {
  double mu = FirstMu();
  Sequence s = co_await lm.Prefill(problem.prompt);
  while (!s.done()) {
    const Candidates kept = Truncate(s.distribution(), mu);
    const int drawn = kept.Draw(s.rng());
    const Token token = kept.token(drawn);
    mu = NextMu(mu, kept, drawn);
    co_await s.Append(token);
  }
  Answer answer(s.text());
  answer.metrics["final_mu_bits"] = mu;
  co_return answer;
}

MethodEntry Mirostat::Entry() {
  return MethodBuilder<Mirostat>("mirostat", "1")
      .Title("Mirostat")
      .Paper("Mirostat: A Neural Text Decoding Algorithm that Directly Controls Perplexity",
             "Sourya Basu, Govardana Sachitanandam Ramachandran, Nitish Shirish Keskar, Lav R. "
             "Varshney",
             2020, "https://arxiv.org/abs/2007.14966")
      .Summary(
          "Holds the surprise of the generated text at a target by feedback on how many tokens are "
          "kept.")
      .Equation(
          R"(\mu_{t+1} = \mu_t - \eta\,(S_t - \tau), \quad k = \left(\frac{(s-1)\,2^{\mu}}{1 - N^{1-s}}\right)^{1/s})")
      .Integer("version", 1, 1, 2,
               "1: top k by Zipf's law; 2: every token with a surprise up to mu")
      .Choice("convention", "authors", {"authors", "llama.cpp"},
              "how tokens are counted and surprise is measured; tau and eta are usually 5.0 and "
              "0.1 with llama.cpp")
      .Real("tau", 3.0, 0.0, 20.0, "target surprise, bits a token")
      .Real("eta", 1.0, 0.0, 10.0, "learning rate of mu")
      .Integer("m", 100, 2, 1000,
               "most probable tokens that Zipf's exponent is estimated from (version 1)")
      .Real("temperature", 1.0, 0.05, 5.0, kTemperatureMeaning)
      .Boolean("temperature_first", true, kTemperatureFirstMeaning)
      .Needs(v1::CAPABILITY_STEP)
      .Cost("one sample")
      .Build();
}

}  // namespace entrobench
