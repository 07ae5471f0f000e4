// SPDX-License-Identifier: Apache-2.0
// From matches to findings: confidence, ranking, consequences, and what stays unexplained.
#include "harness/graveyard/diagnose.h"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "harness/evidence/json_text.h"
#include "harness/graveyard/derived.h"
#include "harness/graveyard/evaluate.h"
#include "harness/record/case.h"

namespace coroner::graveyard {
namespace {

using base::Result;
using record::Finding;

constexpr std::size_t most_unexplained = 16;

Result<Ground> prepare(const Catalogue& catalogue, const evidence::Observed& seen)
{
  Ground ground{.hits = {}, .facts = with_derived(seen)};
  for (const auto& text : seen.texts) {
    TRY_ASSIGN(hits, catalogue.signatures().scan(text.content));
    if (hits.empty()) continue;
    const auto whole = catalogue.components().of_text(text.content);
    for (auto& hit : hits) {
      auto component = catalogue.components().of_line(hit.text);
      if (component.empty()) component = whole;
      ground.hits[hit.signature].push_back({std::move(hit), &text, std::move(component)});
    }
  }
  return ground;
}

double confidence_of(const Match& match)
{
  if (match.is_decisive) return match.points > 1 ? most_confidence : decisive_confidence;
  if (match.points <= 1) return hint_confidence;
  if (match.points == 2) return two_agree_confidence;
  return match.points == 3 ? three_agree_confidence : most_agree_confidence;
}

/// The matches of a cause, with what raises them and without what rules them out.
std::vector<Match> matches_of(const Cause& cause, const Ground& ground)
{
  std::vector<Match> kept;
  std::vector<Match> against;
  for (const auto& rule : cause.unless)
    for (auto& match : evaluate(rule, ground)) against.push_back(std::move(match));
  for (auto& match : evaluate(cause.when, ground)) {
    const bool is_ruled_out = std::any_of(against.begin(), against.end(), [&](const Match& other) {
      return other.scope.fits(match.scope);
    });
    if (!is_ruled_out) kept.push_back(std::move(match));
  }
  for (const auto& rule : cause.raises) {
    const auto supports = evaluate(rule, ground);
    for (auto& match : kept) {
      const auto support = std::find_if(supports.begin(), supports.end(), [&](const Match& other) {
        return other.scope.node.empty() || match.scope.node.empty() ||
               other.scope.node == match.scope.node;
      });
      if (support == supports.end()) continue;
      ++match.points;
      for (const auto& evidence : support->evidence)
        if (match.evidence.size() < most_evidence_lines) match.evidence.push_back(evidence);
      match.captures.insert(support->captures.begin(), support->captures.end());
    }
  }
  std::stable_sort(kept.begin(), kept.end(), [](const Match& one, const Match& other) {
    return confidence_of(one) > confidence_of(other);
  });
  return kept;
}

std::string value_of(const std::string& name, const Match& match, const Ground& ground)
{
  if (name == "node") return match.scope.node.empty() ? "NODE" : match.scope.node;
  if (name == "pod") return match.scope.pod.empty() ? "the pod" : match.scope.pod;
  if (const auto capture = match.captures.find(name); capture != match.captures.end())
    return capture->second;
  const auto answer = ask(ground.facts, name, {.node = match.scope.node});
  if (answer.presence == evidence::Presence::not_collected) return "a place that was not collected";
  if (answer.presence == evidence::Presence::absent) return "nothing";
  const auto& value = answer.facts.front().value;
  return value.is_string() ? value.get<std::string>() : evidence::dump_json(value);
}

std::string filled(const std::string& text, const Match& match, const Ground& ground)
{
  std::string made;
  std::size_t done = 0;
  while (true) {
    const auto begin = text.find('{', done);
    const auto end = text.find('}', begin);
    if (begin == std::string::npos || end == std::string::npos) break;
    const auto name = text.substr(begin + 1, end - begin - 1);
    made.append(text, done, begin - done);
    if (is_found("^[a-z_.0-9]+$", name)) {
      made += value_of(name, match, ground);
      done = end + 1;
    } else {
      made += '{';
      done = begin + 1;
    }
  }
  return made.append(text, done);
}

record::Fix fix_of(const Cause& cause, const Match& match, const Ground& ground)
{
  const auto distro = ask(ground.facts, "node.distro", {.node = match.scope.node});
  if (distro.presence == evidence::Presence::present && distro.facts[0].value.is_string())
    if (const auto fix = cause.fixes.find(distro.facts[0].value.get<std::string>());
        fix != cause.fixes.end())
      return fix->second;
  const auto any = cause.fixes.find("any");
  return any == cause.fixes.end() ? cause.fixes.begin()->second : any->second;
}

Finding finding_of(const Cause& cause, const std::vector<Match>& matches, const Ground& ground)
{
  const auto& best = matches.front();
  Finding finding{.cause = cause.id,
                  .name = cause.name,
                  .title = cause.title,
                  .layer = cause.layer,
                  .confidence = confidence_of(best),
                  .evidence = best.evidence,
                  .because = filled(cause.because, best, ground),
                  .fix = fix_of(cause, best, ground),
                  .verify = filled(cause.verify, best, ground),
                  .sources = cause.sources};
  std::set<std::string> nodes;
  for (const auto& match : matches) {
    const bool is_as_sure =
        confidence_of(match) >= record::least_certain || finding.confidence < record::least_certain;
    if (is_as_sure && !match.scope.node.empty()) nodes.insert(match.scope.node);
  }
  finding.nodes.assign(nodes.begin(), nodes.end());
  return finding;
}

bool is_certain(const Finding& finding)
{
  return finding.confidence >= record::least_certain;
}

void rank(std::vector<Finding>& findings)
{
  std::stable_sort(findings.begin(), findings.end(), [](const Finding& one, const Finding& other) {
    if (is_certain(one) != is_certain(other)) return is_certain(one);
    if (is_certain(one) && one.layer != other.layer) return one.layer < other.layer;
    if (one.confidence != other.confidence) return one.confidence > other.confidence;
    if (one.layer != other.layer) return one.layer < other.layer;
    return one.evidence.size() > other.evidence.size();
  });
}

/// Moves findings whose cause yields to another certain finding to the consequences.
void set_consequences_apart(const Catalogue& catalogue, Diagnosis& diagnosis)
{
  std::set<std::string> certain;
  for (const auto& finding : diagnosis.findings)
    if (is_certain(finding)) certain.insert(finding.cause);
  auto& findings = diagnosis.findings;
  const auto first =
      std::stable_partition(findings.begin(), findings.end(), [&](const Finding& finding) {
        const auto cause = catalogue.find(finding.cause);
        return !cause || std::none_of((*cause)->yields_to.begin(), (*cause)->yields_to.end(),
                                      [&](const auto& id) { return certain.contains(id); });
      });
  diagnosis.consequences.assign(std::make_move_iterator(first),
                                std::make_move_iterator(findings.end()));
  findings.erase(first, findings.end());
}

void keep_unexplained(const Catalogue& catalogue, const Ground& ground, Diagnosis& diagnosis)
{
  std::set<std::pair<std::string, int>> known;
  for (const auto* list : {&diagnosis.findings, &diagnosis.consequences})
    for (const auto& finding : *list)
      for (const auto& evidence : finding.evidence) known.emplace(evidence.source, evidence.line);
  for (const auto& [signature, lines] : ground.hits) {
    if (signature < catalogue.cause_signatures()) continue;
    for (const auto& line : lines) {
      const int number = line.text->first_line + line.hit.line - 1;
      if (line.text->kind == "config" || diagnosis.unexplained.size() >= most_unexplained) continue;
      if (!known.emplace(line.text->source, number).second) continue;
      diagnosis.unexplained.push_back({.source = line.text->source,
                                       .line = number,
                                       .text = line.hit.text,
                                       .node = line.text->scope.node,
                                       .column = line.hit.column,
                                       .length = line.hit.length});
    }
  }
}

struct SuiteLayer {
  std::string_view suite;  ///< Or a case's id.
  record::Layer layer;
};

constexpr auto suite_layers = std::to_array<SuiteLayer>({
    {"prerequisites", record::Layer::hardware},
    {"driver", record::Layer::driver},
    {"runtime", record::Layer::runtime},
    {"labels", record::Layer::labels},
    {"plugin", record::Layer::plugin},
    {"security", record::Layer::admission},
});

/// Cases that stand elsewhere than their suite: the kubelet is Ready, and pods run, by the runtime.
constexpr auto case_layers = std::to_array<SuiteLayer>({
    {"prerequisites/node_ready", record::Layer::runtime},
    {"prerequisites/system_pods", record::Layer::runtime},
});

/// Where a case stands in the stack; suites of their own, such as smoke, need all of it.
record::Layer layer_of(const FailedCase& failed)
{
  const auto* own = std::find_if(case_layers.begin(), case_layers.end(),
                                 [&](const auto& entry) { return entry.suite == failed.id; });
  if (own != case_layers.end()) return own->layer;
  const auto suite = record::suite_of(failed.id);
  const auto* found = std::find_if(suite_layers.begin(), suite_layers.end(),
                                   [suite](const auto& entry) { return entry.suite == suite; });
  return found == suite_layers.end() ? record::Layer::compute : found->layer;
}

bool concerns(const Finding& finding, const std::string& node)
{
  return node.empty() || finding.nodes.empty() ||
         std::find(finding.nodes.begin(), finding.nodes.end(), node) != finding.nodes.end();
}

void add_once(std::vector<std::string>& list, const std::string& id)
{
  if (std::find(list.begin(), list.end(), id) == list.end()) list.push_back(id);
}

}  // namespace

std::string_view confidence_word(double confidence)
{
  if (confidence >= decisive_confidence) return "decisive line";
  return confidence >= record::least_certain ? "several agreeing facts" : "weak hint";
}

Result<Diagnosis> diagnose(const Catalogue& catalogue, const evidence::Observed& seen)
{
  TRY_ASSIGN(ground, prepare(catalogue, seen));
  Diagnosis diagnosis;
  for (const auto& cause : catalogue.causes()) {
    const auto matches = matches_of(cause, ground);
    if (matches.empty()) continue;
    diagnosis.findings.push_back(finding_of(cause, matches, ground));
    for (const auto& fact : cause.needs) {
      const auto answer = ask(ground.facts, fact, {.node = matches.front().scope.node});
      if (answer.presence == evidence::Presence::not_collected)
        diagnosis.missing.push_back({cause.id, fact, answer.collect});
    }
  }
  rank(diagnosis.findings);
  set_consequences_apart(catalogue, diagnosis);
  keep_unexplained(catalogue, ground, diagnosis);
  return diagnosis;
}

std::vector<FailedCase> attribute(Diagnosis& diagnosis, const std::vector<FailedCase>& failed)
{
  std::vector<FailedCase> unexplained;
  for (const auto& each : failed) {
    const auto finding = std::find_if(
        diagnosis.findings.begin(), diagnosis.findings.end(), [&](const Finding& candidate) {
          return is_certain(candidate) && concerns(candidate, each.node) &&
                 layer_of(each) >= candidate.layer;
        });
    if (finding == diagnosis.findings.end()) {
      unexplained.push_back(each);
      continue;
    }
    const bool is_lowest = std::none_of(failed.begin(), failed.end(), [&](const auto& other) {
      return other.node == each.node && (each.is_warning || !other.is_warning) &&
             layer_of(other) >= finding->layer && layer_of(other) < layer_of(each);
    });
    add_once(is_lowest ? finding->explains : finding->blocked, each.id);
  }
  return unexplained;
}

}  // namespace coroner::graveyard
