// UTF-8, as RFC 3629 has it: no overlong forms, no surrogates, nothing beyond U+10FFFF.
#pragma once

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace entrobench {

// Length in bytes of the character that starts at text[i], or 0 when none does.
size_t Utf8CharacterLength(absl::string_view text, size_t i);

// Offset of the first byte that is no UTF-8, or npos.
size_t FirstInvalidUtf8(absl::string_view text);

// The text with every run of bytes that are no UTF-8 replaced by one U+FFFD: protobuf strings must
// be UTF-8, and a token of a language model may be half a character.
std::string ToValidUtf8(absl::string_view text);

}  // namespace entrobench
