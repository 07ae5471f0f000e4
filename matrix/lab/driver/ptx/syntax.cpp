// SPDX-License-Identifier: Apache-2.0
// Names of PTX's types.
#include "matrix/lab/driver/ptx/syntax.h"

#include <charconv>

namespace coroner::driver::ptx {

std::optional<Type> type_from(std::string_view text)
{
  if (text == "pred") return Type{Kind::predicate, 1};
  if (text.size() < 2) return {};
  unsigned bits = 0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data() + 1, end, bits);
  if (result.ec != std::errc{} || result.ptr != end) return {};
  if (bits != 8 && bits != 16 && bits != 32 && bits != 64) return {};
  switch (text[0]) {
    case 'b':
      return Type{Kind::untyped, bits};
    case 'u':
      return Type{Kind::unsigned_integer, bits};
    case 's':
      return Type{Kind::signed_integer, bits};
    case 'f':
      return bits >= 32 ? std::optional(Type{Kind::floating, bits}) : std::nullopt;
    default:
      return {};
  }
}

}  // namespace coroner::driver::ptx
