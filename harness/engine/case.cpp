// SPDX-License-Identifier: Apache-2.0
// The registry of cases: the one global of the program.
#include "harness/engine/case.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace coroner::engine {
namespace {

std::vector<CaseDefinition>& cases()
{
  static std::vector<CaseDefinition> all;
  return all;
}

/// A wrong case is our own mistake, found before main begins: nothing can be returned from there.
[[noreturn]] void refuse(const std::string& why)
{
  std::fprintf(stderr, "coroner: %s\n", why.c_str());
  std::abort();
}

}  // namespace

record::CaseMetadata CaseDefinition::metadata() const
{
  return {.id = id,
          .requirement = requirement,
          .needs = needs,
          .effect = effect,
          .timeout = timeout,
          .source = source};
}

Case::Case(CaseDefinition definition)
{
  if (const auto checked = record::check(definition.metadata()); !checked)
    refuse(checked.error().text());
  if (definition.judge == nullptr) refuse("case " + definition.id + " has no judge");
  auto& all = cases();
  const auto place =
      std::lower_bound(all.begin(), all.end(), definition.id,
                       [](const auto& each, const auto& id) { return each.id < id; });
  if (place != all.end() && place->id == definition.id)
    refuse("two cases have the id " + definition.id);
  all.insert(place, std::move(definition));
}

const std::vector<CaseDefinition>& registry()
{
  return cases();
}

Judgement pass(std::map<std::string, std::string> proof)
{
  return {record::Verdict::pass, {}, std::move(proof)};
}

}  // namespace coroner::engine
