// SPDX-License-Identifier: Apache-2.0
// A cause of the catalogue, as its file says it: what shows it, why it is so, what mends it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/record/finding.h"

namespace coroner::graveyard {

/// How much one observation says.
enum class Weight {
  hint,      ///< Other causes show the same.
  agreeing,  ///< Fits this cause; counts as much as a fact that raises.
  decisive,  ///< Names the cause.
};

/// What a rule asks of a fact.
enum class Operation { is, is_not, in, matches, less, more, absent, version };

/// What the parts of an `all` must share.
enum class Bond { none, node, pod, file };

/// A line of a log or message: {log: device_plugin, matches: '…', weight: hint}.
struct LogTest {
  std::string component;  ///< A word of component.h, or "any".
  std::string pattern;    ///< RE2; `^` and `$` are the ends of a line.
  int signature = -1;     ///< Its index in the set of the catalogue.
};

/// A question to a fact: {fact: node.distro, is: nixos}.
struct FactTest {
  std::string name;
  Operation operation = Operation::is;
  nlohmann::json operand;  ///< A list for `in`; ">=1.17.4" or a list of such for `version`.
};

/// A rule: one test, or all or any of several rules.
struct Rule {
  enum class Form { all, any, log, fact };
  Form form = Form::any;
  std::vector<Rule> parts;
  LogTest log;
  FactTest fact;
  Weight weight = Weight::decisive;
  Bond bond = Bond::none;
};

/// Another cause that looks the same.
struct LookAlike {
  std::string name;  ///< Of the cause, with or without a file yet.
  std::string told_apart_by;
};

struct Cause {
  std::string id;    ///< "GY005"
  std::string name;  ///< "nvml-lib-not-on-search-path"
  std::string title;
  record::Layer layer = record::Layer::pod;
  Rule when;
  std::vector<Rule> raises;                  ///< Each that holds makes it surer.
  std::vector<Rule> unless;                  ///< Any that holds rules it out.
  std::string because;                       ///< With {fact} and {capture} in it.
  std::map<std::string, record::Fix> fixes;  ///< By distro; "any" serves the rest.
  std::string verify;                        ///< With {node} in it.
  std::vector<std::string> needs;            ///< Facts that would decide it.
  std::vector<LookAlike> look_alikes;
  std::vector<std::string> yields_to;  ///< Ids of causes of lower layers.
  std::vector<std::string> sources;
  std::string breaks;                 ///< "lab" or "recorded".
  std::vector<std::string> examples;  ///< Files below examples/.
  std::string file;                   ///< For messages.
};

}  // namespace coroner::graveyard
