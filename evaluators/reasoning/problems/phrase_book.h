// The words of the arith problems: themes, each with sentences for the arithmetic that can happen
// in it. Only data; what the sentences mean is in arith.cc.
#pragma once

#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace entrobench {

// What a sentence does to the running quantity x; a and b are the numbers it names, y is the new
// quantity and p a side result. The comment gives the arithmetic, one "," a step.
enum class Op {
  kNothing,     // y = x
  kGiven,       // y = a
  kSum,         // y = a + b
  kRest,        // y = a - b
  kProduct,     // y = a * b
  kAdd,         // y = x + a
  kSub,         // y = x - a
  kFrom,        // y = a - x
  kTimes,       // y = x * a
  kDivide,      // y = x / a
  kHalve,       // y = x / 2
  kAddSub,      // p = x + a, y = p - b
  kAddProduct,  // p = a * b, y = x + p
  kSubProduct,  // p = a * b, y = x - p
  kAddRest,     // p = a - b, y = x + p
  kJoinMore,    // p = x + a, y = x + p
  kJoinTimes,   // p = x * a, y = x + p
};

// One thing that can happen in a story. The texts hold placeholders:
//   {N} the person the story is about, {He} {he} {his} {him} their pronouns, {M} somebody new, {T}
//   the things counted (plural), {S} the scene (a bus, a tank), {I} an item to buy, {times} "twice"
//   or "3 times" for a, {a} {b} {p} {x} {y} the numbers above.
struct Event {
  absl::string_view id;  // unique within the theme
  Op op;
  std::vector<absl::string_view> telling;  // surface forms in the question, one is drawn
  absl::string_view work;                  // the solution's lines, one for each step
  bool passes_on = false;                  // from here the story is about {M}
};

struct Theme {
  absl::string_view id;
  std::vector<absl::string_view> things;    // for {T}
  std::vector<absl::string_view> scenes;    // for {S}
  std::vector<absl::string_view> openings;  // mood, no numbers; sometimes told first
  std::vector<Event> starts;
  std::vector<Event> middles;
  std::vector<Event> ends;  // each telling asks the question
  int largest_given = 60;   // of the numbers that sentences name
  int largest_change = 40;
  int largest_quantity = 400;  // no story grows beyond
};

// A built-in table; lives forever.
absl::Span<const Theme> ArithThemes();

struct Person {
  absl::string_view name;
  bool female;
};
absl::Span<const Person> ArithPeople();
absl::Span<const absl::string_view> ArithItems();  // plurals by adding "s"

}  // namespace entrobench
