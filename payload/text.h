// SPDX-License-Identifier: Apache-2.0
// Text taken apart without exceptions or locales.
#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace coroner::payload {

/// The parts between separators, empty ones too; no part for an empty text.
std::vector<std::string_view> split(std::string_view text, char separator);

/// The parts between runs of spaces and tabs; never an empty one.
std::vector<std::string_view> words(std::string_view text);

/// Without spaces, tabs and line ends at both ends.
std::string_view trimmed(std::string_view text);

std::string lower_case(std::string_view text);

bool contains(std::string_view text, std::string_view part);

/// A whole number that fills the whole text; nothing else.
template <std::integral Number>
std::optional<Number> number_of(std::string_view text, int base = 10)
{
  Number value{};
  const auto done = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (done.ec != std::errc{} || done.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Lower-case hexadecimal, `digits` of them.
std::string hexadecimal(unsigned long long value, unsigned digits);

/// "EACCES"; "errno 200" where the number has no name here.
std::string error_name(int error);

}  // namespace coroner::payload
