// SPDX-License-Identifier: Apache-2.0
// Records written, read back, held against their schema, and records that lie.
#include "harness/record/json.h"

#include <random>

#include <gtest/gtest.h>

#include "harness/testing/json_schema.h"

namespace coroner::record {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

/// A record in which every field differs from its default.
Record full()
{
  Record record;
  record.run_id = "r-1";
  record.tool_version = "0.1.0";
  record.started = Time{milliseconds{1'795'215'541'250}};
  record.ended = record.started + 14s;
  record.mode = Mode::replay;
  record.ending = Ending::deadline;
  record.note = "the deadline of 60s passed";
  record.cluster = {"kubernetes", "nixos", "lab", "https://127.0.0.1:6443", "0c7f-11"};
  record.versions = {{"kubernetes", "v1.34.1"}};
  record.nodes.push_back({"nixos-1",
                          "nixos",
                          "NixOS 25.05",
                          "amd64",
                          "containerd://2.1.4",
                          "nixos-mounts",
                          cell::GpuKind::simulated,
                          {{"NVIDIA GeForce RTX 5070 Ti", 2}},
                          {{"driver", "580.65.06"}},
                          {{"driver_root", "/run/opengl-driver"}}});
  record.cases.push_back({"smoke/nvidia_smi",
                          "nvidia-smi MUST list each GPU.",
                          {Need::gpu_hardware},
                          Effect::runs_pods,
                          120s,
                          "seed 000"});
  record.results.push_back({"smoke/nvidia_smi",
                            "nixos-1",
                            "GY005",
                            "until 2027",
                            {{Verdict::fail,
                              "no library",
                              {{"nonce", "4f"}},
                              record.started,
                              1850ms,
                              {{"logs/plugin.log", 7}}}}});
  record.findings.push_back(
      {"GY005",
       "nvml-lib-not-on-search-path",
       "The plugin cannot load the library",
       Layer::plugin,
       0.97,
       true,
       {{"logs/plugin.log", 7, "text", "nixos-1", "fact", 3, 4, {"a"}, {"b"}}},
       {"nixos-1"},
       {"smoke/nvidia_smi"},
       {"smoke/cuda_vector_add"},
       "because",
       {"nixos", "mount it", "spec: {}", "fixes/GY005-nixos.yaml"},
       "kubectl get node",
       {"seed 000"}});
  record.leftovers = {"Pod coroner-r-1/inspect"};
  record.disclosed = {"TLS is not verified"};
  record.reproduce = "coroner probe";
  record.bundle = "run/bundle";
  record.reports = {{"html", "report.html"}};
  return record;
}

TEST(RecordJson, every_field_reads_back_as_it_was_written)
{
  const auto text = json_text(to_json(full()));
  const auto read = parse_record(text);
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(json_text(to_json(*read)), text);
  EXPECT_EQ(read->nodes.at(0).gpu_kind, cell::GpuKind::simulated);
  EXPECT_EQ(read->findings.at(0).evidence.at(0).after, std::vector<std::string>{"b"});
  EXPECT_EQ(read->results.at(0).attempts.at(0).took, 1850ms);
}

std::optional<std::string> schema_refusal(const std::string& text)
{
  return coroner::testing::schema_refusal("reports/schema/record-1.json", text);
}

TEST(RecordJson, the_schema_takes_what_is_written_and_refuses_what_is_not)
{
  auto json = to_json(full());
  const auto refusal = schema_refusal(json_text(json));
  if (!refusal) GTEST_SKIP() << "python3-jsonschema is not installed";
  EXPECT_EQ(*refusal, "");
  EXPECT_EQ(schema_refusal(json_text(to_json(Record{}))), "");
  json["findings"][0]["cause"] = "GPU0107";
  json["results"][0]["surprise"] = 1;
  const auto refused = schema_refusal(json_text(json)).value_or("");
  EXPECT_NE(refused.find("$.findings[0].cause"), std::string::npos) << refused;
  EXPECT_NE(refused.find("surprise"), std::string::npos) << refused;
}

TEST(RecordJson, the_text_is_ascii_and_acts_on_nothing)
{
  auto record = full();
  record.note = "##[error]\x1b[31m \x7f \u202e \xff \u009b ::error::";
  const auto text = json_text(to_json(record));
  for (const unsigned char byte : text) ASSERT_TRUE(byte == '\n' || (byte >= 32 && byte < 127));
  EXPECT_EQ(text.find("##["), std::string::npos);
  const auto read = parse_record(text);
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(read->note, "##[error]\x1b[31m \x7f \u202e \ufffd \u009b ::error::");
}

struct Lie {
  std::string pointer;
  nlohmann::ordered_json value;
  std::string said;
};

TEST(RecordJson, each_lie_is_refused_with_its_place)
{
  const Lie lies[] = {
      {"/schema", 2, "/schema is 2"},
      {"/schema", "1", "/schema is no whole number"},
      {"/run_id", 7, "/run_id is no string"},
      {"/mode", "alive", "'alive' is no mode"},
      {"/started", "yesterday", "/started is not a time"},
      {"/nodes", nlohmann::ordered_json::object(), "/nodes is no list"},
      {"/nodes/0/gpus/0/count", -1, "/nodes/0/gpus/0/count is no whole number"},
      {"/nodes/0/gpus/0/count", 1e30, "is no whole number"},
      {"/nodes/0/versions", "580", "/nodes/0/versions is no object"},
      {"/results/0/attempts/0/took_ms", 1'000'000'000'000, "is no duration"},
      {"/findings/0/confidence", 1.5, "is not between 0 and 1"},
      {"/findings/0/is_notice", 0, "is neither true nor false"},
      {"/findings/0/evidence/0", "text", "/findings/0/evidence/0 is no object"},
  };
  for (const auto& lie : lies) {
    auto json = to_json(full());
    json[nlohmann::ordered_json::json_pointer(lie.pointer)] = lie.value;
    const auto read = parse_record(json_text(json));
    ASSERT_FALSE(read) << lie.pointer;
    EXPECT_EQ(read.error().kind, base::ErrorKind::invalid);
    EXPECT_NE(read.error().what.find(lie.said), std::string::npos) << read.error().what;
  }
}

TEST(RecordJson, a_missing_field_is_named)
{
  auto json = to_json(full());
  json["results"][0]["attempts"][0].erase("proof");
  const auto read = parse_record(json_text(json));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().what, "/results/0/attempts/0/proof is missing");
}

TEST(RecordJson, depth_and_size_have_bounds)
{
  EXPECT_FALSE(parse_record(std::string(1'000'000, '[')));
  EXPECT_FALSE(parse_record(std::string(largest_record_bytes + 1, ' ')));
  EXPECT_FALSE(parse_record(""));
  EXPECT_FALSE(parse_record("[]"));
  EXPECT_FALSE(parse_record("{}"));
}

TEST(RecordJson, spoiled_text_is_refused_or_read_but_never_fatal)
{
  const auto good = json_text(to_json(full()), -1);
  std::mt19937 random(11);
  std::uniform_int_distribution<std::size_t> places(0, good.size() - 1);
  std::uniform_int_distribution<int> bytes(0, 255);
  int refused = 0;
  for (int round = 0; round < 3'000; ++round) {
    auto text = good;
    for (int change = 0; change < 3; ++change) {
      const auto at = places(random) % text.size();
      if (change == 2)
        text.erase(at, places(random) % 40);
      else
        text[at] = static_cast<char>(bytes(random));
    }
    if (!parse_record(text)) ++refused;
  }
  EXPECT_GT(refused, 1'000);
}

}  // namespace
}  // namespace coroner::record
