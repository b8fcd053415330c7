// The judge of one trial: the only one who sees labels. Turns predictions, batch by batch, into
// curves while the stream runs, and into the trial's numbers and a result for each image at its
// end.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "entrobench/v1/result.pb.h"
#include "evaluators/adaptation/adaptation_run.h"
#include "evaluators/adaptation/collapse_watch.h"
#include "evaluators/adaptation/confidence.h"
#include "evaluators/adaptation/data/image_source.h"
#include "evaluators/adaptation/predictions.h"
#include "evaluators/adaptation/streams/batch_loader.h"

namespace entrobench {

// What a network says an image shows.
struct Guess {
  int top = -1;          // class; -1: its logits are no numbers
  float confidence = 0;  // the largest probability
};

std::vector<Guess> GuessesOf(const Predictions& predictions);

// Curves have a point for each batch, or for as many of a domain as make kImagesPerPoint images.
inline constexpr int kImagesPerPoint = 64;

class StreamJudge {
 public:
  // `images`: how many of the source's, each of which comes at least once. Both outlive this.
  StreamJudge(const ImageSource* source, const Stream* stream, int images);

  // The next batch of the stream, with what the method made of it in `took`, and what the unadapted
  // network says of it.
  void Observe(const LoadedBatch& batch, const BatchOutcome& outcome, absl::Duration took,
               const std::vector<Guess>& unadapted);

  // Points of the curves since the last call. The step is the number of images seen.
  //   error, online error   of the point's images, and of all so far; unknown ones do not count
  //   entropy               mean of the predictions', nats
  //   samples kept, forward passes, backward passes, milliseconds   sums, passes in images
  //   collapse, restored    1 where it happened, else no point
  std::vector<v1::Point> TakePoints();

  // After the last batch: one point for each of trial_metrics.h that there is.
  std::vector<v1::Point> Summary();

  // After the last batch: image by image. The score is the share of its appearances that were
  // predicted rightly, the group its class; the payload says what each appearance was taken for.
  std::vector<v1::SampleResult> Samples() const;

 private:
  struct Appearance {
    int corruption;  // -1: clean
    Guess guess;
  };
  struct Record {  // of an image
    std::vector<Appearance> appearances;
    int right = 0;
    int unadapted_right = 0;
    double entropy = 0;  // sum over the appearances that have one
    int entropies = 0;
    double seconds = 0;
  };
  struct Count {
    int64_t all = 0;
    int64_t wrong = 0;
    double error() const { return static_cast<double>(wrong) / static_cast<double>(all); }
  };
  struct Window {
    int64_t images = 0;
    Count known;
    double entropy = 0;
    int64_t entropies = 0;
    int64_t kept = 0;
    Passes passes;
    double milliseconds = 0;
  };

  void ObserveItem(const StreamItem& item, const Guess& guess, double entropy,
                   const Guess& unadapted);
  void Watch(const LoadedBatch& batch, const std::vector<Guess>& guesses,
             const std::vector<Guess>& unadapted, bool finite);
  void EndWindow();
  void AddPoint(const std::string& series, double value);
  std::string CorruptionName(int corruption) const;
  std::string AnswerOf(const Record& record) const;

  const ImageSource& source_;
  const Stream& stream_;
  std::vector<Record> records_;  // by image
  std::vector<v1::Point> points_;
  Window window_;

  int64_t seen_ = 0;  // images, unknown ones too
  Count known_;
  std::map<int, Count> by_corruption_;
  std::map<int, Count> by_group_;
  CalibrationError calibration_, unadapted_calibration_;
  std::vector<float> known_confidences_, unknown_confidences_;
  bool by_background_ = false;
  Passes passes_;
  int64_t kept_ = 0;
  int64_t restores_ = 0;
  CollapseWatch watch_;
  int64_t collapses_ = 0;
  int64_t collapsed_at_ = 0;
};

}  // namespace entrobench
