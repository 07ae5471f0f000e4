// SPDX-License-Identifier: Apache-2.0
// Rules of the catalogue as sentences.
#include <algorithm>
#include <array>

#include "harness/base/text.h"
#include "harness/cli/explanation.h"

namespace coroner::cli {
namespace {

using graveyard::Bond;
using graveyard::FactTest;
using graveyard::Operation;
using graveyard::Rule;
using graveyard::Weight;

template <class Key, std::size_t count>
std::string said(const std::array<std::pair<Key, std::string_view>, count>& table, Key key)
{
  const auto* found = std::find_if(table.begin(), table.end(),
                                   [key](const auto& entry) { return entry.first == key; });
  return found == table.end() ? std::string() : std::string(found->second);
}

constexpr std::array<std::pair<Weight, std::string_view>, 3> weights = {{
    {Weight::hint, "a hint: other causes show it too"},
    {Weight::agreeing, "agrees"},
    {Weight::decisive, "decides"},
}};

constexpr std::array<std::pair<Bond, std::string_view>, 4> bonds = {{
    {Bond::none, "all of these"},
    {Bond::node, "all of these, on one node"},
    {Bond::pod, "all of these, in one pod"},
    {Bond::file, "all of these, in one file"},
}};

constexpr std::array<std::pair<Operation, std::string_view>, 8> operations = {{
    {Operation::is, "is"},
    {Operation::is_not, "is anything but"},
    {Operation::in, "is one of"},
    {Operation::matches, "matches"},
    {Operation::less, "is less than"},
    {Operation::more, "is more than"},
    {Operation::absent, "is absent where it was looked for"},
    {Operation::version, "is a version"},
}};

std::string value_text(const nlohmann::json& value)
{
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_array()) return value.is_null() ? "" : value.dump();
  std::vector<std::string> parts;
  for (const auto& part : value) parts.push_back(value_text(part));
  return base::join(parts, ", ");
}

RuleLine fact_line(const FactTest& test, Weight weight, std::size_t depth)
{
  RuleLine line{.depth = depth, .weight = said(weights, weight)};
  line.text = "the fact " + test.name + " " + said(operations, test.operation);
  if (test.operation == Operation::absent) return line;
  if (test.operation == Operation::matches)
    line.pattern = value_text(test.operand);
  else
    line.text += " " + value_text(test.operand);
  return line;
}

std::string log_text(const std::string& component)
{
  if (component == "any") return "a line of any log matches";
  return "a line of " + component + " matches";
}

void add_lines(const Rule& rule, std::size_t depth, std::vector<RuleLine>& lines)
{
  switch (rule.form) {
    case Rule::Form::log:
      lines.push_back(
          {depth, log_text(rule.log.component), rule.log.pattern, said(weights, rule.weight)});
      return;
    case Rule::Form::fact:
      lines.push_back(fact_line(rule.fact, rule.weight, depth));
      return;
    case Rule::Form::all:
    case Rule::Form::any:
      break;
  }
  if (rule.parts.size() == 1) return add_lines(rule.parts.front(), depth, lines);
  lines.push_back(
      {depth, rule.form == Rule::Form::all ? said(bonds, rule.bond) : "any of these", "", ""});
  for (const auto& part : rule.parts) add_lines(part, depth + 1, lines);
}

}  // namespace

std::vector<RuleLine> rule_in_words(const Rule& rule)
{
  std::vector<RuleLine> lines;
  add_lines(rule, 0, lines);
  return lines;
}

}  // namespace coroner::cli
