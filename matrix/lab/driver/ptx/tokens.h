// SPDX-License-Identifier: Apache-2.0
// PTX text as tokens.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "matrix/lab/driver/ptx/problem.h"

namespace coroner::driver::ptx {

inline constexpr std::size_t most_text_bytes = 4 * 1024 * 1024;
inline constexpr std::size_t most_tokens = 2'000'000;

enum class TokenKind {
  word,        // identifiers, directives and instructions, dots included: "%tid.x", "mad.lo.s32"
  integer,     // value in `bits`
  floating32,  // 0f3F800000; its bit pattern in `bits`
  floating64,  // 0d… and decimal fractions; the bit pattern of a double in `bits`
  mark,        // one of @ ! , ; : [ ] ( ) { } < > + - | =
  end,
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::string_view text;  // points into the source
  std::uint64_t bits = 0;
  unsigned line = 1;
};

// The tokens, the last of kind `end`. Comments are left out.
Outcome<std::vector<Token>> tokenize(std::string_view source);

}  // namespace coroner::driver::ptx
