// The protocols: what comes in which order, and where a method starts afresh.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "evaluators/adaptation/streams/stream.h"

namespace entrobench {

// What a protocol arranges. See ImageSource for the first three.
struct StreamInput {
  absl::Span<const int> labels;
  absl::Span<const std::string> class_names;
  absl::Span<const std::string> corruptions;
  int unknown_images = 0;  // pictures of the second source
};

struct StreamOptions {
  std::string protocol = "iid";  // an id of Protocols()
  uint64_t seed = 0;
  int batch_size = 64;                   // 1 to 4096
  int severity = kSeverities;            // 0: clean pictures, in one domain
  std::vector<std::string> corruptions;  // in this order; none: all, in the source's order
  double concentration = 0.1;            // imbalanced: of the Dirichlet distribution; 0.01 to 1000
  double unknown_share = 0.3;            // open-set: of the second source's pictures; 0 to 0.9
  double aligned_before = 0.95;  // biased: share of pictures on their class's background, until
  double aligned_after = 0.5;    // the break, and from then on; 0 to 1
  double break_at = 0.5;         // biased, drift: where, as a share of the stream; 0 to 1
  int new_class = -1;            // drift: the one that appears; -1: the last
};

struct Protocol {
  absl::string_view id;
  absl::string_view summary;  // one sentence for people
};

// clang-format off
//   iid         Each corruption is a domain that begins with a reset; each picture comes once in it.
//   continual   As iid, but no reset between corruptions.
//   mixed       One domain with every picture in every corruption, all shuffled together.
//   imbalanced  As iid, but not shuffled evenly: the domain is cut into as many stretches as there
//               are classes, and each class is spread over them by a Dirichlet draw. A small
//               concentration puts a class into one stretch; a large one gives iid.
//   batch1      As iid, one picture a batch.
//   open-set    As iid, with pictures of the second source shuffled in at `unknown_share`,
//               corrupted like the others. None of them comes twice in a domain.
//   biased      As iid, but each picture gets a background. Until the break `aligned_before` of each
//               class have the one that goes with it (AlignedBackground), then `aligned_after`.
//               Groups are class x background.
//   drift       As continual, and severity climbs from 1 to `severity` within each corruption; no
//               picture of the new class comes before the break of the whole stream. The corruption
//               in which the break lies shows all of them behind it.
// clang-format on
absl::Span<const Protocol> Protocols();

int BatchSizeOf(const StreamOptions& options);  // 1 in batch1, whatever the option says

// How many of the second source's pictures an open-set stream wants beside `known` others.
int UnknownImagesOf(size_t known, double share);

// The stream depends on nothing but its arguments. InvalidArgument says which option is wrong and
// what it may be.
absl::StatusOr<Stream> MakeStream(const StreamInput& input, const StreamOptions& options);

// The spurious background that goes with a class, in [0, kBackgrounds).
int AlignedBackground(int label);

}  // namespace entrobench
