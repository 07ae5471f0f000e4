// SPDX-License-Identifier: Apache-2.0
// The probe on real cells: a healthy one is proven and left as it was, a broken one gets its cause.
#include "tests/live/probe.h"

#include <algorithm>
#include <array>

#include <gmock/gmock.h>

#include "harness/base/text.h"

namespace coroner::live {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using record::Verdict;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr auto smoke_cases = std::to_array<const char*>(
    {"smoke/cuda_vector_add", "smoke/env_inspection", "smoke/nvidia_smi"});

/// What the client may send at once, five a second afterwards (harness/cli/connection.cpp): a run
/// on one node needs no more, but for the log of each pod of feature discovery.
constexpr long most_requests = 30;
constexpr long discovery_pods = 4;

std::string shown(const Probed& probed)
{
  return probed.ended.output + probed.ended.errors;
}

/// Every result is a pass, or a skip that says why.
void expect_healthy(const Probed& probed)
{
  ASSERT_TRUE(probed.record) << shown(probed);
  EXPECT_EQ(probed.ended.exit_code, 0) << shown(probed);
  EXPECT_THAT(lines_of(*probed.record, {Verdict::warn, Verdict::fail, Verdict::blocked,
                                        Verdict::waived, Verdict::stale_waiver, Verdict::broken}),
              IsEmpty());
  EXPECT_TRUE(probed.record->is_complete());
  for (const auto& result : probed.record->results)
    EXPECT_TRUE(result.verdict() == Verdict::pass || result.reason() != "") << result.case_id;
}

/// The GPU pod ran the image that was planned and answered this run's nonces.
void expect_proof(const record::Record& record, const std::string& node)
{
  std::set<std::string> nonces;
  for (const auto* id : smoke_cases) {
    const auto* result = record.find(id, node);
    ASSERT_NE(result, nullptr) << id;
    ASSERT_EQ(result->verdict(), Verdict::pass) << id << ": " << result->reason();
    auto proof = result->attempts.back().proof;
    EXPECT_NE(proof["image_id"], "") << id;
    EXPECT_EQ(proof["nonce"].size(), 32U) << id;
    EXPECT_TRUE(nonces.insert(proof["nonce"]).second) << "each container has a nonce of its own";
  }
  auto sum = record.find("smoke/cuda_vector_add", node)->attempts.back().proof;
  EXPECT_EQ(sum["checksum"].size(), 16U);
  EXPECT_GT(std::atol(sum["elements"].c_str()), 0);
  EXPECT_EQ(sum["simulated"], "true");
}

void expect_simulated(const Probed& probed, const std::string& access)
{
  ASSERT_EQ(probed.record->nodes.size(), 1U);
  const auto& node = probed.record->nodes[0];
  EXPECT_EQ(node.gpu_kind, cell::GpuKind::simulated);
  EXPECT_EQ(node.access, access);
  EXPECT_THAT(probed.ended.errors, HasSubstr("SIMULATED PASS"));
}

class HealthyCell : public ProbeTest, public testing::WithParamInterface<std::string> {};

INSTANTIATE_TEST_SUITE_P(Each, HealthyCell, testing::ValuesIn(lab_cell_names()),
                         [](const auto& of) { return label(of.param); });

TEST_P(HealthyCell, passes_with_proof_and_is_left_as_it_was)
{
  const auto cell = prepared(GetParam());
  const auto probed = probe(cell);
  expect_healthy(probed);
  if (HasFatalFailure()) return;
  expect_proof(*probed.record, cell.name);
  expect_simulated(probed, cell::load_cell(places().matrix, GetParam()).value().access);
  EXPECT_EQ(left_of_runs(cell), "");
  const auto figures = figures_of(probed.directory);
  EXPECT_GT(figures.requests, 0);
  EXPECT_LE(figures.requests, most_requests + (GetParam() == "ubuntu" ? discovery_pods : 0));
  const auto story = fmt::format("{} requests in {:.1f} s; the GPU pod alone took {:.1f} s",
                                 figures.requests, figures.seconds, figures.pod_seconds);
  RecordProperty("figures", story);
  std::fprintf(stderr, "%s: %s\n", cell.name.c_str(), story.c_str());
}

/// The one cell with node feature discovery and GPU feature discovery on it.
class FeatureDiscovery : public ProbeTest {};

TEST_F(FeatureDiscovery, labels_the_node_by_its_gpus_and_passes_each_case_with_proof)
{
  const auto cell = prepared("ubuntu");
  const auto node = kubectl(cell, {"get", "node", cell.name, "-o", "json"});
  ASSERT_EQ(node.exit_code, 0) << node.errors;
  const auto labels = json::parse(node.output)["metadata"]["labels"];
  const std::map<std::string, std::string> expected = {
      {"feature.node.kubernetes.io/pci-10de.present", "true"},
      {"nvidia.com/gpu.count", "1"},
      {"nvidia.com/gpu.product", "NVIDIA-GeForce-GTX-1060-6GB"},
      {"nvidia.com/gpu.memory", "6144"},
      {"nvidia.com/gpu.family", "pascal"},
      {"nvidia.com/cuda.driver.major", "570"}};
  for (const auto& [key, value] : expected) EXPECT_EQ(labels.value(key, "none"), value) << key;

  const auto probed = probe(cell, {"--focus", "^labels/"});
  expect_healthy(probed);
  if (HasFatalFailure()) return;
  std::vector<std::string> proven;
  for (const auto& result : probed.record->results)
    if (result.verdict() == Verdict::pass && !result.attempts.back().proof.empty())
      proven.push_back(result.case_id);
  EXPECT_THAT(proven, testing::UnorderedElementsAre("labels/consistent",
                                                    "labels/gpu_feature_discovery", "labels/nfd_gc",
                                                    "labels/nfd_master", "labels/nfd_worker"))
      << testing::PrintToString(lines_of(*probed.record, {Verdict::skip}));
}

class BrokenCell : public ProbeTest, public testing::WithParamInterface<BreakOfCell> {
 protected:
  /// A cell that a failed test left broken is no cell for the next one.
  void TearDown() override
  {
    if (HasFailure() && !cell_.name.empty()) coroner({"lab", "down", cell_.name});
    ProbeTest::TearDown();
  }

  /// What the node tells of itself, recorded on the node with a copy of the program in its /var.
  fs::path record_host()
  {
    const auto var = places().cell(cell_.name) / "var";
    const auto evidence = scratch() / "evidence.tar.zst";
    EXPECT_TRUE(base::copy_file(program(), var / "coroner"));
    const auto recorded = coroner(
        {"lab", "shell", cell_.name, "--", "/var/coroner", "record", "--host", "--node", cell_.name,
         "--log", "/opt/coroner/state/log/containerd.log", "--output", "/var/evidence.tar.zst"});
    EXPECT_EQ(recorded.exit_code, 0) << recorded.errors;
    EXPECT_TRUE(base::copy_file(var / "evidence.tar.zst", evidence));
    fs::remove(var / "coroner");
    fs::remove(var / "evidence.tar.zst");
    return evidence;
  }

  Cell cell_ = {};
};

INSTANTIATE_TEST_SUITE_P(Each, BrokenCell, testing::ValuesIn(all_breaks()),
                         [](const auto& of) { return label(of.param.cell) + "_" + of.param.code; });

TEST_P(BrokenCell, is_told_its_cause_with_the_line_that_shows_it)
{
  const auto& [kind, code] = GetParam();
  cell_ = prepared(kind);
  const auto broken = coroner({"lab", "break", code, cell_.name});
  ASSERT_EQ(broken.exit_code, 0) << broken.errors;
  std::vector<std::string> words;
  // Where the runtime itself is down, its log is on the node alone.
  const bool is_on_node = code == "GY004";
  if (is_on_node) words = {"--evidence", record_host().string()};
  const auto probed = probe(cell_, words);
  EXPECT_EQ(coroner({"lab", "mend", cell_.name}).exit_code, 0);

  ASSERT_TRUE(probed.record) << shown(probed);
  EXPECT_EQ(probed.ended.exit_code, 1) << shown(probed);
  ASSERT_FALSE(probed.record->findings.empty()) << shown(probed);
  const auto& finding = probed.record->findings[0];
  EXPECT_EQ(finding.cause, code);
  EXPECT_THAT(finding.nodes, testing::ElementsAre(cell_.name));
  ASSERT_FALSE(finding.evidence.empty());
  EXPECT_THAT(finding.evidence[0].source, testing::StartsWith(is_on_node ? "host/" : "logs/"));
  EXPECT_GT(finding.evidence[0].line, 0);
  EXPECT_NE(finding.evidence[0].text, "");
  if (is_on_node) {
    EXPECT_THAT(finding.evidence, testing::Contains(testing::Field(&record::Evidence::source,
                                                                   HasSubstr("/journal.log"))));
  }
  const auto failed = lines_of(*probed.record, {Verdict::fail});
  EXPECT_THAT(failed, testing::Not(IsEmpty()));
  EXPECT_GE(finding.confidence, record::least_certain);
  EXPECT_THAT(failed, testing::Each(HasSubstr("fail of " + code))) << "all of it is explained";
  for (const auto* id : smoke_cases) {
    const auto* result = probed.record->find(id, cell_.name);
    ASSERT_NE(result, nullptr) << id;
    EXPECT_EQ(result->verdict(), Verdict::blocked) << id << ": " << result->reason();
    EXPECT_EQ(result->cause, code);
  }
  EXPECT_THAT(lines_of(*probed.record, {Verdict::broken}), IsEmpty());
  EXPECT_EQ(left_of_runs(cell_), "");
}

class ContainerDeviceInterfaceProbe : public ProbeTest,
                                      public testing::WithParamInterface<std::string> {};

INSTANTIATE_TEST_SUITE_P(Each, ContainerDeviceInterfaceProbe, testing::ValuesIn(lab_cell_names()),
                         [](const auto& of) { return label(of.param); });

TEST_P(ContainerDeviceInterfaceProbe, is_detected_by_the_plugins_strategy_and_needs_no_privileges)
{
  const auto cell = boot(GetParam(), "probe-cdi");
  change_to_cdi(cell, GetParam());
  if (HasFatalFailure()) return;
  const auto probed = probe(cell, {"--image", smoke_image});
  expect_healthy(probed);
  if (HasFatalFailure()) return;
  expect_proof(*probed.record, cell.name);
  expect_simulated(probed, "cdi");
  const auto events = events_in(probed.directory);
  const auto plan = std::find_if(events.begin(), events.end(), [](const auto& event) {
    return event.kind == evidence::EventKind::plan;
  });
  ASSERT_NE(plan, events.end());
  EXPECT_EQ(plan->data.value("mounts_space", "?"), "") << "a namespace for privileged pods";
  EXPECT_EQ(left_of_runs(cell), "");
}

}  // namespace
}  // namespace coroner::live
