// SPDX-License-Identifier: Apache-2.0
// From evidence to findings: confidence, order, consequences, nodes, and what nothing explains.
#include "harness/graveyard/diagnose.h"

#include <random>

#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/evidence/reader.h"
#include "harness/evidence/writer.h"

namespace coroner::graveyard {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A cause whose file differs in what matters to a test.
SourceFile cause(const std::string& id, const std::string& layer, const std::string& when,
                 const std::string& more = "")
{
  return {id + "-cause-" + id.substr(2) + ".yaml",
          "id: " + id + "\nname: cause-" + id.substr(2) + "\ntitle: t\nlayer: " + layer +
              "\nwhen: " + when + "\n" + more +
              "because: 'on {node}: {node.distro}, {host.nvml_library}'\n"
              "fix: {any: {text: any}, nixos: {text: nix}}\nverify: 'look at {node}'\n"
              "sources: [{seed: '000'}]\nbreaks: recorded\nexamples: [x]\n"};
}

json node(const std::string& name, const std::string& image)
{
  return {{"apiVersion", "v1"},
          {"kind", "Node"},
          {"metadata", {{"name", name}}},
          {"status", {{"nodeInfo", {{"osImage", image}}}}}};
}

json event(const std::string& name, const std::string& message)
{
  return {{"apiVersion", "v1"},
          {"kind", "Event"},
          {"metadata", {{"name", name + "-event"}}},
          {"involvedObject", {{"kind", "Node"}, {"name", name}}},
          {"message", message}};
}

evidence::Observed seen(const std::vector<json>& objects)
{
  std::vector<evidence::StoredObject> stored;
  for (const auto& object : objects)
    stored.push_back({evidence::object_path(object).value_or("x"), object});
  return evidence::observe_objects(std::move(stored));
}

Diagnosis diagnosed(const std::vector<SourceFile>& files, const evidence::Observed& observed)
{
  const auto catalogue = Catalogue::of(files, {});
  EXPECT_TRUE(catalogue) << catalogue.error().text();
  auto diagnosis = diagnose(*catalogue, observed);
  EXPECT_TRUE(diagnosis) << diagnosis.error().text();
  return std::move(*diagnosis);
}

TEST(Diagnosis, a_hint_alone_stays_below_one_half_and_agreeing_facts_raise_it)
{
  const auto file = cause("GY901", "plugin", "{log: any, matches: broken, weight: hint}",
                          "raises: [{fact: node.distro, is: nixos}]\n");
  const auto alone = diagnosed({file}, seen({event("one", "it is broken")}));
  ASSERT_EQ(alone.findings.size(), 1U);
  EXPECT_LT(alone.findings[0].confidence, record::least_certain);
  EXPECT_EQ(confidence_word(alone.findings[0].confidence), "weak hint");
  const auto raised =
      diagnosed({file}, seen({node("one", "NixOS 25.05"), event("one", "it is broken")}));
  EXPECT_GE(raised.findings[0].confidence, record::least_certain);
  EXPECT_EQ(raised.findings[0].fix.text, "nix");
  EXPECT_EQ(raised.findings[0].because, "on one: nixos, a place that was not collected");
  EXPECT_EQ(raised.findings[0].verify, "look at one");
  EXPECT_THAT(raised.findings[0].nodes, ElementsAre("one"));
  EXPECT_EQ(raised.findings[0].evidence[0].text, "it is broken");
  EXPECT_EQ(raised.findings[0].evidence[1].fact, "node.distro");
}

TEST(Diagnosis, facts_of_another_node_raise_nothing)
{
  const auto file = cause("GY901", "plugin", "{log: any, matches: broken, weight: hint}",
                          "raises: [{fact: node.distro, is: nixos}]\n");
  const auto diagnosis = diagnosed(
      {file}, seen({node("one", "Ubuntu 24.04"), node("two", "NixOS"), event("one", "broken")}));
  EXPECT_LT(diagnosis.findings[0].confidence, record::least_certain);
  EXPECT_EQ(diagnosis.findings[0].fix.text, "any");
}

TEST(Diagnosis, the_earliest_broken_layer_comes_first)
{
  const auto diagnosis =
      diagnosed({cause("GY901", "plugin", "{log: any, matches: broken}"),
                 cause("GY902", "driver", "{log: any, matches: broken}"),
                 cause("GY903", "hardware", "{log: any, matches: broken, weight: hint}")},
                seen({event("one", "broken")}));
  ASSERT_EQ(diagnosis.findings.size(), 3U);
  EXPECT_EQ(diagnosis.findings[0].cause, "GY902");
  EXPECT_EQ(diagnosis.findings[1].cause, "GY901");
  EXPECT_EQ(diagnosis.findings[2].cause, "GY903");
}

TEST(Diagnosis, a_cause_that_yields_becomes_a_consequence)
{
  const auto diagnosis =
      diagnosed({cause("GY901", "plugin", "{log: any, matches: broken}", "yields_to: [GY902]\n"),
                 cause("GY902", "driver", "{log: any, matches: broken}")},
                seen({event("one", "broken")}));
  ASSERT_EQ(diagnosis.findings.size(), 1U);
  EXPECT_EQ(diagnosis.findings[0].cause, "GY902");
  ASSERT_EQ(diagnosis.consequences.size(), 1U);
  EXPECT_EQ(diagnosis.consequences[0].cause, "GY901");
}

TEST(Diagnosis, parts_of_all_must_be_of_the_same_node_when_bound)
{
  const std::string parts = "all: [{log: any, matches: first}, {log: any, matches: second}]";
  const auto apart = seen({event("one", "first"), event("two", "second")});
  EXPECT_TRUE(
      diagnosed({cause("GY901", "plugin", "{" + parts + ", same: node}")}, apart).findings.empty());
  EXPECT_EQ(diagnosed({cause("GY901", "plugin", "{" + parts + "}")}, apart).findings.size(), 1U);
}

TEST(Diagnosis, absence_counts_only_where_somebody_looked)
{
  const auto file = cause("GY901", "labels", "{fact: runtime_class.handler, absent: true}",
                          "needs: [runtime_class.handler, host.device]\n");
  auto observed = seen({node("one", "Ubuntu")});
  EXPECT_TRUE(diagnosed({file}, observed).findings.empty());
  observed.facts.mark_collected("api/node.k8s.io/v1/RuntimeClass", "");
  const auto diagnosis = diagnosed({file}, observed);
  ASSERT_EQ(diagnosis.findings.size(), 1U);
  EXPECT_THAT(diagnosis.findings[0].evidence[0].text, HasSubstr("is absent"));
  ASSERT_EQ(diagnosis.missing.size(), 1U);
  EXPECT_EQ(diagnosis.missing[0].fact, "host.device");
  EXPECT_THAT(diagnosis.missing[0].collect, HasSubstr("coroner record --host"));
}

TEST(Diagnosis, what_rules_a_cause_out_does_so_on_its_node_only)
{
  const auto file = cause("GY901", "plugin", "{log: any, matches: broken}",
                          "unless: [{fact: node.distro, is: talos}]\n");
  const auto diagnosis = diagnosed({file}, seen({node("one", "Talos (v1.9)"), node("two", "Ubuntu"),
                                                 event("one", "broken"), event("two", "broken")}));
  ASSERT_EQ(diagnosis.findings.size(), 1U);
  EXPECT_THAT(diagnosis.findings[0].nodes, ElementsAre("two"));
}

TEST(Diagnosis, errors_that_no_cause_knows_are_kept)
{
  const auto diagnosis = diagnosed({cause("GY901", "plugin", "{log: any, matches: known}")},
                                   seen({event("one", "nvidia driver failed in a new way"),
                                         event("two", "nvidia failed as known")}));
  ASSERT_EQ(diagnosis.unexplained.size(), 1U);
  EXPECT_EQ(diagnosis.unexplained[0].text, "nvidia driver failed in a new way");
  EXPECT_EQ(diagnosis.unexplained[0].node, "one");
}

TEST(Diagnosis, failed_cases_are_explained_blocked_or_left)
{
  auto diagnosis = diagnosed({cause("GY901", "plugin", "{log: any, matches: broken}")},
                             seen({event("one", "broken")}));
  const auto left = attribute(diagnosis, {{"driver/module_loaded", "one"},
                                          {"plugin/registered", "one"},
                                          {"smoke/cuda_vector_add", "one"},
                                          {"smoke/cuda_vector_add", "two"}});
  EXPECT_THAT(diagnosis.findings[0].explains, ElementsAre("plugin/registered"));
  EXPECT_THAT(diagnosis.findings[0].blocked, ElementsAre("smoke/cuda_vector_add"));
  ASSERT_EQ(left.size(), 2U);
  EXPECT_EQ(left[0].id, "driver/module_loaded");
  EXPECT_EQ(left[1].node, "two");
}

TEST(Diagnosis, a_warning_below_blocks_no_failure)
{
  auto diagnosis = diagnosed({cause("GY901", "devices", "{log: any, matches: broken}")},
                             seen({event("one", "broken")}));
  attribute(diagnosis, {{"labels/consistent", "one", true},
                        {"plugin/zero_devices", "one"},
                        {"smoke/cuda_vector_add", "one"}});
  EXPECT_THAT(diagnosis.findings[0].explains,
              ElementsAre("labels/consistent", "plugin/zero_devices"));
  EXPECT_THAT(diagnosis.findings[0].blocked, ElementsAre("smoke/cuda_vector_add"));
}

TEST(Diagnosis, a_runtime_that_is_down_explains_why_its_node_is_not_ready)
{
  auto diagnosis = diagnosed({cause("GY901", "runtime", "{log: any, matches: broken}")},
                             seen({event("one", "broken")}));
  const auto left = attribute(diagnosis, {{"prerequisites/memory", "one"},
                                          {"prerequisites/node_ready", "one"},
                                          {"smoke/cuda_vector_add", "one"}});
  EXPECT_THAT(diagnosis.findings[0].explains, ElementsAre("prerequisites/node_ready"));
  EXPECT_THAT(diagnosis.findings[0].blocked, ElementsAre("smoke/cuda_vector_add"));
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].id, "prerequisites/memory");
}

TEST(Diagnosis, a_live_folder_and_its_archive_give_the_same_findings)
{
  const auto directory =
      base::ScopedDirectory::make(std::filesystem::temp_directory_path(), "diagnosis");
  const auto folder = directory->path() / "run";
  auto writer = evidence::Writer::create(folder, {.run = "r"});
  ASSERT_TRUE(writer->object(node("one", "NixOS 25.05 (Warbler)")));
  ASSERT_TRUE(writer->object({{"apiVersion", "v1"},
                              {"kind", "Pod"},
                              {"metadata", {{"name", "p"}, {"namespace", "gpu"}}},
                              {"spec", {{"nodeName", "one"}}}}));
  const auto log = base::read_file("graveyard/examples/device-plugin-0.17.4-no-library-nvml.log");
  ASSERT_TRUE(writer->log({"gpu", "p", "c", false}, *log));
  ASSERT_TRUE(writer->finish());
  ASSERT_TRUE(evidence::pack(folder, directory->path() / "run.tar.zst"));
  const auto catalogue = Catalogue::load("graveyard");
  ASSERT_TRUE(catalogue) << catalogue.error().text();
  std::vector<std::string> said;
  for (const auto& place : {folder, directory->path() / "run.tar.zst"}) {
    const auto diagnosis = diagnose(*catalogue, *evidence::observe(*evidence::Reader::open(place)));
    ASSERT_TRUE(diagnosis);
    ASSERT_FALSE(diagnosis->findings.empty());
    const auto& first = diagnosis->findings[0];
    EXPECT_EQ(first.cause, "GY005");
    EXPECT_GE(first.confidence, record::least_certain);
    EXPECT_EQ(first.fix.patch_file, "fixes/GY005-nixos.yaml");
    EXPECT_THAT(first.fix.patch, HasSubstr("/run/opengl-driver"));
    EXPECT_EQ(first.evidence[0].source, "logs/gpu/p/c.log");
    EXPECT_THAT(first.because, HasSubstr("/run/opengl-driver"));
    said.push_back(first.because + first.evidence[0].text);
  }
  EXPECT_EQ(said[0], said[1]);
}

TEST(Diagnosis, any_text_gives_confidences_in_range_and_the_same_answer_twice)
{
  const auto catalogue = Catalogue::load("graveyard");
  ASSERT_TRUE(catalogue);
  std::vector<std::string> lines = {"", "\xff\xfe", "apiVersion: v1"};
  for (const auto& each : catalogue->causes())
    for (const auto& example : each.examples)
      lines.push_back(base::read_file("graveyard/examples/" + example).value_or(""));
  std::mt19937 random(13);
  for (int round = 0; round < 60; ++round) {
    std::string text;
    for (int i = 0; i < 4; ++i) {
      const auto& from = lines[random() % lines.size()];
      const auto begin = from.empty() ? 0 : random() % from.size();
      text += from.substr(begin, random() % 400);
      text += static_cast<char>(random());
    }
    const auto observed = evidence::observe_text(text, "fuzz");
    ASSERT_TRUE(observed);
    const auto one = diagnose(*catalogue, *observed);
    const auto two = diagnose(*catalogue, *observed);
    ASSERT_TRUE(one);
    ASSERT_EQ(one->findings.size(), two->findings.size());
    for (std::size_t i = 0; i < one->findings.size(); ++i) {
      EXPECT_EQ(one->findings[i].cause, two->findings[i].cause);
      EXPECT_GT(one->findings[i].confidence, 0);
      EXPECT_LT(one->findings[i].confidence, 1);
      EXPECT_FALSE(one->findings[i].evidence.empty());
    }
  }
}

}  // namespace
}  // namespace coroner::graveyard
