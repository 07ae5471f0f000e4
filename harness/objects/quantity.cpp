// SPDX-License-Identifier: Apache-2.0
// Numbers with Kubernetes' suffixes.
#include "harness/objects/quantity.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "harness/base/text.h"

namespace coroner::objects {
namespace {

struct Suffix {
  std::string_view text;
  double factor;
};

constexpr std::array suffixes = {
    Suffix{"", 1.0},
    Suffix{"n", 1e-9},
    Suffix{"u", 1e-6},
    Suffix{"m", 1e-3},
    Suffix{"k", 1e3},
    Suffix{"M", 1e6},
    Suffix{"G", 1e9},
    Suffix{"T", 1e12},
    Suffix{"P", 1e15},
    Suffix{"E", 1e18},
    Suffix{"Ki", 1024.0},
    Suffix{"Mi", 1048576.0},
    Suffix{"Gi", 1073741824.0},
    Suffix{"Ti", 1099511627776.0},
    Suffix{"Pi", 1125899906842624.0},
    Suffix{"Ei", 1152921504606846976.0},
};

/// Where the number ends and the suffix begins; an exponent ("1e3", "1E3") belongs to the number,
/// a lone "E" is exa.
std::size_t end_of_number(std::string_view text)
{
  constexpr std::string_view digits = "0123456789";
  auto end = text.find_first_not_of("+-.0123456789");
  if (end == std::string_view::npos) return text.size();
  if (text[end] != 'e' && text[end] != 'E') return end;
  auto next = end + 1;
  if (next < text.size() && (text[next] == '+' || text[next] == '-')) ++next;
  if (next == text.size() || digits.find(text[next]) == std::string_view::npos) return end;
  end = text.find_first_not_of(digits, next);
  return end == std::string_view::npos ? text.size() : end;
}

}  // namespace

base::Result<double> parse_quantity(std::string_view text)
{
  const auto refuse = [text] {
    constexpr std::size_t shown_bytes = 40;
    return base::error(base::ErrorKind::invalid, "'{}' is no quantity such as 2, 500m or 16Gi",
                       base::printable(text.substr(0, shown_bytes)));
  };
  const auto split = end_of_number(text);
  auto number = text.substr(0, split);
  if (number.starts_with('+')) {
    number.remove_prefix(1);
    if (number.starts_with('-')) return refuse();
  }
  double value = 0;
  const auto read = std::from_chars(number.data(), number.data() + number.size(), value);
  if (number.empty() || read.ec != std::errc{} || read.ptr != number.data() + number.size())
    return refuse();
  for (const auto& suffix : suffixes)
    if (suffix.text == text.substr(split) && std::isfinite(value * suffix.factor))
      return value * suffix.factor;
  return refuse();
}

}  // namespace coroner::objects
