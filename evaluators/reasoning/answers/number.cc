#include "evaluators/reasoning/answers/number.h"

#include <algorithm>
#include <cstdint>
#include <numeric>

#include "absl/numeric/int128.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace entrobench {
namespace {

// A longer run of digits is no answer to anything that is asked here.
constexpr size_t kMostDigits = 400;
// Numerators and denominators: what 64 bits take with room for one more digit.
constexpr size_t kMostFractionDigits = 17;
constexpr int kMostExponent = 30;

constexpr absl::string_view kMinus[] = {"-", "\u2212"};
constexpr absl::string_view kCurrency[] = {"\\$", "$", "\u20ac", "\u00a3", "\u00a5"};
// Between groups of three digits: commas, LaTeX's comma and thin space, no-break and thin spaces.
constexpr absl::string_view kSeparators[] = {"{,}", ",", "\\,", "\u00a0", "\u2009", "\u202f"};
constexpr absl::string_view kFraction[] = {"\\frac", "\\dfrac", "\\tfrac", "\\cfrac"};

// Text read from the left.
class Reader {
 public:
  Reader(absl::string_view text, size_t position) : text_(text), position_(position) {}

  size_t position() const { return position_; }
  void Return(size_t position) { position_ = position; }
  char Peek(size_t ahead = 0) const {
    return position_ + ahead < text_.size() ? text_[position_ + ahead] : '\0';
  }
  bool DigitAhead(size_t ahead = 0) const {
    return absl::ascii_isdigit(static_cast<unsigned char>(Peek(ahead)));
  }
  bool Take(absl::string_view expected) {
    if (!absl::StartsWith(text_.substr(position_), expected)) return false;
    position_ += expected.size();
    return true;
  }
  template <size_t n>
  bool TakeOneOf(const absl::string_view (&choices)[n]) {
    return std::any_of(std::begin(choices), std::end(choices),
                       [this](absl::string_view choice) { return Take(choice); });
  }
  std::string TakeDigits() {
    const size_t begin = position_;
    while (DigitAhead()) ++position_;
    return std::string(text_.substr(begin, position_ - begin));
  }

 private:
  absl::string_view text_;
  size_t position_;
};

// Sign, digits before and after the point -> canonical decimal.
std::string Decimal(bool negative, absl::string_view whole, absl::string_view after) {
  while (whole.size() > 1 && whole.front() == '0') whole.remove_prefix(1);
  while (!after.empty() && after.back() == '0') after.remove_suffix(1);
  std::string text(whole.empty() ? "0" : whole);
  if (!after.empty()) absl::StrAppend(&text, ".", after);
  return negative && text != "0" ? absl::StrCat("-", text) : text;
}

// A ratio in lowest terms, as a decimal where that is finite. Both parts have at most 18 digits.
std::optional<std::string> Ratio(bool negative, uint64_t numerator, uint64_t denominator) {
  if (denominator == 0) return std::nullopt;
  const uint64_t common = std::gcd(numerator, denominator);
  numerator /= common;
  denominator /= common;
  uint64_t other_primes = denominator;
  while (other_primes % 2 == 0) other_primes /= 2;
  while (other_primes % 5 == 0) other_primes /= 5;
  if (other_primes != 1) return absl::StrCat(negative ? "-" : "", numerator, "/", denominator);
  std::string after;
  for (uint64_t rest = numerator % denominator; rest != 0; rest %= denominator) {
    rest *= 10;
    after += static_cast<char>('0' + rest / denominator);
  }
  return Decimal(negative, absl::StrCat(numerator / denominator), after);
}

std::optional<uint64_t> FractionPart(const std::string& digits) {
  uint64_t value = 0;
  if (digits.size() > kMostFractionDigits || !absl::SimpleAtoi(digits, &value)) return std::nullopt;
  return value;
}

// whole + numerator / denominator.
std::optional<std::string> Mixed(bool negative, const std::string& whole,
                                 const std::string& numerator, const std::string& denominator) {
  const std::optional<uint64_t> w = FractionPart(whole);
  const std::optional<uint64_t> n = FractionPart(numerator);
  const std::optional<uint64_t> d = FractionPart(denominator);
  if (!w || !n || !d) return std::nullopt;
  const absl::uint128 sum = absl::uint128(*w) * *d + *n;
  if (sum >= absl::uint128(1'000'000'000'000'000'000)) return std::nullopt;
  return Ratio(negative, static_cast<uint64_t>(sum), *d);
}

// "{12}", or one digit: an argument of \frac. Empty when it is anything else.
std::string TakeArgument(Reader& reader) {
  reader.Take(" ");
  if (reader.DigitAhead()) {
    const std::string digit(1, reader.Peek());
    reader.Take(digit);
    return digit;
  }
  if (!reader.Take("{")) return "";
  std::string digits = reader.TakeDigits();
  return reader.Take("}") ? digits : "";
}

// Digits in groups of three, or in one run.
std::string TakeGroupedDigits(Reader& reader) {
  std::string digits = reader.TakeDigits();
  if (digits.empty() || digits.size() > 3) return digits;
  while (true) {
    const size_t before = reader.position();
    if (reader.TakeOneOf(kSeparators) && reader.DigitAhead(0) && reader.DigitAhead(1) &&
        reader.DigitAhead(2) && !reader.DigitAhead(3)) {
      digits += reader.TakeDigits();
      continue;
    }
    reader.Return(before);
    return digits;
  }
}

// "e-3" after a mantissa; 0 when there is none.
int TakeExponent(Reader& reader) {
  const size_t before = reader.position();
  if (reader.Take("e") || reader.Take("E")) {
    const bool negative = reader.Take("-");
    if (!negative) reader.Take("+");
    int value = 0;
    if (absl::SimpleAtoi(reader.TakeDigits(), &value) && value <= kMostExponent &&
        !absl::ascii_isalpha(static_cast<unsigned char>(reader.Peek()))) {
      return negative ? -value : value;
    }
  }
  reader.Return(before);
  return 0;
}

std::string Shifted(bool negative, const std::string& whole, const std::string& after,
                    int exponent) {
  std::string digits = whole + after;
  int64_t point = static_cast<int64_t>(whole.size()) + exponent;
  if (point < 0) {
    digits.insert(0, static_cast<size_t>(-point), '0');
    point = 0;
  }
  const auto split = static_cast<size_t>(point);
  if (digits.size() < split) digits.append(split - digits.size(), '0');
  return Decimal(negative, absl::string_view(digits).substr(0, split),
                 absl::string_view(digits).substr(split));
}

struct Scanned {
  std::string canonical;
  size_t end;
};

// The number that begins exactly at `begin`, sign and currency included.
std::optional<Scanned> ScanNumber(absl::string_view text, size_t begin) {
  Reader reader(text, begin);
  bool negative = reader.TakeOneOf(kMinus);
  if (!negative) reader.Take("+");
  if (reader.TakeOneOf(kCurrency)) {
    reader.Take(" ");
    negative = negative || reader.TakeOneOf(kMinus);
  }
  const auto found = [&reader](std::optional<std::string> canonical) -> std::optional<Scanned> {
    if (!canonical) return std::nullopt;
    return Scanned{*std::move(canonical), reader.position()};
  };

  if (reader.TakeOneOf(kFraction)) {
    const std::string numerator = TakeArgument(reader);
    return found(Mixed(negative, "0", numerator, TakeArgument(reader)));
  }
  const std::string whole = TakeGroupedDigits(reader);
  if (whole.empty() && !(reader.Peek() == '.' && reader.DigitAhead(1))) return std::nullopt;
  if (whole.size() > kMostDigits) return std::nullopt;
  if (reader.Peek() == '.' && reader.DigitAhead(1)) {
    reader.Take(".");
    const std::string after = reader.TakeDigits();
    if (after.size() > kMostDigits) return std::nullopt;
    return found(Shifted(negative, whole, after, TakeExponent(reader)));
  }
  if (const int exponent = TakeExponent(reader); exponent != 0) {
    return found(Shifted(negative, whole, "", exponent));
  }

  const size_t after_whole = reader.position();
  // 3/4, but not the date 3/4/2020.
  if (reader.Take("/") && reader.DigitAhead()) {
    const std::string denominator = reader.TakeDigits();
    if (reader.Peek() != '/') return found(Mixed(negative, "0", whole, denominator));
  }
  reader.Return(after_whole);
  // 1 3/4 and 1 \frac{3}{4}.
  const bool spaced = reader.Take(" ");
  if (reader.TakeOneOf(kFraction)) {
    const std::string numerator = TakeArgument(reader);
    if (auto mixed = found(Mixed(negative, whole, numerator, TakeArgument(reader)))) return mixed;
  } else if (spaced && reader.DigitAhead()) {
    const std::string numerator = reader.TakeDigits();
    if (reader.Take("/") && reader.DigitAhead()) {
      const std::string denominator = reader.TakeDigits();
      if (auto mixed = found(Mixed(negative, whole, numerator, denominator))) return mixed;
    }
  }
  reader.Return(after_whole);
  return found(Decimal(negative, whole, ""));
}

// True where a number may begin: not in a word, not an exponent, and a sign that is no operator
// ("10-15").
bool MayBegin(absl::string_view text, size_t at) {
  if (at == 0) return true;
  const auto before = static_cast<unsigned char>(text[at - 1]);
  if (absl::ascii_isalnum(before) || before == '_' || before == '^') return false;
  if (before == '{' && at >= 2 && text[at - 2] == '^') return false;
  const bool sign =
      text[at] == '-' || text[at] == '+' || absl::StartsWith(text.substr(at), kMinus[1]);
  return !(sign && before == ')');
}

// Calls visit(canonical) for each number in order, until it returns false.
template <typename Visit>
void ForEachNumber(absl::string_view text, Visit visit) {
  size_t at = 0;
  while (at < text.size()) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const bool begins = absl::ascii_isdigit(byte) ||
                        absl::string_view(".+-$\\").find(text[at]) != absl::string_view::npos ||
                        byte == 0xe2 || byte == 0xc2;  // first bytes of the signs beyond ASCII
    if (begins && MayBegin(text, at)) {
      if (std::optional<Scanned> number = ScanNumber(text, at)) {
        at = number->end;
        if (!visit(*number)) return;
        continue;
      }
    }
    // Past the whole run, so that no number begins in its middle.
    do {
      ++at;
    } while (absl::ascii_isdigit(byte) && at < text.size() &&
             absl::ascii_isdigit(static_cast<unsigned char>(text[at])));
  }
}

// What may follow a number that is the whole answer: units and closing marks. "x" right behind it
// is a factor, no unit.
bool IsUnit(absl::string_view rest) {
  for (const absl::string_view factor :
       {"\u03c0", "\u221a", "\u00d7", "\u00b7", "\u00f7", "\u00bd", "\u00bc", "\u00be", "\u00b1"}) {
    if (absl::StrContains(rest, factor)) return false;
  }
  const auto letter = [&rest](size_t i) {
    return i < rest.size() && absl::ascii_isalpha(static_cast<unsigned char>(rest[i]));
  };
  if (letter(0) && !letter(1) &&
      absl::string_view("mgshlLKCFNJWVA").find(rest[0]) == absl::string_view::npos) {
    return false;
  }
  for (size_t i = 0; i < rest.size(); ++i) {
    const auto byte = static_cast<unsigned char>(rest[i]);
    if (absl::ascii_isalpha(byte) || absl::ascii_isspace(byte) || byte >= 0x80) continue;
    if (byte == '^' && i + 1 < rest.size() && i > 0 && (letter(i - 1) || rest[i - 1] == '}') &&
        (rest[i + 1] == '2' || rest[i + 1] == '3')) {
      ++i;  // cm^2
      continue;
    }
    if (byte == '\\' && i + 1 < rest.size() && (rest[i + 1] == ',' || rest[i + 1] == '$')) {
      ++i;
      continue;
    }
    if (absl::string_view(".,;!/{}$%*'\")-").find(rest[i]) == absl::string_view::npos) return false;
  }
  return true;
}

}  // namespace

std::optional<std::string> WholeNumber(absl::string_view text) {
  const std::string plain = absl::StrReplaceAll(
      text,
      {{"\\text", ""}, {"\\textbf", ""}, {"\\mathrm", ""},       {"\\mathbf", ""},  {"\\mbox", ""},
       {"\\left", ""}, {"\\right", ""},  {"\\displaystyle", ""}, {"\\boxed", ""},   {"\\fbox", ""},
       {"\\;", " "},   {"\\ ", " "},     {"\\quad", " "},        {"\\(", ""},       {"\\)", ""},
       {"\\[", ""},    {"\\]", ""},      {"^\\circ", ""},        {"^{\\circ}", ""}, {"\\%", "%"},
       {"\\! ", ""},   {"\\!", ""},      {"\\approx", "="},      {"**", ""},        {"`", ""},
       {"~", " "}});
  absl::string_view whole = plain;
  if (const size_t equals = whole.rfind('='); equals != absl::string_view::npos)
    whole.remove_prefix(equals + 1);
  while (!whole.empty() &&
         absl::string_view(" \t\r\n{(*:").find(whole.front()) != absl::string_view::npos) {
    whole.remove_prefix(1);
  }
  std::optional<Scanned> number = ScanNumber(whole, 0);
  if (!number || !IsUnit(whole.substr(number->end))) return std::nullopt;
  return std::move(number->canonical);
}

std::optional<std::string> FirstNumber(absl::string_view text) {
  std::optional<std::string> first;
  ForEachNumber(text, [&first](const Scanned& number) {
    first = number.canonical;
    return false;
  });
  return first;
}

std::optional<std::string> LastNumber(absl::string_view text) {
  std::optional<std::string> last;
  ForEachNumber(text, [&last](const Scanned& number) {
    last = number.canonical;
    return true;
  });
  return last;
}

bool IsInteger(absl::string_view canonical) {
  absl::ConsumePrefix(&canonical, "-");
  return !canonical.empty() && std::all_of(canonical.begin(), canonical.end(),
                                           [](unsigned char c) { return absl::ascii_isdigit(c); });
}

}  // namespace entrobench
