// SPDX-License-Identifier: Apache-2.0
// JSON text with bounds, and where its parts stand.
#include "harness/evidence/json_text.h"

namespace coroner::evidence {
namespace {

using nlohmann::json;

bool is_too_deep(std::string_view text)
{
  int depth = 0;
  bool is_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_string) {
      if (c == '\\') ++i;
      if (c == '"') is_string = false;
      continue;
    }
    if (c == '"') is_string = true;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (depth > deepest_json_levels) return true;
  }
  return false;
}

/// How many lines pretty_json gives for `value`.
int lines_of(const json& value)
{
  if (!value.is_structured() || value.empty()) return 1;
  int sum = 2;
  for (const auto& part : value) sum += lines_of(part);
  return sum;
}

/// How many lines stand between the opening bracket of `value` and its part `token`; -1 when there
/// is no such part.
int lines_before(const json& value, const std::string& token)
{
  int sum = 0;
  if (value.is_object()) {
    for (const auto& [key, part] : value.items()) {
      if (key == token) return sum;
      sum += lines_of(part);
    }
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (std::to_string(i) == token) return sum;
      sum += lines_of(value[i]);
    }
  }
  return -1;
}

}  // namespace

base::Result<json> parse_json(std::string_view text)
{
  if (is_too_deep(text))
    return base::error(base::ErrorKind::invalid, "JSON is nested deeper than {} levels",
                       deepest_json_levels);
  auto value = json::parse(text, nullptr, false);
  if (value.is_discarded()) return base::error(base::ErrorKind::invalid, "this is no JSON");
  return value;
}

std::string dump_json(const json& value)
{
  return value.dump(-1, ' ', true, json::error_handler_t::replace);
}

std::string pretty_json(const json& value)
{
  return value.dump(1, ' ', true, json::error_handler_t::replace) + "\n";
}

int line_of(const json& value, std::string_view pointer)
{
  int line = 1;
  const json* here = &value;
  std::string_view rest = pointer;
  while (!rest.empty()) {
    if (rest[0] != '/') return 0;
    rest.remove_prefix(1);
    const auto end = std::min(rest.find('/'), rest.size());
    std::string token(rest.substr(0, end));
    for (auto at = token.find("~1"); at != std::string::npos; at = token.find("~1"))
      token.replace(at, 2, "/");
    for (auto at = token.find("~0"); at != std::string::npos; at = token.find("~0", at + 1))
      token.replace(at, 2, "~");
    const int before = lines_before(*here, token);
    if (before < 0) return 0;
    line += 1 + before;
    here = here->is_object() ? &here->at(token) : &here->at(std::stoul(token));
    rest.remove_prefix(end);
  }
  return line;
}

}  // namespace coroner::evidence
