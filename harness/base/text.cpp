// SPDX-License-Identifier: Apache-2.0
// Text helpers without state.
#include "harness/base/text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <numeric>

#include <fmt/format.h>

namespace coroner::base {

std::vector<std::string> split(std::string_view text, char separator)
{
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (true) {
    const auto end = text.find(separator, begin);
    parts.emplace_back(text.substr(begin, end - begin));
    if (end == std::string_view::npos) return parts;
    begin = end + 1;
  }
}

std::string_view trim(std::string_view text)
{
  constexpr std::string_view blanks = " \t\r\n\v\f";
  const auto begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::string join(const std::vector<std::string>& parts, std::string_view separator)
{
  std::string all;
  for (const auto& part : parts) {
    if (&part != &parts.front()) all += separator;
    all += part;
  }
  return all;
}

std::string last_lines(std::string_view text, std::size_t count)
{
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  std::size_t begin = text.size();
  for (; count > 0 && begin != std::string_view::npos && begin > 0; --count)
    begin = text.rfind('\n', begin - 1);
  if (begin == std::string_view::npos || (begin == 0 && !text.empty() && text[0] != '\n'))
    return std::string(text);
  return std::string(text.substr(begin + (begin < text.size() ? 1 : 0)));
}

namespace {

std::size_t distance(std::string_view a, std::string_view b)
{
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const auto change = diagonal + (std::tolower(static_cast<unsigned char>(a[i])) ==
                                              std::tolower(static_cast<unsigned char>(b[j]))
                                          ? 0
                                          : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, change});
    }
  }
  return row.back();
}

/// Length of the well-formed UTF-8 sequence at `text[at]`, 0 when it is not one; `point` gets it.
std::size_t decode(std::string_view text, std::size_t at, std::uint32_t& point)
{
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) {
    point = lead;
    return 1;
  }
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || at + length > text.size()) return 0;
  point = lead & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80U) return 0;
    point = (point << 6U) | (byte(i) & 0x3fU);
  }
  constexpr std::array<std::uint32_t, 5> smallest = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = point >= 0xd800 && point <= 0xdfff;
  return point < smallest.at(length) || is_surrogate || point > 0x10ffff ? 0 : length;
}

bool drives_terminal(std::uint32_t point)
{
  const bool is_control =
      (point < 0x20 && point != '\t' && point != '\n') || (point >= 0x7f && point <= 0x9f);
  const bool is_bidi = (point >= 0x202a && point <= 0x202e) ||
                       (point >= 0x2066 && point <= 0x2069) || point == 0x200e || point == 0x200f ||
                       point == 0x061c;
  return is_control || is_bidi || point == 0x2028 || point == 0x2029 || point == 0xfeff;
}

}  // namespace

std::string nearest(std::string_view name, const std::vector<std::string>& candidates)
{
  std::string best;
  std::size_t least = std::max<std::size_t>(2, name.size() / 3) + 1;
  for (const auto& candidate : candidates) {
    const auto here = distance(name, candidate);
    if (here < least) {
      least = here;
      best = candidate;
    }
  }
  return best;
}

std::string printable(std::string_view untrusted)
{
  std::string safe;
  safe.reserve(untrusted.size());
  for (std::size_t at = 0; at < untrusted.size();) {
    std::uint32_t point = 0;
    const auto length = decode(untrusted, at, point);
    if (length == 0) {
      safe += fmt::format("\\x{:02x}", static_cast<unsigned char>(untrusted[at]));
      ++at;
      continue;
    }
    if (!drives_terminal(point))
      safe += untrusted.substr(at, length);
    else
      safe += point < 0x100 ? fmt::format("\\x{:02x}", point) : fmt::format("\\u{:04x}", point);
    at += length;
  }
  return safe;
}

bool is_label(std::string_view name)
{
  constexpr std::size_t longest = 63;
  const auto is_alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  };
  if (name.empty() || name.size() > longest) return false;
  if (!is_alphanumeric(name.front()) || !is_alphanumeric(name.back())) return false;
  return std::all_of(name.begin(), name.end(),
                     [&](char c) { return is_alphanumeric(c) || c == '-'; });
}

}  // namespace coroner::base
