// SPDX-License-Identifier: Apache-2.0
// Selectors cut into requirements, and requirements held against objects.
#include "harness/twin/selector.h"

#include <algorithm>
#include <optional>

#include "harness/base/text.h"
#include "harness/objects/object.h"

namespace coroner::twin {
namespace {

using base::ErrorKind;
using base::Result;
using nlohmann::json;
using Operation = Requirement::Operation;

bool is_name_letter(char letter)
{
  constexpr std::string_view others = "-_./";
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9') || others.find(letter) != std::string_view::npos;
}

bool is_name(std::string_view text)
{
  return std::all_of(text.begin(), text.end(), is_name_letter);
}

tl::unexpected<base::Error> unreadable(std::string_view part)
{
  constexpr std::size_t most_shown_bytes = 80;
  return base::error(ErrorKind::invalid, "unable to parse the selector at '{}'",
                     base::printable(part.substr(0, most_shown_bytes)));
}

/// `text` cut at commas that stand outside parentheses and behind no backslash.
Result<std::vector<std::string>> parts_of(std::string_view text)
{
  if (text.size() > longest_selector_bytes)
    return base::error(ErrorKind::invalid, "the selector is longer than {} bytes",
                       longest_selector_bytes);
  std::vector<std::string> parts(1);
  bool is_inside = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      parts.back() += text.substr(i++, 2);
      continue;
    }
    if (text[i] == '(' || text[i] == ')') is_inside = text[i] == '(';
    if (text[i] == ',' && !is_inside)
      parts.emplace_back();
    else
      parts.back() += text[i];
  }
  if (parts.size() > most_requirements)
    return base::error(ErrorKind::invalid, "the selector has more than {} parts",
                       most_requirements);
  return parts;
}

Requirement made(std::string_view key, Operation operation, std::set<std::string> values)
{
  return {std::string(base::trim(key)), operation, std::move(values)};
}

/// "key in (a, b)" or "key notin (a, b)".
Result<Requirement> parse_set(std::string_view part)
{
  const auto open = part.find('(');
  if (!part.ends_with(')')) return unreadable(part);
  const auto head = base::trim(part.substr(0, open));
  const auto space = head.find_first_of(" \t");
  if (space == std::string_view::npos) return unreadable(part);
  const auto word = base::trim(head.substr(space));
  if (word != "in" && word != "notin") return unreadable(part);
  std::set<std::string> values;
  for (const auto& value : base::split(part.substr(open + 1, part.size() - open - 2), ','))
    values.emplace(base::trim(value));
  return made(head.substr(0, space), word == "in" ? Operation::in : Operation::not_in,
              std::move(values));
}

/// "key=value", "key==value" or "key!=value"; empty when there is no such sign.
std::optional<Requirement> parse_equality(std::string_view part)
{
  const auto sign = part.find('=');
  if (sign == std::string_view::npos) return std::nullopt;
  const bool is_not = sign > 0 && part[sign - 1] == '!';
  const bool is_double = sign + 1 < part.size() && part[sign + 1] == '=';
  const auto value = base::trim(part.substr(sign + (is_double && !is_not ? 2 : 1)));
  return made(part.substr(0, is_not ? sign - 1 : sign), is_not ? Operation::not_in : Operation::in,
              {std::string(value)});
}

Result<Requirement> parse_label(std::string_view part)
{
  Requirement requirement;
  if (part.find('(') != std::string_view::npos) {
    TRY_ASSIGN(set, parse_set(part));
    requirement = std::move(set);
  } else if (auto equality = parse_equality(part)) {
    requirement = std::move(*equality);
  } else if (part.starts_with('!')) {
    requirement = made(part.substr(1), Operation::absent, {});
  } else {
    requirement = made(part, Operation::exists, {});
  }
  const auto& values = requirement.values;
  if (requirement.key.empty() || !is_name(requirement.key) ||
      !std::all_of(values.begin(), values.end(), is_name))
    return unreadable(part);
  return requirement;
}

std::string without_escapes(std::string_view value)
{
  std::string plain;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\\' && i + 1 < value.size()) ++i;
    plain += value[i];
  }
  return plain;
}

Result<Requirement> parse_field(std::string_view part)
{
  auto requirement = parse_equality(part);
  if (!requirement || requirement->key.empty() || !is_name(requirement->key))
    return unreadable(part);
  const auto value = without_escapes(*requirement->values.begin());
  requirement->values = {value};
  return std::move(*requirement);
}

template <class Parse>
Result<std::vector<Requirement>> parse_all(std::string_view text, Parse parse)
{
  std::vector<Requirement> requirements;
  if (base::trim(text).empty()) return requirements;
  TRY_ASSIGN(parts, parts_of(text));
  for (const auto& part : parts) {
    TRY_ASSIGN(requirement, parse(base::trim(part)));
    requirements.push_back(std::move(requirement));
  }
  return requirements;
}

bool holds(const Requirement& requirement, const std::string* value)
{
  switch (requirement.operation) {
    case Operation::in:
      return value != nullptr && requirement.values.contains(*value);
    case Operation::not_in:
      return value == nullptr || !requirement.values.contains(*value);
    case Operation::exists:
      return value != nullptr;
    case Operation::absent:
      return value == nullptr;
  }
  return false;
}

std::string field_of(const json& object, const std::string& path)
{
  std::string pointer = "/" + path;
  std::replace(pointer.begin(), pointer.end(), '.', '/');
  const auto& value = objects::at(object, pointer);
  if (value.is_string()) return value.get<std::string>();
  return value.is_number() || value.is_boolean() ? value.dump() : std::string();
}

}  // namespace

Result<Selector> Selector::parse(std::string_view labels, std::string_view fields)
{
  Selector selector;
  TRY_ASSIGN(label_requirements, parse_all(labels, parse_label));
  TRY_ASSIGN(field_requirements, parse_all(fields, parse_field));
  selector.labels_ = std::move(label_requirements);
  selector.fields_ = std::move(field_requirements);
  return selector;
}

bool Selector::demands(const std::string& key, const std::set<std::string>& values) const
{
  return std::any_of(labels_.begin(), labels_.end(), [&](const auto& requirement) {
    return requirement.operation == Operation::in && requirement.key == key &&
           std::includes(values.begin(), values.end(), requirement.values.begin(),
                         requirement.values.end());
  });
}

bool Selector::fits(const json& object) const
{
  if (!labels_.empty()) {
    const auto labels = objects::labels_of(object);
    for (const auto& requirement : labels_) {
      const auto found = labels.find(requirement.key);
      if (!holds(requirement, found == labels.end() ? nullptr : &found->second)) return false;
    }
  }
  return std::all_of(fields_.begin(), fields_.end(), [&object](const auto& requirement) {
    const auto value = field_of(object, requirement.key);
    return holds(requirement, &value);
  });
}

}  // namespace coroner::twin
