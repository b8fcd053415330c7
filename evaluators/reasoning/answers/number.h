// Numbers as people and models write them, in one exact form: equal numbers become equal strings.
//
//   "1,234.50"  "$1234.5"  "1{,}234.5 dollars"   -> "1234.5"
//   "18."  "+18"  "18.00"  "018"                  -> "18"
//   "1/2"  "0.50"  "\frac{1}{2}"  ".5"            -> "0.5"
//   "2/6"  "\dfrac13"                             -> "1/3"
//   "1 1/2"  "1\frac12"  "1.5e0"                  -> "1.5"
//
// A fraction becomes a decimal where that is finite, else lowest terms. Nothing is rounded. A
// percent sign is dropped, as GSM8K's answers drop it. All functions take time linear in the text,
// for any bytes.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace entrobench {

// The whole text is one number, but for currency, units, LaTeX and Markdown around it ("\$18", "18
// \text{ cm}", "x = 18",
// "**18**."). Nothing for "3\sqrt{2}", "2x", "(1, 2)" or no number at all.
std::optional<std::string> WholeNumber(absl::string_view text);

// The first and the last number that stand in a text by themselves: not inside a word ("H2O") or as
// an exponent ("x^2").
std::optional<std::string> FirstNumber(absl::string_view text);
std::optional<std::string> LastNumber(absl::string_view text);

// True for "0", "-7", "42": a canonical number without fraction.
bool IsInteger(absl::string_view canonical);

}  // namespace entrobench
