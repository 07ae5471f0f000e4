// SPDX-License-Identifier: Apache-2.0
// One file of the catalogue, field by field.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/base/yaml.h"
#include "harness/graveyard/catalogue.h"
#include "harness/graveyard/derived.h"
#include "harness/graveyard/parse_rule.h"
#include "harness/graveyard/signature_set.h"
#include "harness/objects/object.h"

namespace coroner::graveyard {
namespace {

using base::Document;
using base::Result;
using nlohmann::json;
using objects::at;

const std::vector<std::string> cause_keys = {
    "id",  "name",   "title", "layer",       "when",      "raises",  "unless", "because",
    "fix", "verify", "needs", "look_alikes", "yields_to", "sources", "breaks", "examples"};

const std::vector<std::string> fix_keys = {
    "any", "nixos", "talos",   "ubuntu", "debian",       "arch", "fedora",      "rhel",
    "k3s", "rke2",  "kubeadm", "helm",   "gpu-operator", "kind", "bottlerocket"};

Result<void> check_shape(const Document& document, const std::string& pointer,
                         const std::string& pattern, std::string_view wanted)
{
  TRY_ASSIGN(text, base::string_at(document, pointer));
  if (!is_found(pattern, text))
    return document.error_at(pointer, fmt::format("'{}' is not {}", base::printable(text), wanted));
  return {};
}

Result<std::vector<std::string>> texts_of(const Document& document, const std::string& pointer,
                                          bool is_needed)
{
  const auto& list = at(document.value, pointer);
  std::vector<std::string> texts;
  if (list.is_null() && !is_needed) return texts;
  if (!list.is_array() || (is_needed && list.empty()))
    return document.error_at(pointer, "this must be a list of texts");
  for (std::size_t i = 0; i < list.size(); ++i) {
    TRY_ASSIGN(text, base::string_at(document, fmt::format("{}/{}", pointer, i)));
    texts.push_back(std::move(text));
  }
  return texts;
}

Result<std::vector<Rule>> rules_of(const Document& document, const std::string& pointer)
{
  std::vector<Rule> rules;
  const auto& list = at(document.value, pointer);
  if (list.is_null()) return rules;
  if (!list.is_array()) return document.error_at(pointer, "this must be a list of rules");
  for (std::size_t i = 0; i < list.size(); ++i) {
    TRY_ASSIGN(rule, parse_rule(document, fmt::format("{}/{}", pointer, i)));
    rules.push_back(std::move(rule));
  }
  return rules;
}

Result<std::map<std::string, record::Fix>> fixes_of(const Document& document)
{
  const auto& value = at(document.value, "/fix");
  if (!value.is_object() || value.empty())
    return document.error_at("/fix", "this must name a fix for each distro, or 'any'");
  TRY(base::check_keys(document, "/fix", fix_keys));
  std::map<std::string, record::Fix> fixes;
  for (const auto& [distro, fix] : value.items()) {
    const auto pointer = "/fix/" + distro;
    if (!fix.is_object()) return document.error_at(pointer, "this must be {text, patch}");
    TRY(base::check_keys(document, pointer, {"text", "patch"}));
    TRY_ASSIGN(text, base::string_at(document, pointer + "/text"));
    record::Fix made{.distro = distro, .text = text};
    if (fix.contains("patch")) {
      TRY(check_shape(document, pointer + "/patch", "^fixes/[A-Za-z0-9._-]+$",
                      "a file below fixes/"));
      made.patch_file = objects::text_at(fix, "/patch");
    }
    fixes[distro] = std::move(made);
  }
  return fixes;
}

Result<std::vector<LookAlike>> look_alikes_of(const Document& document)
{
  std::vector<LookAlike> found;
  const auto& list = at(document.value, "/look_alikes");
  if (list.is_null()) return found;
  if (!list.is_array()) return document.error_at("/look_alikes", "this must be a list");
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto pointer = fmt::format("/look_alikes/{}", i);
    if (!list[i].is_object())
      return document.error_at(pointer, "this must be {name, told_apart_by}");
    TRY(base::check_keys(document, pointer, {"name", "told_apart_by"}));
    TRY_ASSIGN(name, base::string_at(document, pointer + "/name"));
    TRY_ASSIGN(told, base::string_at(document, pointer + "/told_apart_by"));
    found.push_back({name, told});
  }
  return found;
}

/// Sources as a person reads them: "seed 000", "k8s-device-plugin 0.17.4: internal/plugin/…".
Result<std::vector<std::string>> sources_of(const Document& document)
{
  const auto& list = at(document.value, "/sources");
  if (!list.is_array() || list.empty())
    return document.error_at("/sources", "this must be a list of sources");
  std::vector<std::string> sources;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto pointer = fmt::format("/sources/{}", i);
    if (!list[i].is_object())
      return document.error_at(pointer, "this must be {seed} or {component, file}");
    TRY(base::check_keys(document, pointer, {"seed", "component", "file", "read", "note"}));
    const auto& source = list[i];
    const bool is_seed = source.contains("seed");
    TRY_ASSIGN(main, base::string_at(document, pointer + (is_seed ? "/seed" : "/component")));
    auto text = is_seed ? "seed " + main : main;
    if (source.contains("file")) {
      TRY_ASSIGN(file, base::string_at(document, pointer + "/file"));
      text += ": " + file;
    }
    sources.push_back(std::move(text));
  }
  return sources;
}

/// Every {placeholder} must be a fact, a capture of `when`, or node or pod.
Result<void> check_placeholders(const Document& document, const std::string& pointer,
                                const std::string& text, std::vector<std::string> known)
{
  for (auto begin = text.find('{'); begin != std::string::npos; begin = text.find('{', begin + 1)) {
    const auto end = text.find('}', begin);
    if (end == std::string::npos) break;
    const auto name = text.substr(begin + 1, end - begin - 1);
    if (!is_found("^[a-z_.0-9]+$", name)) continue;
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const auto near = base::nearest(name, known);
    return document.error_at(pointer,
                             fmt::format("nothing fills {{{}}}{}", name,
                                         near.empty() ? "" : "; did you mean '" + near + "'?"));
  }
  return {};
}

Result<void> check_texts(const Document& document, const Cause& cause)
{
  auto known = known_facts();
  known.insert(known.end(), {"node", "pod"});
  add_captures(cause.when, known);
  TRY(check_placeholders(document, "/because", cause.because, known));
  TRY(check_placeholders(document, "/verify", cause.verify, known));
  const auto facts = known_facts();
  for (std::size_t i = 0; i < cause.needs.size(); ++i)
    if (std::find(facts.begin(), facts.end(), cause.needs[i]) == facts.end())
      return document.error_at(fmt::format("/needs/{}", i),
                               fmt::format("unknown fact '{}'; did you mean '{}'?", cause.needs[i],
                                           base::nearest(cause.needs[i], facts)));
  if (cause.breaks != "lab" && cause.breaks != "recorded")
    return document.error_at("/breaks", "this must be 'lab' or 'recorded'");
  if (!cause.file.starts_with(fmt::format("{}-{}", cause.id, cause.name)))
    return document.error_at(
        "/name", fmt::format("the file of this cause must be {}-{}.yaml", cause.id, cause.name));
  return {};
}

Result<void> read_names(const Document& document, Cause& cause)
{
  TRY(check_shape(document, "/id", "^GY[0-9]{3}$", "a code such as GY005"));
  TRY(check_shape(document, "/name", "^[a-z0-9]+(?:[-:][a-z0-9]+)*$", "words joined by '-'"));
  cause.id = objects::text_at(document.value, "/id");
  cause.name = objects::text_at(document.value, "/name");
  TRY_ASSIGN(title, base::string_at(document, "/title"));
  cause.title = title;
  TRY_ASSIGN(layer, base::string_at(document, "/layer"));
  auto known = record::from_word<record::Layer>(layer);
  if (!known) return document.error_at("/layer", known.error().what + "; " + known.error().hint);
  cause.layer = *known;
  TRY_ASSIGN(because, base::string_at(document, "/because"));
  cause.because = because;
  TRY_ASSIGN(verify, base::string_at(document, "/verify"));
  cause.verify = verify;
  TRY_ASSIGN(breaks, base::string_at(document, "/breaks"));
  cause.breaks = breaks;
  return {};
}

}  // namespace

Result<Cause> parse_cause(const SourceFile& file)
{
  TRY_ASSIGN(document, base::parse_yaml(file.text, file.name));
  if (!document.value.is_object()) return document.error_at("", "a cause is a map of fields");
  TRY(base::check_keys(document, "", cause_keys));
  Cause cause{.file = file.name};
  TRY(read_names(document, cause));
  TRY_ASSIGN(when, parse_rule(document, "/when"));
  cause.when = std::move(when);
  TRY_ASSIGN(raises, rules_of(document, "/raises"));
  cause.raises = std::move(raises);
  TRY_ASSIGN(unless, rules_of(document, "/unless"));
  cause.unless = std::move(unless);
  TRY_ASSIGN(fixes, fixes_of(document));
  cause.fixes = std::move(fixes);
  TRY_ASSIGN(look_alikes, look_alikes_of(document));
  cause.look_alikes = std::move(look_alikes);
  TRY_ASSIGN(needs, texts_of(document, "/needs", false));
  cause.needs = std::move(needs);
  TRY_ASSIGN(yields, texts_of(document, "/yields_to", false));
  cause.yields_to = std::move(yields);
  TRY_ASSIGN(examples, texts_of(document, "/examples", true));
  cause.examples = std::move(examples);
  TRY_ASSIGN(sources, sources_of(document));
  cause.sources = std::move(sources);
  TRY(check_texts(document, cause));
  return cause;
}

}  // namespace coroner::graveyard
