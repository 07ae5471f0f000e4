// SPDX-License-Identifier: Apache-2.0
// Bounds around nlohmann's parser.
#include "harness/kube/json_text.h"

#include <algorithm>

#include "harness/base/text.h"

namespace coroner::kube {
namespace {

using base::ErrorKind;

/// Whether brackets outside of strings nest deeper than allowed.
bool is_too_deep(std::string_view text)
{
  std::size_t depth = 0;
  bool is_in_string = false;
  for (std::size_t place = 0; place < text.size(); ++place) {
    const char letter = text[place];
    if (is_in_string) {
      if (letter == '\\') ++place;
      if (letter == '"') is_in_string = false;
      continue;
    }
    if (letter == '"') is_in_string = true;
    if ((letter == '{' || letter == '[') && ++depth > deepest_json_levels) return true;
    if ((letter == '}' || letter == ']') && depth > 0) --depth;
  }
  return false;
}

}  // namespace

base::Result<nlohmann::json> parse_json(std::string_view text)
{
  if (is_too_deep(text))
    return base::error(ErrorKind::invalid, "the JSON nests deeper than {} levels",
                       deepest_json_levels);
  try {
    return nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& mistake) {
    return base::error(ErrorKind::invalid, "this is no whole JSON value (offset {} of {})",
                       mistake.byte, text.size());
  } catch (const nlohmann::json::exception&) {
    return base::error(ErrorKind::invalid, "the JSON holds a number out of range");
  }
}

std::string excerpt(std::string_view text)
{
  constexpr std::size_t shown_bytes = 200;
  auto shown = std::string(text.substr(0, shown_bytes));
  std::replace(shown.begin(), shown.end(), '\n', ' ');
  std::replace(shown.begin(), shown.end(), '\t', ' ');
  return base::printable(base::trim(shown)) + (text.size() > shown_bytes ? "…" : "");
}

std::string with_lines_capped(std::string_view text, std::size_t line_bytes)
{
  std::string capped;
  capped.reserve(text.size());
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    capped += line.substr(0, line_bytes);
    if (line.size() > line_bytes)
      capped += fmt::format("…[{} bytes of this line left out]", line.size() - line_bytes);
    if (end == std::string_view::npos) break;
    capped += '\n';
    text.remove_prefix(end + 1);
  }
  return capped;
}

}  // namespace coroner::kube
