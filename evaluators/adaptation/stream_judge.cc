#include "evaluators/adaptation/stream_judge.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/series.h"
#include "evaluators/adaptation/suites/trial_metrics.h"

namespace entrobench {
namespace {

constexpr int kClean = -1;

int CorruptionOf(const StreamItem& item) {
  return item.request.severity == 0 ? kClean : item.request.corruption;
}

v1::Point MakePoint(const std::string& series, int64_t step, double value) {
  v1::Point point;
  point.set_series(series);
  point.set_step(static_cast<uint64_t>(step));
  point.set_value(value);
  return point;
}

}  // namespace

std::vector<Guess> GuessesOf(const Predictions& predictions) {
  std::vector<Guess> guesses(static_cast<size_t>(predictions.rows()));
  for (int i = 0; i < predictions.rows(); ++i) {
    if (!std::isfinite(predictions.entropy(i))) continue;  // spoilt
    const int top = predictions.top(i);
    guesses[static_cast<size_t>(i)] = {top, static_cast<float>(predictions.p(i, top))};
  }
  return guesses;
}

StreamJudge::StreamJudge(const ImageSource* source, const Stream* stream, int images)
    : source_(*source),
      stream_(*stream),
      records_(static_cast<size_t>(images)),
      watch_(static_cast<int>(source->class_names().size())) {}

void StreamJudge::Observe(const LoadedBatch& batch, const BatchOutcome& outcome,
                          absl::Duration took, const std::vector<Guess>& unadapted) {
  if (batch.domain_begins) EndWindow();
  const std::vector<Guess> guesses = GuessesOf(outcome.predictions);
  const double seconds = absl::ToDoubleSeconds(took);
  const auto images = static_cast<int64_t>(batch.items.size());
  for (size_t i = 0; i < batch.items.size(); ++i) {
    const StreamItem& item = batch.items[i];
    ObserveItem(item, guesses[i], outcome.predictions.entropy(static_cast<int>(i)), unadapted[i]);
    if (!item.unknown_pool) {
      records_[static_cast<size_t>(item.request.image)].seconds +=
          seconds / static_cast<double>(images);
    }
  }
  seen_ += images;
  kept_ += outcome.kept;
  passes_.forward += outcome.passes.forward;
  passes_.backward += outcome.passes.backward;
  window_.images += images;
  window_.kept += outcome.kept;
  window_.passes.forward += outcome.passes.forward;
  window_.passes.backward += outcome.passes.backward;
  window_.milliseconds += 1000 * seconds;
  if (outcome.restored) {
    ++restores_;
    AddPoint("restored", 1);
    watch_.Reset();
  }
  Watch(batch, guesses, unadapted, outcome.finite);
  if (window_.images >= kImagesPerPoint) EndWindow();
}

void StreamJudge::ObserveItem(const StreamItem& item, const Guess& guess, double entropy,
                              const Guess& unadapted) {
  if (std::isfinite(entropy)) {
    window_.entropy += entropy;
    ++window_.entropies;
  }
  if (item.label == kUnknownLabel) {
    unknown_confidences_.push_back(guess.confidence);
    return;
  }
  const bool right = guess.top == item.label;
  for (Count* count :
       {&known_, &window_.known, &by_corruption_[CorruptionOf(item)], &by_group_[item.group]}) {
    ++count->all;
    count->wrong += right ? 0 : 1;
  }
  by_background_ |= item.request.background != kNoBackground;
  if (guess.top >= 0) calibration_.Add(guess.confidence, right);
  if (unadapted.top >= 0) {
    unadapted_calibration_.Add(unadapted.confidence, unadapted.top == item.label);
  }
  known_confidences_.push_back(guess.confidence);
  Record& record = records_[static_cast<size_t>(item.request.image)];
  record.appearances.push_back({CorruptionOf(item), guess});
  record.right += right ? 1 : 0;
  record.unadapted_right += unadapted.top == item.label ? 1 : 0;
  if (std::isfinite(entropy)) {
    record.entropy += entropy;
    ++record.entropies;
  }
}

void StreamJudge::Watch(const LoadedBatch& batch, const std::vector<Guess>& guesses,
                        const std::vector<Guess>& unadapted, bool finite) {
  if (batch.domain_begins) watch_.Reset();
  std::vector<int> predicted, before, labels;
  for (size_t i = 0; i < guesses.size(); ++i) {
    predicted.push_back(guesses[i].top);
    before.push_back(unadapted[i].top);
    labels.push_back(batch.items[i].label);
  }
  if (!watch_.Observe(predicted, before, labels, finite)) return;
  if (collapses_++ == 0) collapsed_at_ = seen_;
  AddPoint("collapse", 1);
}

void StreamJudge::EndWindow() {
  if (window_.images == 0) return;
  if (window_.known.all > 0) {
    AddPoint("error", window_.known.error());
    AddPoint("online error", known_.error());
  }
  if (window_.entropies > 0) {
    AddPoint("entropy", window_.entropy / static_cast<double>(window_.entropies));
  }
  AddPoint("samples kept", static_cast<double>(window_.kept));
  AddPoint("forward passes", static_cast<double>(window_.passes.forward));
  AddPoint("backward passes", static_cast<double>(window_.passes.backward));
  AddPoint("milliseconds", window_.milliseconds);
  window_ = Window();
}

void StreamJudge::AddPoint(const std::string& series, double value) {
  points_.push_back(MakePoint(series, seen_, value));
}

std::vector<v1::Point> StreamJudge::TakePoints() { return std::exchange(points_, {}); }

std::vector<v1::Point> StreamJudge::Summary() {
  EndWindow();
  std::vector<v1::Point> summary = TakePoints();
  const auto add = [&](absl::string_view name, double value) {
    summary.push_back(MakePoint(SummarySeries(name), 0, value));
  };
  double errors = 0;
  for (const auto& [corruption, count] : by_corruption_) {
    errors += count.error();
    add(absl::StrCat(kGroupErrorPrefix, CorruptionName(corruption)), count.error());
  }
  add(kMeanCorruptionError, errors / static_cast<double>(by_corruption_.size()));
  double gain = 0;
  for (const Record& record : records_) {
    gain +=
        (record.right - record.unadapted_right) / static_cast<double>(record.appearances.size());
  }
  add(kGainOverSource, gain / static_cast<double>(records_.size()));
  add(kCalibrationError, calibration_.value());
  add(kSourceCalibrationError, unadapted_calibration_.value());
  const auto seen = static_cast<double>(seen_);
  const double forward = static_cast<double>(passes_.forward) / seen;
  const double backward = static_cast<double>(passes_.backward) / seen;
  add(kCost, forward + 2 * backward);
  add(kForwardPasses, forward);
  add(kBackwardPasses, backward);
  add(kShareKept, static_cast<double>(kept_) / seen);
  add(kRestores, static_cast<double>(restores_));
  add(kCollapses, static_cast<double>(collapses_));
  add(kCollapsed, collapses_ > 0 ? 1 : 0);
  if (collapses_ > 0) add(kCollapsedAt, static_cast<double>(collapsed_at_));
  if (!unknown_confidences_.empty())
    add(kUnknownAuroc, UnknownAuroc(std::move(known_confidences_), unknown_confidences_));
  if (by_background_) {
    double worst = 0;
    for (const auto& [group, count] : by_group_) {
      worst = std::max(worst, count.error());
      add(absl::StrCat(kBackgroundErrorPrefix, stream_.groups()[static_cast<size_t>(group)]),
          count.error());
    }
    add(kWorstGroup, 1 - worst);
  }
  return summary;
}

std::string StreamJudge::CorruptionName(int corruption) const {
  return corruption == kClean ? "clean" : source_.corruptions()[static_cast<size_t>(corruption)];
}

// "Shirt", or "Shirt 9 times of 15".
std::string StreamJudge::AnswerOf(const Record& record) const {
  std::map<int, int> counts;
  for (const Appearance& appearance : record.appearances) ++counts[appearance.guess.top];
  const auto most =
      std::max_element(counts.begin(), counts.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  const std::string name =
      most->first < 0 ? "nothing" : source_.class_names()[static_cast<size_t>(most->first)];
  if (counts.size() == 1) return name;
  return absl::StrCat(name, " ", most->second, " times of ", record.appearances.size());
}

std::vector<v1::SampleResult> StreamJudge::Samples() const {
  std::vector<v1::SampleResult> samples;
  for (size_t image = 0; image < records_.size(); ++image) {
    const Record& record = records_[image];
    const auto appearances = static_cast<double>(record.appearances.size());
    const std::string& label = source_.class_names()[static_cast<size_t>(source_.labels()[image])];
    v1::SampleResult& sample = samples.emplace_back();
    sample.set_sample_id(image);
    sample.set_score(record.right / appearances);
    sample.set_answer(AnswerOf(record));
    sample.set_mean_entropy(record.entropy / std::max(record.entropies, 1));
    sample.set_seconds(record.seconds);
    sample.set_group(label);
    v1::SamplePayload* payload = sample.mutable_payload();
    payload->set_question(absl::StrCat("test image ", image));
    payload->set_gold(label);
    payload->set_judgement(absl::StrCat("right ", record.right, " times of ", appearances));
    for (const Appearance& appearance : record.appearances) {
      const Guess& guess = appearance.guess;
      (*payload->mutable_notes())[CorruptionName(appearance.corruption)] =
          guess.top < 0
              ? "nothing: the logits are no numbers"
              : absl::StrFormat("%s, %.2f", source_.class_names()[static_cast<size_t>(guess.top)],
                                guess.confidence);
    }
  }
  return samples;
}

}  // namespace entrobench
