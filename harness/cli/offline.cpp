// SPDX-License-Identifier: Apache-2.0
// From an input to its record.
#include "harness/cli/offline.h"

#include <algorithm>
#include <chrono>

#include "harness/objects/node.h"
#include "harness/objects/object.h"

namespace coroner::cli {
namespace {

using base::Result;

record::Time now()
{
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

/// The record of a bundle without its findings: the run's identity and its cluster. The seam where
/// the engine's own assessment of a bundle with a plan belongs.
Result<record::Record> record_of_bundle(const evidence::Reader& bundle)
{
  const auto& manifest = bundle.manifest();
  record::Record record{.run_id = manifest.run};
  auto written = manifest.created;
  constexpr std::size_t seconds_only = sizeof "2026-11-20T22:59:01Z" - 1;
  if (written.size() == seconds_only) written.insert(seconds_only - 1, ".000");
  const auto time = record::parse_time(written);
  if (!time) return base::pass_on(time.error(), "while reading /created of the bundle's manifest");
  const auto created = *time;
  record.started = created;
  record.ended = created;
  record.cluster.server = manifest.cluster.server;
  record.cluster.uid = manifest.cluster.uid;
  if (!manifest.cluster.version.empty()) record.versions["kubernetes"] = manifest.cluster.version;
  if (!manifest.is_complete) record.ending = record::Ending::lost;
  TRY_ASSIGN(events, bundle.events());
  const bool has_plan = std::any_of(events.begin(), events.end(), [](const auto& event) {
    return event.kind == evidence::EventKind::plan;
  });
  if (has_plan) record.disclosed.push_back("the checks of the recorded run were not judged again");
  return record;
}

record::Node node_of(const nlohmann::json& object)
{
  record::Node node{.name = objects::name_of(object)};
  node.os_image = objects::text_at(object, "/status/nodeInfo/osImage");
  node.arch = objects::text_at(object, "/status/nodeInfo/architecture");
  node.runtime = objects::text_at(object, "/status/nodeInfo/containerRuntimeVersion");
  return node;
}

}  // namespace

Result<Assessment> assess(const Input& input, const graveyard::Catalogue& catalogue,
                          const std::string& version)
{
  Assessment made;
  auto& record = made.record;
  if (input.bundle) {
    TRY_ASSIGN(of_bundle, record_of_bundle(*input.bundle));
    record = std::move(of_bundle);
    record.bundle = input.name;
  } else {
    record.started = now();
    record.ended = record.started;
    record.run_id = "diagnosis-" + record::time_text(record.started);
  }
  record.tool_version = version;
  record.mode = record::Mode::replay;
  record.note = input.name;
  record.cluster.name = input.name;
  for (const auto& stored : input.seen.objects)
    if (objects::kind_of(stored.object) == "Node") record.nodes.push_back(node_of(stored.object));
  TRY_ASSIGN(diagnosis, graveyard::diagnose(catalogue, input.seen));
  made.diagnosis = std::move(diagnosis);
  record.findings = made.diagnosis.findings;
  return made;
}

std::size_t certain_findings(const record::Record& record)
{
  return static_cast<std::size_t>(
      std::count_if(record.findings.begin(), record.findings.end(), [](const auto& finding) {
        return !finding.is_notice && finding.confidence >= record::least_certain;
      }));
}

}  // namespace coroner::cli
