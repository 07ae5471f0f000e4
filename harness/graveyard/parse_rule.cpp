// SPDX-License-Identifier: Apache-2.0
// The rule language: all and any over tests of lines and facts.
#include "harness/graveyard/parse_rule.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/graveyard/component.h"
#include "harness/graveyard/derived.h"
#include "harness/graveyard/signature_set.h"
#include "harness/objects/object.h"

namespace coroner::graveyard {
namespace {

using base::Document;
using base::Result;
using nlohmann::json;

template <class T>
using Table = std::vector<std::pair<std::string_view, T>>;

const Table<Operation>& operations()
{
  static const Table<Operation> table = {
      {"is", Operation::is},           {"is_not", Operation::is_not},  {"in", Operation::in},
      {"matches", Operation::matches}, {"less", Operation::less},      {"more", Operation::more},
      {"absent", Operation::absent},   {"version", Operation::version}};
  return table;
}

const Table<Weight>& weights()
{
  static const Table<Weight> table = {
      {"hint", Weight::hint}, {"agreeing", Weight::agreeing}, {"decisive", Weight::decisive}};
  return table;
}

const Table<Bond>& bonds()
{
  static const Table<Bond> table = {{"node", Bond::node}, {"pod", Bond::pod}, {"file", Bond::file}};
  return table;
}

template <class T>
std::vector<std::string> words_of(const Table<T>& table)
{
  std::vector<std::string> words;
  for (const auto& [word, value] : table) words.emplace_back(word);
  return words;
}

/// ErrorKind::invalid that names the nearest of `words`, or all of them.
tl::unexpected<base::Error> unknown_word(const Document& document, const std::string& pointer,
                                         std::string_view what, const std::string& word,
                                         const std::vector<std::string>& words)
{
  const auto near = base::nearest(word, words);
  return document.error_at(pointer,
                           fmt::format("unknown {} '{}'; {}", what, base::printable(word),
                                       near.empty() ? "known: " + base::join(words, ", ")
                                                    : fmt::format("did you mean '{}'?", near)));
}

template <class T>
Result<T> word_at(const Document& document, const std::string& pointer, std::string_view what,
                  const Table<T>& table)
{
  TRY_ASSIGN(word, base::string_at(document, pointer));
  for (const auto& [known, value] : table)
    if (known == word) return value;
  return unknown_word(document, pointer, what, word, words_of(table));
}

Result<Rule> parse_log(const Document& document, const std::string& pointer)
{
  TRY(base::check_keys(document, pointer, {"log", "matches", "weight"}));
  Rule rule{.form = Rule::Form::log};
  TRY_ASSIGN(component, base::string_at(document, pointer + "/log"));
  const auto known = component_words();
  if (std::find(known.begin(), known.end(), component) == known.end())
    return unknown_word(document, pointer + "/log", "component", component, known);
  TRY_ASSIGN(pattern, base::string_at(document, pointer + "/matches"));
  const auto problem = pattern_problem(pattern);
  if (!problem.empty())
    return document.error_at(pointer + "/matches", "the pattern is refused: " + problem);
  if (is_found(pattern, ""))
    return document.error_at(pointer + "/matches", "the pattern matches an empty line");
  rule.log = {component, pattern};
  return rule;
}

/// ErrorKind::invalid when `operand` is of no use to `operation`.
Result<void> check_operand(const Document& document, const std::string& pointer,
                           Operation operation, const json& operand)
{
  const auto complain = [&](std::string_view wanted) {
    return document.error_at(pointer, fmt::format("this must be {}", wanted));
  };
  switch (operation) {
    case Operation::in:
      if (!operand.is_array() || operand.empty()) return complain("a list of values");
      break;
    case Operation::less:
    case Operation::more:
      if (!operand.is_number()) return complain("a number");
      break;
    case Operation::absent:
      if (operand != json(true)) return complain("true");
      break;
    case Operation::matches:
      if (!operand.is_string()) return complain("a pattern");
      if (const auto problem = pattern_problem(operand.get<std::string>()); !problem.empty())
        return document.error_at(pointer, "the pattern is refused: " + problem);
      break;
    case Operation::version:
      if (!operand.is_string() || !is_found(R"(^(?:\s*(?:<=|>=|<|>|=)\s*[0-9]+(?:\.[0-9]+)*\s*)+$)",
                                            operand.get<std::string>()))
        return complain("versions such as '>=1.17.4 <1.18'");
      break;
    case Operation::is:
    case Operation::is_not:
      if (operand.is_structured() || operand.is_null()) return complain("one value");
      break;
  }
  return {};
}

Result<Rule> parse_fact(const Document& document, const std::string& pointer)
{
  const auto& value = objects::at(document.value, pointer);
  auto known = words_of(operations());
  auto keys = known;
  keys.insert(keys.end(), {"fact", "weight"});
  TRY(base::check_keys(document, pointer, keys));
  Rule rule{.form = Rule::Form::fact};
  TRY_ASSIGN(name, base::string_at(document, pointer + "/fact"));
  const auto facts = known_facts();
  if (std::find(facts.begin(), facts.end(), name) == facts.end())
    return unknown_word(document, pointer + "/fact", "fact", name, facts);
  rule.fact.name = name;
  int found = 0;
  for (const auto& [word, operation] : operations()) {
    const auto operand = value.find(word);
    if (operand == value.end()) continue;
    ++found;
    TRY(check_operand(document, fmt::format("{}/{}", pointer, word), operation, *operand));
    rule.fact.operation = operation;
    rule.fact.operand = *operand;
  }
  if (found != 1)
    return document.error_at(pointer, "a fact takes exactly one of " + base::join(known, ", "));
  return rule;
}

Result<Rule> parse_group(const Document& document, const std::string& pointer, Rule::Form form,
                         int depth)
{
  const std::string word = form == Rule::Form::all ? "all" : "any";
  TRY(base::check_keys(document, pointer, {word, "same"}));
  const auto& parts = objects::at(document.value, pointer + "/" + word);
  if (!parts.is_array() || parts.empty())
    return document.error_at(pointer + "/" + word, "this must be a list of rules");
  Rule rule{.form = form};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    TRY_ASSIGN(part, parse_rule(document, fmt::format("{}/{}/{}", pointer, word, i), depth + 1));
    rule.parts.push_back(std::move(part));
  }
  if (!objects::at(document.value, pointer + "/same").is_null()) {
    if (form != Rule::Form::all)
      return document.error_at(pointer + "/same", "only 'all' has parts that can be the same");
    TRY_ASSIGN(bond, word_at(document, pointer + "/same", "bond", bonds()));
    rule.bond = bond;
  }
  return rule;
}

}  // namespace

Result<Rule> parse_rule(const Document& document, const std::string& pointer, int depth)
{
  const auto& value = objects::at(document.value, pointer);
  if (!value.is_object())
    return document.error_at(pointer, "this must be a rule: {log, matches}, {fact, …}, all or any");
  if (depth > deepest_rule) return document.error_at(pointer, "rules are nested too deeply");
  if (value.contains("all")) return parse_group(document, pointer, Rule::Form::all, depth);
  if (value.contains("any")) return parse_group(document, pointer, Rule::Form::any, depth);
  if (!value.contains("log") && !value.contains("fact")) {
    TRY(base::check_keys(document, pointer, {"all", "any", "log", "fact"}));
    return document.error_at(pointer, "a rule has one of log, fact, all, any");
  }
  auto rule = value.contains("log") ? parse_log(document, pointer) : parse_fact(document, pointer);
  if (rule && value.contains("weight")) {
    TRY_ASSIGN(weight, word_at(document, pointer + "/weight", "weight", weights()));
    rule->weight = weight;
  }
  return rule;
}

void add_captures(const Rule& rule, std::vector<std::string>& names)
{
  if (rule.form == Rule::Form::log)
    for (auto& name : capture_names(rule.log.pattern)) names.push_back(std::move(name));
  for (const auto& part : rule.parts) add_captures(part, names);
}

}  // namespace coroner::graveyard
