// SPDX-License-Identifier: Apache-2.0
// Scene: what a run would have recorded, built by hand, for tests of judges.
#pragma once

#include <algorithm>

#include <gmock/gmock.h>

#include "harness/cell/expectations.h"
#include "harness/embedded/embedded.h"
#include "harness/engine/seen.h"
#include "harness/evidence/path.h"
#include "harness/graveyard/derived.h"
#include "harness/objects/object.h"

namespace coroner::suites {

using nlohmann::json;
using record::Verdict;

/// A node, its objects and what a payload said on it; `judge` runs one registered case on it.
class Scene {
 public:
  explicit Scene(const std::string& os_image = "Ubuntu 24.04.3 LTS",
                 const std::string& kubelet = "v1.34.1")
  {
    node = {{"apiVersion", "v1"}, {"kind", "Node"}, {"metadata", {{"name", "one"}}}};
    node["status"]["nodeInfo"] = {{"osImage", os_image},
                                  {"kubeletVersion", kubelet},
                                  {"containerRuntimeVersion", "containerd://2.1.4"},
                                  {"architecture", "amd64"}};
    node["status"]["conditions"] = {
        {{"type", "Ready"}, {"status", "True"}, {"lastTransitionTime", "2026-11-01T10:00:00Z"}}};
    inspect = json::parse(R"({"kind":"inspect","nonce":"n","ok":true,
      "driver":{"is_loaded":true,"version":"570.211.01","flavour":"open","text":"NVRM version",
                "modules_are_readable":true,"modules":[{"name":"nvidia"},{"name":"nvidia_uvm"}]},
      "pci":{"is_readable":true,"controllers":[
        {"address":"0000:01:00.0","vendor":"10de","device":"2c05","class":"030000","driver":"nvidia"}]},
      "devices":[],"machine":{}})");
  }

  /// The labels and amounts that a plugin which works brings.
  Scene& offering(const std::string& count)
  {
    node["status"]["capacity"]["nvidia.com/gpu"] = count;
    node["status"]["allocatable"]["nvidia.com/gpu"] = count;
    return *this;
  }

  Scene& label(const std::string& key, const std::string& value)
  {
    node["metadata"]["labels"][key] = value;
    return *this;
  }

  Scene& add(json object)
  {
    others.push_back(std::move(object));
    return *this;
  }

  Scene& simulated()
  {
    inspect["driver"] = json::parse(
        R"({"is_loaded":false,"simulated_driver":"570.211.01","modules_are_readable":true,"modules":[]})");
    inspect["pci"]["controllers"] = json::array();
    return *this;
  }

  /// A result of the payload in the GPU pod.
  Scene& gpu_line(json line)
  {
    gpu_lines.push_back(std::move(line));
    return *this;
  }

  engine::Judgement judge(const std::string& id) const
  {
    const auto& all = engine::registry();
    const auto definition =
        std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.id == id; });
    if (definition == all.end()) {
      ADD_FAILURE() << "no case " << id;
      return {};
    }
    const auto observed = observe();
    const auto facts = graveyard::with_derived(observed);
    const bool is_cluster = definition->subject == engine::Subject::cluster;
    const json task = {{"case", id}, {"node", is_cluster ? "" : "one"}, {"not_run", not_run}};
    const std::vector<record::Node> nodes = {expected_node()};
    const std::vector<json> answers;
    return definition->judge(engine::Seen({.definition = &*definition,
                                           .task = &task,
                                           .nodes = &nodes,
                                           .observed = &observed,
                                           .facts = &facts,
                                           .answers = &answers,
                                           .cluster = cluster}));
  }

  json node;
  json inspect;  ///< Null: no pod looked at the node.
  std::string not_run;
  std::vector<json> others;
  std::vector<json> gpu_lines;
  std::vector<std::string> places;               ///< Marked as collected.
  std::map<std::string, std::string> overrides;  ///< Expectations of a cell.
  std::vector<evidence::Fact> more_facts;
  evidence::ClusterIdentity cluster = {"uid", "https://one:6443", "v1.34.1"};

 private:
  evidence::Observed observe() const
  {
    std::vector<evidence::StoredObject> stored;
    if (!node.is_null()) stored.push_back({evidence::object_path(node).value_or("n"), node});
    for (const auto& object : others)
      stored.push_back({evidence::object_path(object).value_or("x"), object});
    auto observed = evidence::observe_objects(std::move(stored));
    const evidence::Scope here = {.node = "one"};
    if (inspect.is_object())
      observed.payload_lines.push_back(
          {"pods/one/prerequisites%2Fgpu_hardware.ndjson", 1, inspect, here});
    int line = 0;
    for (const auto& each : gpu_lines)
      observed.payload_lines.push_back({"pods/one/smoke%2Fgpu.ndjson", ++line, each, here});
    for (const auto& place : places) {
      observed.facts.mark_collected(place, "");
      observed.facts.mark_collected(place, "one");
    }
    for (const auto& fact : more_facts) observed.facts.add(fact);
    return observed;
  }

  record::Node expected_node() const
  {
    const auto table =
        cell::parse_expectations(embedded::file(cell::expectations_file).value_or(""), "table");
    EXPECT_TRUE(table) << table.error().text();
    const auto& info = objects::at(node, "/status/nodeInfo");
    const auto expected = cell::expectations_of(
        table.value_or(cell::ExpectationTable{}),
        {objects::text_at(info, "/osImage"), objects::text_at(info, "/kubeletVersion"),
         objects::text_at(info, "/containerRuntimeVersion"),
         objects::text_at(info, "/architecture"), ""},
        overrides);
    return {.name = "one", .distro = expected.distro, .expectations = expected.values};
  }
};

/// A pod that runs on node one and is ready, with one container.
inline json pod_of(const std::string& name, json container, const std::string& space = "gpu")
{
  container.emplace("name", "c");
  json pod = {{"apiVersion", "v1"}, {"kind", "Pod"}};
  pod["metadata"] = {{"name", name}, {"namespace", space}};
  pod["spec"] = {{"nodeName", "one"}, {"containers", json::array({std::move(container)})}};
  pod["status"] = json::parse(R"({"phase":"Running","conditions":[{"type":"Ready","status":"True"}],
    "containerStatuses":[{"name":"c","ready":true,"restartCount":0,"image":"i","imageID":"sha256:1",
      "containerID":"containerd://1","state":{"running":{"startedAt":"2026-11-01T10:00:00Z"}}}]})");
  return pod;
}

/// The same that never started, with the reason for which its container waits.
inline json waiting(json pod, const std::string& reason, const std::string& message = "")
{
  pod["status"]["phase"] = "Pending";
  pod["status"]["conditions"][0]["status"] = "False";
  auto& state = pod["status"]["containerStatuses"][0];
  state["ready"] = false;
  state["imageID"] = "";
  state["containerID"] = "";
  state["state"] = {{"waiting", {{"reason", reason}, {"message", message}}}};
  return pod;
}

inline json plugin_container(const json& environment = json::array(),
                             const std::string& version = "v0.17.4")
{
  return {{"image", "nvcr.io/nvidia/k8s-device-plugin:" + version}, {"env", environment}};
}

inline json daemon_set_of(const std::string& name, const json& container)
{
  json set = {{"apiVersion", "apps/v1"}, {"kind", "DaemonSet"}};
  set["metadata"] = {{"name", name}, {"namespace", "gpu"}};
  set["spec"]["template"]["spec"]["containers"] = json::array({container});
  return set;
}

inline json runtime_class_of(const std::string& name, const std::string& handler)
{
  return {{"apiVersion", "node.k8s.io/v1"},
          {"kind", "RuntimeClass"},
          {"metadata", {{"name", name}}},
          {"handler", handler}};
}

/// The verdict, and that a pass has proof and everything else a reason with `words` in it.
inline void expect(const engine::Judgement& judgement, Verdict verdict, const std::string& words)
{
  EXPECT_EQ(record::word(judgement.verdict), record::word(verdict)) << judgement.reason;
  std::string proof;
  for (const auto& [name, value] : judgement.proof) proof += name + "=" + value + "\n";
  if (verdict == Verdict::pass)
    EXPECT_THAT(proof, testing::HasSubstr(words));
  else
    EXPECT_THAT(judgement.reason, testing::HasSubstr(words));
}

}  // namespace coroner::suites
