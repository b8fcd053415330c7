// 95% confidence intervals for a mean score in [0, 1].
#pragma once

namespace entrobench {

struct ScoreInterval {
  double low = 0;
  double high = 1;
};

// Wilson's score interval (Wilson, "Probable Inference", JASA 1927) for a mean of `n` independent
// samples; `n` need not be whole (an effective size). For scores between 0 and 1 that are no
// right-or-wrong it is too wide, never too narrow: their variance is at most mean (1 - mean). n <=
// 0 gives [0, 1]; a mean outside [0, 1] counts as the nearer end.
ScoreInterval WilsonInterval(double mean, double n);

}  // namespace entrobench
