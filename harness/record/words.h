// SPDX-License-Identifier: Apache-2.0
// Enumerations as the words that files, reports and the command line write: one table each.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/base/result.h"
#include "harness/base/text.h"

namespace coroner::record {

/// Specialised per enumeration: `name` for messages and `table`, a constexpr array of
/// {value, word} pairs that holds every value once.
template <class Enumeration>
struct Words;

/// An enumeration that has a table of words.
template <class Enumeration>
concept HasWords = requires { Words<Enumeration>::table; };

/// The word of `value`; "" for a value outside its table, which only a bad cast makes.
template <HasWords Enumeration>
constexpr std::string_view word(Enumeration value)
{
  for (const auto& [each, text] : Words<Enumeration>::table)
    if (each == value) return text;
  return {};
}

/// The value of `text`. ErrorKind::invalid names the nearest right word.
template <HasWords Enumeration>
base::Result<Enumeration> from_word(std::string_view text)
{
  std::vector<std::string> known;
  for (const auto& [each, name] : Words<Enumeration>::table) {
    if (name == text) return each;
    known.emplace_back(name);
  }
  const auto near = base::nearest(std::string(text.substr(0, 64)), known);
  return base::error_with_hint(
      base::ErrorKind::invalid,
      fmt::format("'{}' is no {}", base::printable(text.substr(0, 64)), Words<Enumeration>::name),
      near.empty() ? "one of: " + base::join(known, ", ") : "the nearest is '" + near + "'");
}

}  // namespace coroner::record
