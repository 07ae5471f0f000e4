// SPDX-License-Identifier: Apache-2.0
// From a bundle to a record: judging, diagnosing, and saying what follows from what.
#include "harness/engine/assess.h"

#include <algorithm>
#include <map>
#include <set>

#include "harness/engine/node_record.h"
#include "harness/engine/seen.h"
#include "harness/evidence/observed.h"
#include "harness/evidence/path.h"
#include "harness/graveyard/derived.h"
#include "harness/graveyard/diagnose.h"
#include "harness/objects/object.h"
#include "harness/record/json.h"

namespace coroner::engine {
namespace {

using base::ErrorKind;
using base::Result;
using nlohmann::json;
using objects::text_at;
using record::Verdict;

/// What the events of a run say beside its objects.
struct Told {
  json plan;
  json ending;
  std::vector<json> answers;
  std::vector<json> tasks;
  std::string last_event;
  std::map<std::string, std::pair<std::string, std::string>>
      pod_times;  ///< Pod file -> first, last.
};

Told told_by(const std::vector<evidence::Event>& events)
{
  Told told;
  for (const auto& event : events) {
    told.last_event = event.at;
    if (event.kind == evidence::EventKind::plan) told.plan = event.data;
    if (event.kind == evidence::EventKind::verdict) told.ending = event.data;
    if (event.kind == evidence::EventKind::answer) told.answers.push_back(event.data);
    if (event.kind == evidence::EventKind::object && event.path.starts_with("objects/v1/Pod/")) {
      auto& times = told.pod_times[event.path];
      if (times.first.empty()) times.first = event.at;
      times.second = event.at;
    }
  }
  const auto& planned = objects::at(told.plan, "/tasks");
  if (planned.is_array()) told.tasks.assign(planned.begin(), planned.end());
  for (const auto& answer : told.answers)
    if (text_at(answer, "/question") == "attempt") told.tasks.push_back(answer);
  return told;
}

record::Time time_of(const std::string& text)
{
  auto full = text;
  if (full.size() == 20 && full.back() == 'Z') full.insert(19, ".000");
  return record::parse_time(full).value_or(record::Time{});
}

record::Ending ending_of(const evidence::Reader& bundle, const Told& told)
{
  if (!bundle.manifest().is_complete) return record::Ending::lost;
  return record::from_word<record::Ending>(text_at(told.ending, "/ending"))
      .value_or(record::Ending::complete);
}

class Assessment {
 public:
  Assessment(const evidence::Observed& observed, const evidence::FactStore& facts, Told told,
             const evidence::ClusterIdentity& cluster, record::Record& record)
      : observed_(observed),
        facts_(facts),
        told_(std::move(told)),
        cluster_(cluster),
        record_(record)
  {}

  Result<void> judge_all()
  {
    for (const auto& definition : registry())
      if (is_selected(definition.id)) record_.cases.push_back(definition.metadata());
    for (const auto& task : told_.tasks) TRY(judge(task));
    auto& results = record_.results;
    std::sort(results.begin(), results.end(), [](const auto& a, const auto& b) {
      return std::tie(a.case_id, a.node) < std::tie(b.case_id, b.node);
    });
    return {};
  }

 private:
  bool is_selected(const std::string& id) const
  {
    const auto& cases = objects::at(told_.plan, "/cases");
    return cases.is_array() && std::find(cases.begin(), cases.end(), json(id)) != cases.end();
  }

  Result<void> judge(const json& task)
  {
    const auto id = text_at(task, "/case");
    const auto& all = registry();
    const auto definition =
        std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.id == id; });
    if (definition == all.end()) {
      record_.disclosed.push_back("This version knows no case '" + id + "'; it was left out.");
      return {};
    }
    const auto judgement = checked(*definition, concluded(*definition, task));
    record::Attempt attempt{
        .verdict = judgement.verdict, .reason = judgement.reason, .proof = judgement.proof};
    add_times(attempt, task);
    const auto node = text_at(task, "/node");
    auto result =
        std::find_if(record_.results.begin(), record_.results.end(),
                     [&](const auto& each) { return each.case_id == id && each.node == node; });
    if (result == record_.results.end())
      result = record_.results.insert(record_.results.end(), {.case_id = id, .node = node});
    result->attempts.push_back(std::move(attempt));
    return {};
  }

  Judgement concluded(const CaseDefinition& definition, const json& task) const
  {
    const auto not_run = text_at(task, "/not_run");
    if (objects::flag_at(task, "/is_skip", false)) return skip("{}", not_run);
    const auto node = text_at(task, "/node");
    const bool needs_gpu = definition.subject == Subject::gpu_node ||
                           std::find(definition.needs.begin(), definition.needs.end(),
                                     record::Need::gpu_hardware) != definition.needs.end();
    if (needs_gpu && !node.empty()) {
      const auto signs = gpu_signs(observed_, told_.plan, node);
      if (!signs.has_gpu && signs.was_scanned)
        return skip("no GPU here: a scan of this node's PCI devices found none of NVIDIA's");
    }
    if (record_.ending != record::Ending::complete && !definition.manifest.empty() &&
        not_run.empty() && !has_ended(task))
      return broken("the run ended before this was over");
    return definition.judge(Seen({.definition = &definition,
                                  .task = &task,
                                  .nodes = &record_.nodes,
                                  .observed = &observed_,
                                  .facts = &facts_,
                                  .answers = &told_.answers,
                                  .cluster = cluster_}));
  }

  bool has_ended(const json& task) const
  {
    const auto wanted = text_at(task, "/pod");
    for (const auto& stored : observed_.objects)
      if (objects::kind_of(stored.object) == "Pod" &&
          objects::namespace_of(stored.object) + "/" + objects::name_of(stored.object) == wanted)
        return objects::has_ended(stored.object);
    return false;
  }

  /// A pass without proof tells nothing, and an unmet SHOULD is a warning.
  static Judgement checked(const CaseDefinition& definition, Judgement judgement)
  {
    const bool has_proof = std::any_of(judgement.proof.begin(), judgement.proof.end(),
                                       [](const auto& entry) { return !entry.second.empty(); });
    if (judgement.verdict == Verdict::pass && !has_proof)
      return broken("it passed without proof: our mistake, please report it");
    const auto level = record::level_of(definition.requirement);
    if (judgement.verdict == Verdict::fail && level && *level == record::Level::should)
      judgement.verdict = Verdict::warn;
    return judgement;
  }

  void add_times(record::Attempt& attempt, const json& task) const
  {
    attempt.started = record_.started;
    const auto pod = text_at(task, "/pod");
    const auto slash = pod.find('/');
    if (slash == std::string::npos) return;
    const auto path = evidence::object_path(
        {{"apiVersion", "v1"},
         {"kind", "Pod"},
         {"metadata", {{"namespace", pod.substr(0, slash)}, {"name", pod.substr(slash + 1)}}}});
    if (!path) return;
    attempt.evidence.push_back({.path = *path});
    const auto times = told_.pod_times.find(*path);
    if (times == told_.pod_times.end()) return;
    attempt.started = time_of(times->second.first);
    attempt.took = time_of(times->second.second) - attempt.started;
  }

  const evidence::Observed& observed_;
  const evidence::FactStore& facts_;
  Told told_;
  const evidence::ClusterIdentity& cluster_;
  record::Record& record_;
};

/// Gives each failure the finding that explains it, and makes what follows from one `blocked`.
void explain(graveyard::Diagnosis& diagnosis, record::Record& record)
{
  std::vector<graveyard::FailedCase> failed;
  for (const auto& result : record.results)
    if (result.verdict() == Verdict::fail || result.verdict() == Verdict::warn)
      failed.push_back({result.case_id, result.node, result.verdict() == Verdict::warn});
  graveyard::attribute(diagnosis, failed);
  for (auto& result : record.results) {
    if (result.attempts.empty()) continue;
    auto& last = result.attempts.back();
    if (last.verdict != Verdict::fail && last.verdict != Verdict::warn) continue;
    for (const auto& finding : diagnosis.findings) {
      const bool is_here = finding.nodes.empty() || result.node.empty() ||
                           std::count(finding.nodes.begin(), finding.nodes.end(), result.node) > 0;
      if (!is_here) continue;
      const bool is_explained =
          std::count(finding.explains.begin(), finding.explains.end(), result.case_id) > 0;
      const bool is_blocked =
          std::count(finding.blocked.begin(), finding.blocked.end(), result.case_id) > 0;
      if (!is_explained && !is_blocked) continue;
      result.cause = finding.cause;
      if (is_blocked && last.verdict == Verdict::fail) last.verdict = Verdict::blocked;
      break;
    }
  }
}

/// What was never run because something before it failed on the same node is blocked by that.
void block_what_was_not_run(const std::vector<json>& tasks, record::Record& record)
{
  for (const auto& task : tasks) {
    if (text_at(task, "/not_run").empty() || objects::flag_at(task, "/is_skip", false)) continue;
    for (auto& result : record.results) {
      if (result.case_id != text_at(task, "/case") || result.node != text_at(task, "/node"))
        continue;
      const bool is_open = result.verdict() == Verdict::fail || result.verdict() == Verdict::broken;
      if (!is_open || !result.cause.empty()) continue;
      const auto earlier =
          std::find_if(record.results.begin(), record.results.end(), [&](const auto& other) {
            return other.verdict() == Verdict::fail && other.case_id != result.case_id &&
                   (other.node.empty() || other.node == result.node) &&
                   !other.case_id.starts_with("smoke/");
          });
      if (earlier == record.results.end()) continue;
      result.attempts.back().verdict = Verdict::blocked;
      result.attempts.back().reason += "; see " + earlier->case_id;
      if (result.cause.empty()) result.cause = earlier->cause;
    }
  }
}

record::Record begun(const evidence::Reader& bundle, const Told& told)
{
  const auto& manifest = bundle.manifest();
  record::Record record{
      .run_id = manifest.run,
      .tool_version = manifest.tool,
      .started = time_of(manifest.created),
      .ended = time_of(told.last_event.empty() ? manifest.created : told.last_event),
      .ending = ending_of(bundle, told)};
  record.cluster = {.name = text_at(told.ending, "/cluster"),
                    .cell = text_at(told.ending, "/cell"),
                    .server = manifest.cluster.server,
                    .uid = manifest.cluster.uid};
  if (!manifest.cluster.version.empty()) record.versions["kubernetes"] = manifest.cluster.version;
  record.reproduce = text_at(told.ending, "/reproduce");
  for (const auto* part : {"/disclosed", "/missing"}) {
    const auto& list = objects::at(told.plan, part);
    if (!list.is_array()) continue;
    const std::string begin =
        std::string_view(part) == "/missing" ? "Not readable with these rights: " : "";
    for (const auto& line : list)
      if (line.is_string()) record.disclosed.push_back(begin + line.get<std::string>());
  }
  std::size_t redactions = 0;
  for (const auto& [kind, count] : manifest.redactions) redactions += count;
  if (redactions > 0)
    record.disclosed.push_back(
        fmt::format("{} secrets were taken out of the evidence.", redactions));
  return record;
}

void add_plugin_version(const evidence::FactStore& facts, record::Record& record)
{
  const auto answer = facts.ask("plugin.version");
  if (answer.presence == evidence::Presence::present && answer.facts[0].value.is_string())
    record.versions["device-plugin"] = answer.facts[0].value.get<std::string>();
}

}  // namespace

Result<record::Record> assess(const evidence::Reader& bundle, const graveyard::Catalogue& catalogue)
{
  TRY_ASSIGN(events, bundle.events());
  TRY_ASSIGN(observed, evidence::observe(bundle));
  const auto facts = graveyard::with_derived(observed);
  auto told = told_by(events);
  auto record = begun(bundle, told);
  TRY_ASSIGN(nodes, nodes_of(observed, told.plan));
  record.nodes = std::move(nodes);
  add_plugin_version(facts, record);
  const auto tasks = told.tasks;
  TRY(Assessment(observed, facts, std::move(told), bundle.manifest().cluster, record).judge_all());
  TRY_ASSIGN(diagnosis, graveyard::diagnose(catalogue, observed));
  explain(diagnosis, record);
  block_what_was_not_run(tasks, record);
  record.findings = std::move(diagnosis.findings);
  return record;
}

}  // namespace coroner::engine
