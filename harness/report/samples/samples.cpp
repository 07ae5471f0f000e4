// SPDX-License-Identifier: Apache-2.0
// What a run of each kind leaves behind, as far as reports can tell.
#include "harness/report/samples/samples.h"

#include <array>

namespace coroner::report::samples {

using namespace std::chrono_literals;
using record::Attempt;
using record::CaseMetadata;
using record::CaseResult;
using record::Effect;
using record::Need;
using record::Record;
using record::Verdict;

namespace {

constexpr record::Time start{std::chrono::milliseconds{1'795'215'541'250}};

/// One row of the table of cases below.
struct Row {
  const char* id;
  const char* requirement;
  const char* source;
  Effect effect;
  bool is_per_node;
  int took_ms;
};

constexpr std::array<Row, 12> rows = {{
    {"driver/module_loaded", "The NVIDIA kernel module MUST be loaded on a node with a GPU.",
     "seed 003", Effect::reads, true, 12},
    {"driver/versions_agree", "Driver library and kernel module MUST be of one version.",
     "nvidia.com: NVML API, NVML_ERROR_LIB_RM_VERSION_MISMATCH", Effect::runs_pods, true, 310},
    {"labels/feature_discovery", "Node feature discovery SHOULD label a node with a GPU.",
     "node-feature-discovery: docs/usage", Effect::reads, true, 8},
    {"plugin/registered", "The device plugin MUST register each GPU with the kubelet.",
     "kubernetes.io: device-plugins", Effect::reads, true, 41},
    {"plugin/zero_devices", "A running device plugin MUST NOT announce zero devices.", "seed 002",
     Effect::reads, true, 15},
    {"prerequisites/api_version", "The API server MUST serve Kubernetes 1.28 or later.",
     "kubernetes.io: releases", Effect::reads, false, 22},
    {"prerequisites/permissions", "The account MUST be allowed what the plan needs.",
     "kubernetes.io: access-authn-authz", Effect::reads, false, 64},
    {"runtime/class_present", "A RuntimeClass nvidia MUST exist where this distro needs it.",
     "kubernetes.io: runtime-class", Effect::reads, true, 0},
    {"security/visible_devices_all", "A pod without a GPU request MUST NOT come to a GPU.",
     "seed 004", Effect::runs_pods, true, 1'240},
    {"smoke/cuda_vector_add",
     "A pod that asks for one GPU MUST run a CUDA kernel to completion and return its result.",
     "kubernetes.io: tasks/manage-gpus/scheduling-gpus", Effect::runs_pods, true, 2'130},
    {"smoke/env_inspection", "A GPU pod MUST see its devices and libraries.", "seed 000",
     Effect::runs_pods, true, 840},
    {"smoke/nvidia_smi", "nvidia-smi MUST list each GPU that the pod was given.", "seed 000",
     Effect::runs_pods, true, 1'470},
}};

CaseResult result_of(const Row& row, const std::string& node)
{
  CaseResult result;
  result.case_id = row.id;
  if (row.is_per_node) result.node = node;
  Attempt attempt;
  attempt.verdict = Verdict::pass;
  attempt.started = start + 2s;
  attempt.took = std::chrono::milliseconds{row.took_ms};
  if (row.effect == Effect::runs_pods)
    attempt.proof = {{"image_id", "sha256:5f0cc9a7"}, {"nonce", "9f31c0de"}, {"work", "1048576"}};
  result.attempts.push_back(attempt);
  return result;
}

record::Node nixos_node()
{
  return {.name = "nixos-1",
          .distro = "nixos",
          .os_image = "NixOS 25.05 (Warbler)",
          .arch = "amd64",
          .runtime = "containerd://2.1.4",
          .access = "nixos-mounts",
          .gpu_kind = cell::GpuKind::simulated,
          .gpus = {{"NVIDIA GeForce RTX 5070 Ti", 1}},
          .versions = {{"driver", "580.65.06"}, {"kernel", "6.12.9"}, {"kubelet", "v1.34.1"}},
          .expectations = {{"driver_root", "/run/opengl-driver"},
                           {"nvidia_runtime", "absent"},
                           {"pod_security", "privileged"}}};
}

void set(Record& record, std::string_view case_id, Verdict verdict, const std::string& reason,
         const std::string& cause = {})
{
  for (auto& result : record.results) {
    if (result.case_id != case_id) continue;
    auto& attempt = result.attempts.back();
    attempt.verdict = verdict;
    attempt.reason = reason;
    result.cause = cause;
    if (verdict != Verdict::pass) attempt.proof.clear();
  }
}

record::Finding library_not_found()
{
  record::Evidence line;
  line.source = "logs/kube-system/nvidia-device-plugin-7xk2p.log";
  line.line = 14;
  line.text =
      "E1120 22:59:03.118204       1 main.go:175] Failed to initialize NVML: "
      "ERROR_LIBRARY_NOT_FOUND";
  line.column = 44;
  line.length = 50;
  line.node = "nixos-1";
  line.fact = "plugin.nvml.error";
  line.before = {"I1120 22:59:03.101553       1 main.go:317] Retrieving plugins.",
                 "I1120 22:59:03.101611       1 factory.go:107] Detected platform: nvml",
                 "I1120 22:59:03.102240       1 factory.go:112] Using strategy nvml"};
  line.after = {
      "E1120 22:59:03.118251       1 main.go:176] If this is a GPU node, did you "
      "set the default runtime to `nvidia`?",
      "I1120 22:59:03.118269       1 main.go:346] No devices found. Waiting indefinitely."};
  record::Evidence root;
  root.source = "Node//nixos-1#/metadata/labels/coroner.driver-root";
  root.text = "/run/opengl-driver";
  root.node = "nixos-1";
  root.fact = "node.driver_root";
  record::Finding finding;
  finding.cause = "GY005";
  finding.name = "nvml-lib-not-on-search-path";
  finding.title = "The device plugin's container cannot load libnvidia-ml.so.1";
  finding.layer = record::Layer::plugin;
  finding.confidence = 0.97;
  finding.evidence = {line, root};
  finding.nodes = {"nixos-1"};
  finding.explains = {"plugin/registered"};
  finding.blocked = {"smoke/cuda_vector_add", "smoke/env_inspection", "smoke/nvidia_smi"};
  finding.because =
      "The host keeps its driver libraries in /run/opengl-driver, which the plugin's container "
      "does not see.";
  finding.fix = {"nixos",
                 "Mount /run/opengl-driver and /nix/store read-only into the device plugin and set "
                 "LD_LIBRARY_PATH=/run/opengl-driver/lib.",
                 "spec:\n  template:\n    spec:\n      containers:\n      - name: "
                 "nvidia-device-plugin-ctr\n        env:\n        - {name: LD_LIBRARY_PATH, value: "
                 "/run/opengl-driver/lib}\n",
                 "fixes/GY005-nixos.yaml"};
  finding.verify =
      R"(kubectl get node nixos-1 -o jsonpath='{.status.allocatable.nvidia\.com/gpu}')";
  finding.sources = {"seed 000", "k8s-device-plugin 0.17.4: cmd/nvidia-device-plugin/main.go"};
  return finding;
}

}  // namespace

Record healthy()
{
  Record record;
  record.run_id = "20261120-225901-4f31";
  record.tool_version = "0.1.0";
  record.started = start;
  record.ended = start + 6'420ms;
  record.cluster = {"nixos", "nixos", "lab", "https://127.0.0.1:6443",
                    "5d1b7c1e-6a0e-4f6e-9a53-0d6b2a6c9f11"};
  record.versions = {{"device plugin", "0.17.4"}, {"kubernetes", "v1.34.1"}};
  record.nodes = {nixos_node()};
  for (const auto& row : rows) {
    record.cases.push_back({row.id, row.requirement, {}, row.effect, 120s, row.source});
    if (row.is_per_node) record.cases.back().needs.push_back(Need::gpu_hardware);
    record.results.push_back(result_of(row, "nixos-1"));
  }
  set(record, "runtime/class_present", Verdict::skip, "nixos expects no RuntimeClass");
  record.reproduce = "coroner probe --context nixos";
  record.bundle = "run/bundle";
  record.disclosed = {"3 secrets were redacted at capture"};
  return record;
}

Record nvml_missing()
{
  auto record = healthy();
  record.run_id = "20261120-225901-7c02";
  record.findings = {library_not_found()};
  const std::string why = "the device plugin announces no GPU (GY005)";
  set(record, "plugin/registered", Verdict::fail, "nvidia.com/gpu is not allocatable on nixos-1",
      "GY005");
  for (const auto* id : {"smoke/cuda_vector_add", "smoke/env_inspection", "smoke/nvidia_smi"})
    set(record, id, Verdict::blocked, why, "GY005");
  for (auto& result : record.results)
    if (result.cause == "GY005")
      result.attempts.back().evidence = {{"logs/kube-system/nvidia-device-plugin-7xk2p.log", 14}};
  return record;
}

Record mixed()
{
  auto record = nvml_missing();
  record.run_id = "20261120-225901-aa10";
  record.mode = record::Mode::replay;
  record.ending = record::Ending::terminated;
  record.note = "recorded on 2026-11-20";
  record.ended = start + 862s;
  auto ubuntu = nixos_node();
  ubuntu.name = "ubuntu-gpu-0.example";
  ubuntu.distro = "ubuntu";
  ubuntu.os_image = "Ubuntu 24.04.3 LTS";
  ubuntu.runtime = "containerd://1.7.28";
  ubuntu.access = "runtime-class";
  ubuntu.gpu_kind = cell::GpuKind::real;
  ubuntu.gpus = {{"NVIDIA H200", 2}};
  ubuntu.expectations["driver_root"] = "/";
  record.nodes.push_back(ubuntu);
  std::vector<CaseResult> results;
  for (const auto& row : rows) {
    results.push_back(*record.find(row.id, row.is_per_node ? "nixos-1" : ""));
    if (row.is_per_node) results.push_back(result_of(row, ubuntu.name));
  }
  record.results = std::move(results);
  auto on_ubuntu = [&](std::string_view id) -> CaseResult& {
    return const_cast<CaseResult&>(*record.find(id, ubuntu.name));
  };
  auto& flaky = on_ubuntu("smoke/nvidia_smi");
  flaky.attempts.insert(flaky.attempts.begin(), {.verdict = Verdict::fail,
                                                 .reason = "the pod was still Pending after 120s",
                                                 .started = start,
                                                 .took = 120s});
  on_ubuntu("labels/feature_discovery").attempts[0].verdict = Verdict::warn;
  on_ubuntu("labels/feature_discovery").attempts[0].reason = "no label nvidia.com/gpu.product";
  on_ubuntu("driver/versions_agree").attempts[0].verdict = Verdict::waived;
  on_ubuntu("driver/versions_agree").waiver = "upgrade window, until 2026-12-01";
  on_ubuntu("plugin/zero_devices").attempts[0].verdict = Verdict::stale_waiver;
  on_ubuntu("plugin/zero_devices").attempts[0].reason = "met although waived";
  auto& failed = on_ubuntu("smoke/cuda_vector_add");
  failed.attempts = {{.verdict = Verdict::fail,
                      .reason = "vectorAdd ended with 3: CUDA_ERROR_ECC_UNCORRECTABLE",
                      .started = start,
                      .took = 2'400ms,
                      .evidence = {{"logs/coroner/vectoradd.log", 3}}},
                     {.verdict = Verdict::broken,
                      .reason = "the log ended before the result",
                      .started = start + 3s,
                      .took = 1'900ms}};
  record.leftovers = {"Pod coroner-aa10/vectoradd-2"};
  record.disclosed.emplace_back("TLS of the API server is not verified");
  return record;
}

Record large(int nodes, int cases)
{
  auto record = nvml_missing();
  record.nodes.clear();
  record.cases.clear();
  record.results.clear();
  for (int n = 0; n < nodes; ++n) {
    record.nodes.emplace_back(nixos_node()).name = fmt::format("node-{:03}", n);
  }
  for (int c = 0; c < cases; ++c) {
    auto row = rows.at(static_cast<std::size_t>(c) % rows.size());
    const auto id = fmt::format("suite_{:02}/case_{:04}", c % 12, c);
    record.cases.push_back({id, row.requirement, {}, row.effect, 120s, row.source});
    for (const auto& node : record.nodes) {
      row.is_per_node = true;
      auto result = result_of(row, node.name);
      result.case_id = id;
      if (c % 40 == 7) {
        result.cause = "GY005";
        result.attempts.back().verdict = Verdict::blocked;
        result.attempts.back().reason = "the device plugin announces no GPU (GY005)";
      }
      record.results.push_back(std::move(result));
    }
  }
  return record;
}

}  // namespace coroner::report::samples
