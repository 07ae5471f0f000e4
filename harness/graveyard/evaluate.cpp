// SPDX-License-Identifier: Apache-2.0
// Tests of facts and lines, joined by all and any.
#include "harness/graveyard/evaluate.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/evidence/json_text.h"
#include "harness/graveyard/derived.h"

namespace coroner::graveyard {
namespace {

using evidence::Fact;
using evidence::Scope;
using nlohmann::json;

std::vector<long> numbers_of(std::string_view version)
{
  std::vector<long> numbers;
  if (version.starts_with('v')) version.remove_prefix(1);
  for (const auto& part : base::split(version.substr(0, version.find_first_of("-+")), '.')) {
    long number = 0;
    std::from_chars(part.data(), part.data() + part.size(), number);
    numbers.push_back(number);
  }
  while (!numbers.empty() && numbers.back() == 0) numbers.pop_back();
  return numbers;
}

std::string shown(const json& value)
{
  return value.is_string() ? value.get<std::string>() : evidence::dump_json(value);
}

record::Evidence evidence_of(const Fact& fact)
{
  const auto text = fact.value.is_null() ? fact.name + " is absent"
                                         : fmt::format("{} = {}", fact.name, shown(fact.value));
  return {.source = fact.source,
          .line = fact.line,
          .text = text,
          .node = fact.scope.node,
          .fact = fact.name};
}

record::Evidence evidence_of(const LineHit& found)
{
  return {.source = found.text->source,
          .line = found.text->first_line + found.hit.line - 1,
          .text = found.hit.text,
          .node = found.text->scope.node,
          .column = found.hit.column,
          .length = found.hit.length};
}

bool is_same(const Scope& one, const Scope& other)
{
  return one.node == other.node && one.pod == other.pod && one.file == other.file;
}

void add_evidence(Match& match, const std::vector<record::Evidence>& more)
{
  for (const auto& evidence : more) {
    const bool is_known =
        std::any_of(match.evidence.begin(), match.evidence.end(), [&](const auto& known) {
          return known.source == evidence.source && known.line == evidence.line &&
                 known.fact == evidence.fact && known.text == evidence.text;
        });
    if (!is_known && match.evidence.size() < most_evidence_lines)
      match.evidence.push_back(evidence);
  }
}

std::vector<Match> evaluate_log(const Rule& rule, const Ground& ground)
{
  std::vector<Match> matches;
  const auto found = ground.hits.find(rule.log.signature);
  if (found == ground.hits.end()) return matches;
  for (const auto& line : found->second) {
    const bool is_right = rule.log.component == "any" || line.component.empty() ||
                          line.component == rule.log.component;
    if (!is_right) continue;
    const auto known = std::find_if(matches.begin(), matches.end(), [&](const Match& match) {
      return is_same(match.scope, line.text->scope);
    });
    if (known != matches.end()) {
      add_evidence(*known, {evidence_of(line)});
    } else if (matches.size() < most_matches) {
      matches.push_back({line.text->scope,
                         {evidence_of(line)},
                         line.hit.captures,
                         1,
                         rule.weight == Weight::decisive});
    }
  }
  return matches;
}

std::vector<Match> evaluate_fact(const Rule& rule, const Ground& ground)
{
  std::vector<Match> matches;
  const auto facts = ground.facts.all(rule.fact.name);
  const auto add = [&](const Fact& fact) {
    if (matches.size() < most_matches)
      matches.push_back({fact.scope, {evidence_of(fact)}, {}, 1, rule.weight == Weight::decisive});
  };
  if (rule.fact.operation != Operation::absent) {
    for (const auto& fact : facts)
      if (!fact.value.is_null() && holds(rule.fact, fact.value)) add(fact);
    return matches;
  }
  for (const auto& fact : facts) {
    const bool has_value = std::any_of(facts.begin(), facts.end(), [&](const Fact& other) {
      return !other.value.is_null() && is_same(other.scope, fact.scope);
    });
    if (fact.value.is_null() && !has_value) add(fact);
  }
  const auto answer = ask(ground.facts, rule.fact.name);
  if (facts.empty() && answer.presence == evidence::Presence::absent)
    add({.name = rule.fact.name,
         .source = std::string(evidence::fact_definition(rule.fact.name)->place)});
  return matches;
}

/// Whether two matches may be parts of one `all` under its bond.
bool are_bound(const Scope& one, const Scope& other, Bond bond)
{
  const auto fits = [](const std::string& a, const std::string& b) {
    return a.empty() || b.empty() || a == b;
  };
  switch (bond) {
    case Bond::none:
      return true;
    case Bond::node:
      return fits(one.node, other.node);
    case Bond::pod:
      return fits(one.node, other.node) && fits(one.pod, other.pod);
    case Bond::file:
      return fits(one.file, other.file);
  }
  return false;
}

Match joined(const Match& one, const Match& other)
{
  Match both = one;
  if (both.scope.node.empty()) both.scope.node = other.scope.node;
  if (both.scope.pod.empty()) both.scope.pod = other.scope.pod;
  if (both.scope.file.empty()) both.scope.file = other.scope.file;
  add_evidence(both, other.evidence);
  both.captures.insert(other.captures.begin(), other.captures.end());
  both.points += other.points;
  both.is_decisive = both.is_decisive || other.is_decisive;
  return both;
}

std::vector<Match> evaluate_all(const Rule& rule, const Ground& ground)
{
  auto matches = evaluate(rule.parts.front(), ground);
  for (std::size_t i = 1; i < rule.parts.size() && !matches.empty(); ++i) {
    std::vector<Match> both;
    const auto more = evaluate(rule.parts[i], ground);
    for (const auto& match : matches)
      for (const auto& other : more)
        if (both.size() < most_matches && are_bound(match.scope, other.scope, rule.bond))
          both.push_back(joined(match, other));
    matches = std::move(both);
  }
  return matches;
}

/// Parts of an `any` that hold for the same thing say it once: the strongest counts.
std::vector<Match> evaluate_any(const Rule& rule, const Ground& ground)
{
  std::vector<Match> matches;
  for (const auto& part : rule.parts)
    for (auto& match : evaluate(part, ground)) {
      const auto known = std::find_if(matches.begin(), matches.end(), [&](const Match& other) {
        return is_same(other.scope, match.scope);
      });
      if (known == matches.end()) {
        if (matches.size() < most_matches) matches.push_back(std::move(match));
        continue;
      }
      const bool is_stronger = match.is_decisive && !known->is_decisive;
      if (is_stronger) std::swap(*known, match);
      add_evidence(*known, match.evidence);
      known->captures.insert(match.captures.begin(), match.captures.end());
      known->points = std::max(known->points, match.points);
    }
  return matches;
}

}  // namespace

bool is_version_within(std::string_view text, std::string_view wanted)
{
  const auto have = numbers_of(text);
  bool is_within = true;
  while (!(wanted = base::trim(wanted)).empty()) {
    const auto digits = wanted.find_first_of("0123456789");
    if (digits == std::string_view::npos) return false;
    const auto comparison = base::trim(wanted.substr(0, digits));
    const auto end = std::min(wanted.find_first_of(" <>=", digits), wanted.size());
    const auto bound = numbers_of(wanted.substr(digits, end - digits));
    if (comparison == "<") is_within = is_within && have < bound;
    if (comparison == "<=") is_within = is_within && have <= bound;
    if (comparison == ">") is_within = is_within && have > bound;
    if (comparison == ">=") is_within = is_within && have >= bound;
    if (comparison == "=") is_within = is_within && have == bound;
    wanted.remove_prefix(end);
  }
  return is_within;
}

bool holds(const FactTest& test, const json& value)
{
  const auto& operand = test.operand;
  switch (test.operation) {
    case Operation::is:
      return value == operand;
    case Operation::is_not:
      return value != operand;
    case Operation::in:
      return std::find(operand.begin(), operand.end(), value) != operand.end();
    case Operation::matches:
      return value.is_string() && is_found(operand.get<std::string>(), value.get<std::string>());
    case Operation::less:
      return value.is_number() && value.get<double>() < operand.get<double>();
    case Operation::more:
      return value.is_number() && value.get<double>() > operand.get<double>();
    case Operation::version:
      return value.is_string() &&
             is_version_within(value.get<std::string>(), operand.get<std::string>());
    case Operation::absent:
      return value.is_null();
  }
  return false;
}

std::vector<Match> evaluate(const Rule& rule, const Ground& ground)
{
  switch (rule.form) {
    case Rule::Form::log:
      return evaluate_log(rule, ground);
    case Rule::Form::fact:
      return evaluate_fact(rule, ground);
    case Rule::Form::all:
      return evaluate_all(rule, ground);
    case Rule::Form::any:
      return evaluate_any(rule, ground);
  }
  return {};
}

}  // namespace coroner::graveyard
