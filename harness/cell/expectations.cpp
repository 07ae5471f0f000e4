// SPDX-License-Identifier: Apache-2.0
// Which rows fit a node, and what they expect together; reading stands in read_expectations.cpp.
#include "harness/cell/expectations.h"

#include <algorithm>
#include <cctype>

#include "harness/base/text.h"

namespace coroner::cell {
namespace {

std::string lower(std::string text)
{
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::map<std::string, std::string> by_sign(const NodeFacts& facts)
{
  return {{"os_image", lower(facts.os_image)},
          {"kubelet_version", lower(facts.kubelet_version)},
          {"container_runtime", lower(facts.container_runtime)},
          {"architecture", lower(facts.architecture)},
          {"provider_id", lower(facts.provider_id)}};
}

bool fits(const ExpectationRow& row, const std::map<std::string, std::string>& said)
{
  return std::all_of(row.signs.begin(), row.signs.end(), [&](const auto& sign) {
    const auto text = said.find(sign.first);
    return text != said.end() &&
           std::any_of(sign.second.begin(), sign.second.end(), [&](const std::string& word) {
             return text->second.find(word) != std::string::npos;
           });
  });
}

const ExpectationRow* first_that_fits(const std::vector<ExpectationRow>& rows,
                                      const std::map<std::string, std::string>& said)
{
  const auto found = std::find_if(rows.begin(), rows.end(),
                                  [&](const ExpectationRow& row) { return fits(row, said); });
  return found == rows.end() ? nullptr : &*found;
}

void add(std::map<std::string, std::string>& values, const std::map<std::string, std::string>& more)
{
  for (const auto& [name, value] : more) values[name] = value;
}

}  // namespace

std::string NodeExpectations::of(std::string_view name) const
{
  const auto found = values.find(std::string(name));
  return found == values.end() ? "" : found->second;
}

std::vector<std::string> NodeExpectations::list(std::string_view name) const
{
  std::vector<std::string> words;
  for (const auto& part : base::split(of(name), ',')) {
    const auto word = base::trim(part);
    if (!word.empty()) words.emplace_back(word);
  }
  return words;
}

bool NodeExpectations::includes(std::string_view name, std::string_view word) const
{
  const auto words = list(name);
  return std::find(words.begin(), words.end(), word) != words.end();
}

NodeExpectations expectations_of(const ExpectationTable& table, const NodeFacts& facts,
                                 const std::map<std::string, std::string>& overrides)
{
  const auto said = by_sign(facts);
  NodeExpectations expected{.distro = std::string(unknown_distro)};
  const auto* distro = first_that_fits(table.distros, said);
  if (distro != nullptr) expected.distro = distro->name;
  const auto* kubernetes = first_that_fits(table.kubernetes, said);
  if (kubernetes != nullptr) expected.kubernetes = kubernetes->name;
  for (const auto* row : {distro, first_that_fits(table.architectures, said),
                          first_that_fits(table.runtimes, said), kubernetes}) {
    if (row == nullptr) continue;
    add(expected.values, row->expects);
    if (const auto own = row->on.find(expected.distro); own != row->on.end())
      add(expected.values, own->second);
    expected.sources.push_back(row->source);
  }
  add(expected.values, overrides);
  return expected;
}

std::string choose_access(const NodeExpectations& expectations, bool has_nvidia_runtime_class,
                          std::string_view plugin_strategy)
{
  if (plugin_strategy.find("cdi") != std::string_view::npos) return "cdi";
  const bool is_empty_sign = expectations.of("runtime_class_shows") == "nothing" &&
                             expectations.of("nvidia_runtime") == "absent";
  if (has_nvidia_runtime_class && !is_empty_sign) return "runtime-class";
  return expectations.includes("access", "nixos-mounts") ? "nixos-mounts" : "plain";
}

}  // namespace coroner::cell
