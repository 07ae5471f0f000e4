// SPDX-License-Identifier: Apache-2.0
// From an input to its record.
#include "harness/cli/offline.h"

#include <algorithm>
#include <chrono>

#include "harness/engine/assess.h"
#include "harness/objects/node.h"
#include "harness/objects/object.h"

namespace coroner::cli {
namespace {

using base::Result;

record::Time now()
{
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
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
    TRY_ASSIGN(of_bundle, engine::assess(*input.bundle, catalogue));
    record = std::move(of_bundle);
    record.bundle = input.name;
    record.mode = record::Mode::replay;
    record.note = input.name;
    TRY_ASSIGN(diagnosis, graveyard::diagnose(catalogue, input.seen));
    made.diagnosis = std::move(diagnosis);
    return made;
  }
  record.started = now();
  record.ended = record.started;
  record.run_id = "diagnosis-" + record::time_text(record.started);
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
