#include "evaluators/adaptation/streams/protocols.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/random.h"
#include "common/shuffle.h"
#include "common/status_macros.h"
#include "evaluators/adaptation/streams/dirichlet.h"

namespace entrobench {
namespace {

constexpr int kMaxBatch = 4096;

// What the protocols share: the options with their defaults filled in, and items made from them.
class Plan {
 public:
  Plan(const StreamInput& input, const StreamOptions& options, std::vector<int> corruptions)
      : input_(input), options_(options), corruptions_(std::move(corruptions)) {
    images_.resize(input.labels.size());
    std::iota(images_.begin(), images_.end(), 0);
  }

  const StreamInput& input() const { return input_; }
  const StreamOptions& options() const { return options_; }
  int classes() const { return static_cast<int>(input_.class_names.size()); }

  // Indexes into the source's corruptions: the domains, in order. For clean pictures one, 0.
  const std::vector<int>& corruptions() const { return corruptions_; }
  const std::vector<int>& images() const { return images_; }

  // A stream of random numbers for one purpose and domain.
  Random RandomOf(absl::string_view purpose, int domain) const {
    return Random(options_.seed, MixBits(HashBytes(purpose), static_cast<uint64_t>(domain)));
  }

  // images(), in a random order of the domain's own.
  std::vector<int> Shuffled(int corruption) const {
    std::vector<int> images = images_;
    Random random = RandomOf("order", corruption);
    Shuffle(images, random);
    return images;
  }

  StreamItem Item(int image, int corruption) const {
    StreamItem item;
    item.request = {image, corruption, options_.severity, kNoBackground};
    item.label = input_.labels[static_cast<size_t>(image)];
    item.group = corruption;
    return item;
  }

 private:
  const StreamInput& input_;
  const StreamOptions& options_;
  const std::vector<int> corruptions_;
  std::vector<int> images_;
};

void AddDomains(const Plan& plan, bool reset, StreamBuilder* stream) {
  for (const int corruption : plan.corruptions()) {
    stream->BeginDomain(reset);
    for (const int image : plan.Shuffled(corruption)) stream->Add(plan.Item(image, corruption));
  }
}

void Iid(const Plan& plan, StreamBuilder* stream) { AddDomains(plan, /*reset=*/true, stream); }

void Continual(const Plan& plan, StreamBuilder* stream) {
  AddDomains(plan, /*reset=*/false, stream);
}

void Mixed(const Plan& plan, StreamBuilder* stream) {
  std::vector<std::pair<int, int>> all;  // image, corruption
  for (const int corruption : plan.corruptions()) {
    for (const int image : plan.images()) all.emplace_back(image, corruption);
  }
  Random random = plan.RandomOf("mixed", 0);
  Shuffle(all, random);
  for (const auto& [image, corruption] : all) stream->Add(plan.Item(image, corruption));
}

void Imbalanced(const Plan& plan, StreamBuilder* stream) {
  const size_t stretches = static_cast<size_t>(plan.classes());
  for (const int corruption : plan.corruptions()) {
    std::vector<std::vector<int>> by_class(stretches);
    for (const int image : plan.Shuffled(corruption)) {
      by_class[static_cast<size_t>(plan.input().labels[static_cast<size_t>(image)])].push_back(
          image);
    }
    Random random = plan.RandomOf("imbalanced", corruption);
    std::vector<std::vector<int>> by_stretch(stretches);
    for (const std::vector<int>& images : by_class) {
      const std::vector<double> share =
          Dirichlet(plan.classes(), plan.options().concentration, random);
      const double size = static_cast<double>(images.size());
      double cumulative = 0;
      size_t next = 0;
      for (size_t i = 0; i < stretches; ++i) {
        cumulative += share[i];
        const size_t end = i + 1 == stretches
                               ? images.size()
                               : static_cast<size_t>(std::llround(cumulative * size));
        for (; next < std::min(end, images.size()); ++next) by_stretch[i].push_back(images[next]);
      }
    }
    stream->BeginDomain(/*reset=*/true);
    for (std::vector<int>& stretch : by_stretch) {
      Shuffle(stretch, random);
      for (const int image : stretch) stream->Add(plan.Item(image, corruption));
    }
  }
}

void OpenSet(const Plan& plan, StreamBuilder* stream) {
  for (const int corruption : plan.corruptions()) {
    std::vector<StreamItem> items;
    for (const int image : plan.images()) items.push_back(plan.Item(image, corruption));
    Random random = plan.RandomOf("open-set", corruption);
    std::vector<int> pool = ShuffledRange(plan.input().unknown_images, random);
    pool.resize(static_cast<size_t>(UnknownImagesOf(items.size(), plan.options().unknown_share)));
    for (const int image : pool) {
      StreamItem item;
      item.request = {image, corruption, plan.options().severity, kNoBackground};
      item.unknown_pool = true;
      item.label = kUnknownLabel;
      item.group = corruption;
      items.push_back(item);
    }
    Shuffle(items, random);
    stream->BeginDomain(/*reset=*/true);
    for (const StreamItem& item : items) stream->Add(item);
  }
}

void Biased(const Plan& plan, StreamBuilder* stream) {
  const StreamOptions& options = plan.options();
  for (const int corruption : plan.corruptions()) {
    const std::vector<int> images = plan.Shuffled(corruption);
    const size_t broken =
        static_cast<size_t>(std::llround(options.break_at * static_cast<double>(images.size())));
    stream->BeginDomain(/*reset=*/true);
    for (const auto& [begin, end, aligned] :
         {std::tuple(size_t{0}, broken, options.aligned_before),
          std::tuple(broken, images.size(), options.aligned_after)}) {
      // Of each class, picture i is aligned where the count of aligned ones, i * share, gains one:
      // the share is exact to one picture, and the order, random already, spreads it evenly.
      std::vector<int64_t> seen(static_cast<size_t>(plan.classes()));
      for (size_t i = begin; i < end; ++i) {
        const int label = plan.input().labels[static_cast<size_t>(images[i])];
        const auto count = static_cast<double>(seen[static_cast<size_t>(label)]++);
        const bool matches =
            std::floor((count + 1) * aligned + 1e-9) > std::floor(count * aligned + 1e-9);
        StreamItem item = plan.Item(images[i], corruption);
        item.request.background = (AlignedBackground(label) + (matches ? 0 : 1)) % kBackgrounds;
        item.group = label * kBackgrounds + item.request.background;
        stream->Add(item);
      }
    }
  }
}

// No picture of `new_class` among the first `places` of a domain's `images`: those come later, or
// not at all in a domain without later places.
void HoldBack(const Plan& plan, int new_class, size_t places, int corruption,
              std::vector<int>* images) {
  if (places == 0) return;
  const auto is_old = [&](int image) {
    return plan.input().labels[static_cast<size_t>(image)] != new_class;
  };
  if (places >= images->size()) {
    std::erase_if(*images, [&](int image) { return !is_old(image); });
    return;
  }
  const auto behind = std::stable_partition(images->begin(), images->end(), is_old);
  const size_t first =
      std::min(places, static_cast<size_t>(std::distance(images->begin(), behind)));
  std::vector<int> later(images->begin() + static_cast<ptrdiff_t>(first), images->end());
  Random random = plan.RandomOf("drift", corruption);
  Shuffle(later, random);
  std::copy(later.begin(), later.end(), images->begin() + static_cast<ptrdiff_t>(first));
}

void Drift(const Plan& plan, StreamBuilder* stream) {
  const StreamOptions& options = plan.options();
  const int new_class = options.new_class < 0 ? plan.classes() - 1 : options.new_class;
  const size_t total = plan.corruptions().size() * plan.images().size();
  const auto breaks = static_cast<size_t>(std::ceil(options.break_at * static_cast<double>(total)));
  size_t place = 0;
  for (const int corruption : plan.corruptions()) {
    std::vector<int> images = plan.Shuffled(corruption);
    HoldBack(plan, new_class, breaks - std::min(breaks, place), corruption, &images);
    place += plan.images().size();
    stream->BeginDomain(/*reset=*/false);
    for (size_t i = 0; i < images.size(); ++i) {
      StreamItem item = plan.Item(images[i], corruption);
      const size_t steps = static_cast<size_t>(options.severity);
      if (steps > 0) item.request.severity = static_cast<int>(1 + i * steps / images.size());
      stream->Add(item);
    }
  }
}

struct Entry {
  Protocol protocol;
  void (*plan)(const Plan& plan, StreamBuilder* stream);
};

constexpr Entry kEntries[] = {
    {{"iid", "each corruption on its own, shuffled, with a reset before it"}, Iid},
    {{"continual", "all corruptions in turn, without a reset"}, Continual},
    {{"mixed", "all corruptions shuffled together"}, Mixed},
    {{"imbalanced", "classes come in stretches, by a Dirichlet draw (label shift)"}, Imbalanced},
    {{"batch1", "one image a batch"}, Iid},
    {{"open-set", "images of no known class are mixed in"}, OpenSet},
    {{"biased", "a background goes with the class, until it no longer does"}, Biased},
    {{"drift", "severity climbs and a new class appears"}, Drift},
};

absl::Status Within(absl::string_view option, double value, double least, double most) {
  if (value >= least && value <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(option, " is ", value, "; expected ", least, " to ", most));
}

absl::Status CheckOptions(const StreamInput& input, const StreamOptions& options) {
  if (input.labels.empty()) return absl::InvalidArgumentError("the data set has no image");
  const double classes = static_cast<double>(input.class_names.size());
  EB_RETURN_IF_ERROR(Within("batch_size", options.batch_size, 1, kMaxBatch));
  EB_RETURN_IF_ERROR(Within("severity", options.severity, 0, kSeverities));
  EB_RETURN_IF_ERROR(Within("concentration", options.concentration, 0.01, 1000));
  EB_RETURN_IF_ERROR(Within("unknown_share", options.unknown_share, 0, 0.9));
  EB_RETURN_IF_ERROR(Within("aligned_before", options.aligned_before, 0, 1));
  EB_RETURN_IF_ERROR(Within("aligned_after", options.aligned_after, 0, 1));
  EB_RETURN_IF_ERROR(Within("break_at", options.break_at, 0, 1));
  EB_RETURN_IF_ERROR(Within("new_class", options.new_class, -1, classes - 1));
  for (const int label : input.labels) EB_RETURN_IF_ERROR(Within("a label", label, 0, classes - 1));
  return absl::OkStatus();
}

absl::Status CheckUnknown(const StreamInput& input, const StreamOptions& options) {
  const size_t known = input.labels.size();
  const int wanted = UnknownImagesOf(known, options.unknown_share);
  if (wanted <= input.unknown_images) return absl::OkStatus();
  if (input.unknown_images == 0) {
    return absl::InvalidArgumentError("the open-set stream needs a second set of images");
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "unknown_share ", options.unknown_share, " beside ", known, " images takes ", wanted,
      " unknown ones; there are ", input.unknown_images, ": lower unknown_share"));
}

absl::StatusOr<std::vector<int>> Domains(const StreamInput& input, const StreamOptions& options) {
  if (options.severity == 0) return std::vector<int>{0};
  if (input.corruptions.empty()) {
    return absl::InvalidArgumentError("the data set has no corruption; severity can only be 0");
  }
  std::vector<int> domains;
  if (options.corruptions.empty()) {
    domains.resize(input.corruptions.size());
    std::iota(domains.begin(), domains.end(), 0);
  }
  for (const std::string& name : options.corruptions) {
    const auto found = std::find(input.corruptions.begin(), input.corruptions.end(), name);
    const int index = static_cast<int>(found - input.corruptions.begin());
    if (found == input.corruptions.end()) {
      return absl::InvalidArgumentError(absl::StrCat("there is no corruption '", name,
                                                     "'; expected ",
                                                     absl::StrJoin(input.corruptions, ", ")));
    }
    if (std::find(domains.begin(), domains.end(), index) != domains.end()) {
      return absl::InvalidArgumentError(absl::StrCat("corruption '", name, "' is named twice"));
    }
    domains.push_back(index);
  }
  return domains;
}

std::vector<std::string> GroupNames(const StreamInput& input, const StreamOptions& options) {
  std::vector<std::string> groups;
  if (options.protocol == "biased") {
    for (const std::string& name : input.class_names) {
      for (int b = 0; b < kBackgrounds; ++b) groups.push_back(absl::StrCat(name, "/", b));
    }
  } else if (options.severity == 0) {
    groups = {"clean"};
  } else {
    groups.assign(input.corruptions.begin(), input.corruptions.end());
  }
  return groups;
}

}  // namespace

absl::Span<const Protocol> Protocols() {
  static const std::vector<Protocol>* const protocols = [] {
    auto* all = new std::vector<Protocol>;
    for (const Entry& entry : kEntries) all->push_back(entry.protocol);
    return all;
  }();
  return *protocols;
}

int BatchSizeOf(const StreamOptions& options) {
  return options.protocol == "batch1" ? 1 : options.batch_size;
}

int UnknownImagesOf(size_t known, double share) {
  return static_cast<int>(std::lround(static_cast<double>(known) * share / (1 - share)));
}

absl::StatusOr<Stream> MakeStream(const StreamInput& input, const StreamOptions& options) {
  const auto* entry = std::find_if(std::begin(kEntries), std::end(kEntries), [&](const Entry& e) {
    return e.protocol.id == options.protocol;
  });
  if (entry == std::end(kEntries)) {
    return absl::InvalidArgumentError(
        absl::StrCat("there is no stream '", options.protocol, "'; expected ",
                     absl::StrJoin(kEntries, ", ", [](std::string* out, const Entry& e) {
                       absl::StrAppend(out, e.protocol.id);
                     })));
  }
  EB_RETURN_IF_ERROR(CheckOptions(input, options));
  if (options.protocol == "open-set") EB_RETURN_IF_ERROR(CheckUnknown(input, options));
  EB_ASSIGN_OR_RETURN(std::vector<int> domains, Domains(input, options));
  const Plan plan(input, options, std::move(domains));
  StreamBuilder builder(BatchSizeOf(options), GroupNames(input, options));
  entry->plan(plan, &builder);
  return std::move(builder).Build();
}

int AlignedBackground(int label) { return label % kBackgrounds; }

}  // namespace entrobench
