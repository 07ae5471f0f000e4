// SPDX-License-Identifier: Apache-2.0
// The table of facts that are read directly: where each stands and how to collect that place.
#pragma once

#include <span>
#include <string_view>

namespace coroner::evidence {

/// What a fact's value is.
enum class FactType { text, number, flag };

std::string_view word(FactType type);

/// How a value is found in its place.
enum class FactForm {
  pointer,   ///< JSON pointer in each object of the kind, or each payload line.
  pattern,   ///< RE2 over each line of the place's text; the first group is the value.
  quantity,  ///< JSON pointer to a Kubernetes quantity.
};

/// One fact that is read from one place. Places: "api/<version>/<kind>", "pods/inspect",
/// "host/<path or name>" (a final `*` fits any ending), "logs".
struct FactDefinition {
  std::string_view name;
  FactType type = FactType::text;
  std::string_view place;
  FactForm form = FactForm::pointer;
  std::string_view where;    ///< The pointer or pattern.
  std::string_view command;  ///< What collects that place.
};

std::span<const FactDefinition> fact_table();

/// nullptr when no fact of that name is read directly.
const FactDefinition* fact_definition(std::string_view name);

}  // namespace coroner::evidence
