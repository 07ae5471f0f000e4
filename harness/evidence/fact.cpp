// SPDX-License-Identifier: Apache-2.0
// Questions about facts.
#include "harness/evidence/fact.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/evidence/fact_table.h"

namespace coroner::evidence {
namespace {

bool is_compatible(const std::string& one, const std::string& other)
{
  return one.empty() || other.empty() || one == other;
}

}  // namespace

bool Scope::fits(const Scope& other) const
{
  return is_compatible(node, other.node) && is_compatible(pod, other.pod) &&
         is_compatible(file, other.file);
}

void FactStore::add(Fact fact)
{
  auto& named = facts_[fact.name];
  named.push_back(std::move(fact));
}

void FactStore::mark_collected(const std::string& place, const std::string& node)
{
  collected_[place].insert(node);
}

bool FactStore::was_collected(const std::string& place, const std::string& node) const
{
  const auto found = collected_.find(place);
  if (found == collected_.end()) return false;
  return node.empty() || found->second.contains(node) || found->second.contains("");
}

Answer FactStore::ask(std::string_view name, const Scope& scope) const
{
  Answer answer;
  std::vector<Fact> absences;
  for (const auto& fact : all(name)) {
    if (!fact.scope.fits(scope)) continue;
    (fact.value.is_null() ? absences : answer.facts).push_back(fact);
  }
  const auto* definition = fact_definition(name);
  if (!answer.facts.empty()) {
    answer.presence = Presence::present;
  } else if (!absences.empty() ||
             (definition && was_collected(std::string(definition->place), scope.node))) {
    answer.presence = Presence::absent;
    answer.facts = std::move(absences);
  } else if (definition) {
    answer.collect = fmt::format("{}: {}", definition->place, definition->command);
  }
  return answer;
}

std::vector<Fact> FactStore::all(std::string_view name) const
{
  const auto found = facts_.find(name);
  return found == facts_.end() ? std::vector<Fact>{} : found->second;
}

std::size_t FactStore::size() const
{
  std::size_t sum = 0;
  for (const auto& [name, facts] : facts_) sum += facts.size();
  return sum;
}

}  // namespace coroner::evidence
