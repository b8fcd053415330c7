#include "cli/sample_view.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "cli/format.h"
#include "cli/reference.h"
#include "cli/text_width.h"
#include "common/value.h"

namespace entrobench::cli {
namespace {

// Upper ends of the classes below the last.
constexpr double kLevelEnds[kEntropyLevels - 1] = {0.1, 0.5, 1, 2, 3};

// 256-colour backgrounds from pale yellow to red, under black letters: readable on dark and light
// terminals.
constexpr int kLevelColors[kEntropyLevels] = {0, 230, 228, 221, 208, 196};

constexpr int kNoLimit = 1 << 20;

// Text in which every character knows its shade.
struct Shaded {
  std::string bytes;
  char32_t code;
  int width;
  int level;
};

std::string Shade(int level, absl::string_view text) {
  return absl::StrCat("\x1b[38;5;16;48;5;", kLevelColors[level], "m", text, "\x1b[0m");
}

void Append(std::vector<Shaded>* text, absl::string_view piece, int level) {
  for (Character& character : Characters(Printable(piece, /*keep_newlines=*/true))) {
    text->push_back({std::move(character.bytes), character.code, character.width, level});
  }
}

// With colours the whole token is shaded; without, "{token:3}" names its level and blanks around it
// stay outside.
void AppendToken(std::vector<Shaded>* text, absl::string_view token, int level,
                 const Terminal& terminal) {
  if (level == 0) return Append(text, token, 0);
  if (terminal.colors) {
    for (const absl::string_view part : absl::StrSplit(token, absl::ByString("\n"))) {
      if (part.data() != token.data()) {  // a line break lies before this part
        Append(text, terminal.glyphs().line_break, level);
        Append(text, "\n", 0);
      }
      Append(text, part, level);
    }
    return;
  }
  size_t begin = 0, end = token.size();
  while (begin < end && token[begin] == ' ') ++begin;
  while (end > begin && (token[end - 1] == ' ' || token[end - 1] == '\n')) --end;
  if (begin == end) {  // nothing but blanks
    const bool line_break = token.find('\n') != absl::string_view::npos;
    Append(text,
           absl::StrCat("{", line_break ? terminal.glyphs().line_break : " ", ":", level, "}"), 0);
    return Append(text, token, 0);
  }
  Append(text, token.substr(0, begin), 0);
  Append(text, absl::StrCat("{", token.substr(begin, end - begin), ":", level, "}"), 0);
  Append(text, token.substr(end), 0);
}

// Lines of at most `width` columns, broken after a space where there is one.
std::vector<std::vector<Shaded>> Wrap(const std::vector<Shaded>& text, int width) {
  std::vector<std::vector<Shaded>> lines(1);
  int used = 0;
  for (const Shaded& character : text) {
    if (character.code == '\n') {
      lines.emplace_back();
      used = 0;
      continue;
    }
    if (used + character.width > width) {
      std::vector<Shaded>& line = lines.back();
      size_t cut = line.size();
      while (cut > 0 && line[cut - 1].code != ' ') --cut;
      std::vector<Shaded> rest;
      if (cut > 0 && character.code != ' ') {
        rest.assign(line.begin() + static_cast<long>(cut), line.end());
        line.resize(cut);
      }
      lines.push_back(std::move(rest));
      used = 0;
      for (const Shaded& moved : lines.back()) used += moved.width;
    }
    lines.back().push_back(character);
    used += character.width;
  }
  while (lines.size() > 1 && lines.back().empty()) lines.pop_back();
  return lines;
}

std::string Join(const std::vector<Shaded>& line) {
  size_t end = line.size();
  while (end > 0 && line[end - 1].code == ' ' && line[end - 1].level == 0) --end;
  std::string text;
  for (size_t i = 0; i < end;) {
    size_t j = i;
    std::string run;
    while (j < end && line[j].level == line[i].level) run += line[j++].bytes;
    text += line[i].level == 0 ? run : Shade(line[i].level, run);
    i = j;
  }
  return text;
}

std::string Legend(const Terminal& terminal) {
  std::vector<std::string> levels;
  for (int level = 1; level < kEntropyLevels; ++level) {
    const std::string range =
        level + 1 < kEntropyLevels
            ? absl::StrCat(kLevelEnds[level - 1], terminal.glyphs().dash, kLevelEnds[level])
            : absl::StrCat(kLevelEnds[level - 1], "+");
    levels.push_back(terminal.colors ? Shade(level, absl::StrCat(" ", range, " "))
                                     : absl::StrCat(level, ": ", range));
  }
  return absl::StrCat(
      terminal.colors ? "entropy before each token, nats: " : "{token:N} marks entropy, nats: ",
      absl::StrJoin(levels, terminal.colors ? " " : "  "));
}

class Page {
 public:
  Page(const v1::GetSampleReply& reply, const Terminal& terminal)
      : reply_(reply),
        terminal_(terminal),
        width_(terminal.width > 0 ? terminal.width : kNoLimit) {}

  std::string Build() {
    Head();
    Texts();
    Branches();
    Notes();
    Provenance();
    return std::move(page_);
  }

 private:
  void Line(absl::string_view text) { absl::StrAppend(&page_, text, "\n"); }
  void Title(absl::string_view text) {
    absl::StrAppend(&page_, "\n", terminal_.Paint(Style::kBold, text), "\n");
  }
  void Fact(absl::string_view name, absl::string_view value) {
    if (value.empty()) return;
    const int indent = std::max(13, static_cast<int>(name.size()) + 3);
    const std::string label = absl::StrCat("  ", name, std::string(indent - 2 - name.size(), ' '));
    bool first = true;
    for (const std::string& line : WrapToWidth(Printable(value, true), width_ - indent)) {
      Line(absl::StrCat(first ? terminal_.Paint(Style::kDim, label) : std::string(indent, ' '),
                        line));
      first = false;
    }
  }
  void Block(absl::string_view text) {
    for (const std::string& line : WrapToWidth(Printable(text, true), width_ - 2)) {
      Line(line.empty() ? "" : absl::StrCat("  ", line));
    }
  }

  void Head() {
    const v1::Trial& trial = reply_.trial().trial();
    const v1::SampleResult& sample = reply_.sample();
    const bool right = sample.score() >= 1;
    std::string verdict = right ? absl::StrCat(terminal_.glyphs().right, " right")
                                : absl::StrCat(terminal_.glyphs().wrong, " wrong");
    if (!sample.error().empty()) verdict = absl::StrCat(terminal_.glyphs().wrong, " error");
    if (sample.error().empty() && sample.score() > 0 && !right) {
      verdict = absl::StrCat("score ", FormatFixed(sample.score(), 3));
    }
    Line(absl::StrCat(terminal_.Paint(Style::kBold, absl::StrCat("Sample ", sample.sample_id(),
                                                                 " of ", TrialName(trial.id()))),
                      "  ", terminal_.Paint(right ? Style::kGood : Style::kBad, verdict)));
    Fact("method", MethodText(trial.method()));
    Fact("model", trial.model().name());
    std::string suite = trial.suite().id();
    if (!sample.group().empty()) absl::StrAppend(&suite, ", ", sample.group());
    Fact("suite", suite);
    Fact("error", sample.error());
  }

  void Texts() {
    const v1::SampleResult& sample = reply_.sample();
    const v1::SamplePayload& payload = sample.payload();
    if (!payload.question().empty()) {
      Title("Question");
      Block(payload.question());
    }
    Title("Answer");
    Fact("expected", payload.gold());
    Fact("given", sample.answer().empty() ? "(none found)" : sample.answer());
    Fact("judgement", payload.judgement());
    if (sample.has_confidence()) Fact("confidence", FormatFixed(sample.confidence(), 3));
    if (sample.generated_tokens() > 0 || sample.prompt_tokens() > 0) {
      Fact("entropy", absl::StrCat(FormatFixed(sample.mean_entropy(), 3), " nats a token"));
      Fact("logprob", absl::StrCat(FormatFixed(sample.mean_logprob(), 3), " nats a token"));
      Fact("tokens",
           absl::StrCat(FormatCount(sample.generated_tokens()), " generated after a prompt of ",
                        FormatCount(sample.prompt_tokens())));
    } else {  // no text: a classifier's answer
      Fact("entropy", absl::StrCat(FormatFixed(sample.mean_entropy(), 3), " nats an answer"));
    }
    if (sample.branches() > 1) Fact("branches", absl::StrCat(sample.branches()));
    Fact("compute", FormatTimeSpan(absl::Seconds(sample.seconds())));
    const std::map<std::string, double> metrics(sample.metrics().begin(), sample.metrics().end());
    for (const auto& [name, value] : metrics) Fact(Printable(name), FormatFixed(value, 4));
  }

  void Branches() {
    const v1::SamplePayload& payload = reply_.sample().payload();
    if (payload.branches().empty()) {
      if (!payload.question().empty()) return;  // the answer was all there was to say
      Title("What the model said");
      Line("  Not kept: the sweep keeps numbers only.");
      return;
    }
    bool traced = false;
    for (const v1::Branch& branch : payload.branches())
      traced |= branch.tokens().entropy_size() > 0;
    Title("What the model said");
    if (traced) Line(absl::StrCat("  ", Legend(terminal_)));
    for (const v1::Branch& branch : payload.branches()) {
      // A parent comes before its children; whatever says otherwise is shown by itself.
      const bool root =
          branch.parent() < 0 || branch.parent() >= static_cast<int32_t>(branch.index());
      if (root || !Exists(branch.parent())) Tree(branch, "  ", "  ");
    }
  }

  bool Exists(int32_t index) const {
    const auto& branches = reply_.sample().payload().branches();
    return std::any_of(branches.begin(), branches.end(), [index](const v1::Branch& branch) {
      return static_cast<int32_t>(branch.index()) == index;
    });
  }

  // `first` stands before the branch's heading, `rest` before every line below it.
  void Tree(const v1::Branch& branch, const std::string& first, const std::string& rest) {
    std::vector<const v1::Branch*> children;
    for (const v1::Branch& other : reply_.sample().payload().branches()) {
      // Only later ones, so that no input can make this recursion endless.
      if (other.parent() == static_cast<int32_t>(branch.index()) && other.index() > branch.index())
        children.push_back(&other);
    }
    std::vector<std::string> facts = {absl::StrCat("branch ", branch.index())};
    if (branch.parent() >= 0) facts.push_back(absl::StrCat("from token ", branch.forked_at()));
    if (branch.tokens().text_size() > 0) {
      facts.push_back(CountOf(static_cast<uint64_t>(branch.tokens().text_size()), "token"));
    }
    if (!branch.finish().empty()) facts.push_back(branch.finish());
    facts.push_back(branch.answer().empty() ? "no answer"
                                            : absl::StrCat("answer ", Printable(branch.answer())));
    const std::string heading =
        absl::StrJoin(facts, absl::StrCat(" ", terminal_.glyphs().dot, " "));
    Line(absl::StrCat(first, terminal_.Paint(Style::kAccent, heading)));

    const std::string below =
        absl::StrCat(rest, children.empty() ? "  " : terminal_.glyphs().tree_line);
    std::vector<Shaded> text;
    const v1::TokenTrace& tokens = branch.tokens();
    if (tokens.text_size() > 0 && tokens.text_size() == tokens.entropy_size()) {
      // What a branch shares with its parent stands there already.
      const int shared = branch.parent() < 0
                             ? 0
                             : std::min(static_cast<int>(branch.forked_at()), tokens.text_size());
      if (shared > 0) Append(&text, terminal_.glyphs().ellipsis, 0);
      for (int i = shared; i < tokens.text_size(); ++i) {
        AppendToken(&text, tokens.text(i), EntropyLevel(tokens.entropy(i)), terminal_);
      }
    } else {
      Append(&text, branch.text(), 0);
    }
    while (!text.empty() && text.front().code == ' ' && text.front().level == 0)
      text.erase(text.begin());
    for (const auto& line : Wrap(text, std::max(20, width_ - DisplayWidth(below))))
      Line(absl::StrCat(below, Join(line)));
    for (size_t i = 0; i < children.size(); ++i) {
      const bool last = i + 1 == children.size();
      const Glyphs& glyphs = terminal_.glyphs();
      Tree(*children[i], absl::StrCat(rest, last ? glyphs.tree_last : glyphs.tree_branch),
           absl::StrCat(rest, last ? "    " : glyphs.tree_line));
    }
  }

  void Notes() {
    const auto& kept = reply_.sample().payload().notes();
    const std::map<std::string, std::string> notes(kept.begin(), kept.end());
    if (!notes.empty()) Title("Notes");
    for (const auto& [name, text] : notes) Fact(Printable(name), text);
  }

  void Provenance() {
    const v1::Trial& trial = reply_.trial().trial();
    const v1::Provenance& provenance = reply_.provenance();
    Title("Where this comes from");
    Fact("method", absl::StrCat(trial.method().id(), " version ", trial.method().version()));
    Fact("model",
         trial.model().digest().empty()
             ? trial.model().name()
             : absl::StrCat(trial.model().name(), " ", ShortDigest(trial.model().digest())));
    std::string suite = absl::StrCat(trial.suite().id(), " ", ShortDigest(trial.suite().digest()));
    if (!trial.suite().options().empty())
      absl::StrAppend(&suite, ", ", CanonicalParams(trial.suite().options()));
    Fact("suite", suite);
    Fact("seed", absl::StrCat(trial.seed(), trial.deterministic() ? ", deterministic" : ""));
    Fact("worker", provenance.worker().empty()
                       ? ""
                       : absl::StrCat(provenance.worker(), " on ", provenance.host()));
    Fact("build", provenance.build());
    Fact("recorded", provenance.recorded_at());
    if (provenance.job_id() > 0) {
      Fact("job", absl::StrCat(provenance.job_id(), ", attempt ", provenance.epoch()));
    }
    if (provenance.reused_from_trial() > 0) {
      Fact("reused", absl::StrCat("from ", TrialName(provenance.reused_from_trial()),
                                  ", the same cell of an earlier sweep"));
    }
  }

  const v1::GetSampleReply& reply_;
  const Terminal& terminal_;
  const int width_;
  std::string page_;
};

}  // namespace

int EntropyLevel(double nats) {
  if (std::isnan(nats)) return 0;
  int level = 0;
  while (level < kEntropyLevels - 1 && nats >= kLevelEnds[level]) ++level;
  return level;
}

std::string FormatSample(const v1::GetSampleReply& reply, const Terminal& terminal) {
  return Page(reply, terminal).Build();
}

}  // namespace entrobench::cli
