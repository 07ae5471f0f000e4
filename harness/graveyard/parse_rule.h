// SPDX-License-Identifier: Apache-2.0
// Rules as YAML says them; for this room only.
#pragma once

#include <string>

#include "harness/base/result.h"
#include "harness/base/yaml.h"
#include "harness/graveyard/cause.h"

namespace coroner::graveyard {

/// Deepest nesting of all and any.
inline constexpr int deepest_rule = 6;

/// The rule at `pointer`; ErrorKind::invalid at its place, with the nearest right word.
base::Result<Rule> parse_rule(const base::Document& document, const std::string& pointer,
                              int depth = 0);

/// Names of the captures of every pattern in `rule`.
void add_captures(const Rule& rule, std::vector<std::string>& names);

/// Calls `visit` on every log test in `rule`, in order.
template <class Visit>
void for_each_log_test(Rule& rule, const Visit& visit)
{
  if (rule.form == Rule::Form::log) visit(rule.log);
  for (auto& part : rule.parts) for_each_log_test(part, visit);
}

}  // namespace coroner::graveyard
