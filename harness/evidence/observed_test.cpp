// SPDX-License-Identifier: Apache-2.0
// From bundles and pasted text to facts with their places.
#include "harness/evidence/observed.h"

#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/evidence/fact_table.h"
#include "harness/evidence/json_text.h"
#include "harness/evidence/writer.h"

namespace coroner::evidence {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

json node(const std::string& name, const json& allocatable)
{
  return {{"apiVersion", "v1"},
          {"kind", "Node"},
          {"metadata", {{"name", name}}},
          {"status",
           {{"allocatable", allocatable}, {"nodeInfo", {{"osImage", "NixOS 25.05 (Warbler)"}}}}}};
}

TEST(Facts, a_value_has_its_file_and_line)
{
  const auto object = node("one", {{"nvidia.com/gpu", "2"}});
  const auto seen = observe_objects({{"objects/v1/Node/_cluster/one.json", object}});
  const auto answer = seen.facts.ask("node.gpu.allocatable");
  ASSERT_EQ(answer.presence, Presence::present);
  EXPECT_EQ(answer.facts[0].value, 2.0);
  EXPECT_EQ(answer.facts[0].scope.node, "one");
  const auto lines = base::split(pretty_json(object), '\n');
  EXPECT_THAT(lines.at(static_cast<std::size_t>(answer.facts[0].line) - 1),
              HasSubstr("nvidia.com/gpu"));
}

TEST(Facts, absent_and_not_collected_differ)
{
  const auto seen = observe_objects({{"objects/v1/Node/_cluster/one.json", node("one", {})}});
  EXPECT_EQ(seen.facts.ask("node.gpu.allocatable").presence, Presence::absent);
  EXPECT_EQ(seen.facts.ask("node.gpu.allocatable", {.node = "other"}).presence,
            Presence::not_collected);
  const auto unknown = seen.facts.ask("containerd.default_runtime", {.node = "one"});
  EXPECT_EQ(unknown.presence, Presence::not_collected);
  EXPECT_THAT(unknown.collect, HasSubstr("coroner record --host"));
  EXPECT_EQ(seen.facts.ask("runtime_class.handler").presence, Presence::not_collected);
}

TEST(Facts, an_empty_list_that_was_collected_makes_absent)
{
  FactStore facts;
  EXPECT_EQ(facts.ask("runtime_class.handler").presence, Presence::not_collected);
  facts.mark_collected("api/node.k8s.io/v1/RuntimeClass", "");
  EXPECT_EQ(facts.ask("runtime_class.handler").presence, Presence::absent);
  facts.mark_collected("host/devices.txt", "one");
  EXPECT_EQ(facts.ask("host.device", {.node = "one"}).presence, Presence::absent);
  EXPECT_EQ(facts.ask("host.device", {.node = "two"}).presence, Presence::not_collected);
}

TEST(Facts, a_bundle_gives_facts_of_host_files_logs_and_payload)
{
  const auto directory =
      base::ScopedDirectory::make(std::filesystem::temp_directory_path(), "facts");
  const auto folder = directory->path() / "run";
  auto writer = Writer::create(folder, {.run = "r"});
  ASSERT_TRUE(writer->object(node("one", {})));
  ASSERT_TRUE(writer->object({{"apiVersion", "v1"},
                              {"kind", "Pod"},
                              {"metadata", {{"name", "p"}, {"namespace", "gpu"}}},
                              {"spec", {{"nodeName", "one"}}}}));
  ASSERT_TRUE(writer->log({"gpu", "p", "c", false},
                          "first\n\"Starting NVIDIA Device Plugin\" version=\"v0.17.4\"\n"));
  ASSERT_TRUE(writer->host_file("one", "/var/lib/rancher/k3s/agent/etc/containerd/config.toml",
                                "version = 3\n  default_runtime_name = \"nvidia\"\n"));
  ASSERT_TRUE(writer->host_file("one", "/devices.txt", "/dev/nvidia0\n/dev/nvidiactl\n"));
  ASSERT_TRUE(writer->pod_result("one", "smoke/env_inspection",
                                 "{\"devices\":[],\"driver\":{\"is_loaded\":true}}\n"));
  ASSERT_TRUE(writer->collected("api/node.k8s.io/v1/RuntimeClass"));
  ASSERT_TRUE(writer->finish());
  const auto seen = observe(*Reader::open(folder));
  ASSERT_TRUE(seen) << seen.error().text();
  const auto plugin = seen->facts.ask("plugin.version");
  ASSERT_EQ(plugin.facts.size(), 1U);
  EXPECT_EQ(plugin.facts[0].value, "0.17.4");
  EXPECT_EQ(plugin.facts[0].line, 2);
  EXPECT_EQ(plugin.facts[0].scope.node, "one");
  EXPECT_EQ(seen->facts.ask("containerd.default_runtime").facts.at(0).value, "nvidia");
  EXPECT_EQ(seen->facts.ask("host.device", {.node = "one"}).facts.size(), 2U);
  EXPECT_EQ(seen->facts.ask("driver.is_loaded").facts.at(0).value, true);
  EXPECT_EQ(seen->facts.ask("runtime_class.handler").presence, Presence::absent);
}

TEST(Facts, a_message_of_an_event_is_a_text_with_its_line)
{
  const json event = {{"apiVersion", "v1"},
                      {"kind", "Event"},
                      {"metadata", {{"name", "e"}, {"namespace", "gpu"}}},
                      {"involvedObject", {{"kind", "Pod"}, {"namespace", "gpu"}, {"name", "p"}}},
                      {"message", "no runtime for \"nvidia\" is configured"}};
  const auto seen = observe_objects({{"objects/v1/Event/gpu/e.json", event}});
  ASSERT_EQ(seen.texts.size(), 1U);
  EXPECT_EQ(seen.texts[0].content, "no runtime for \"nvidia\" is configured");
  EXPECT_EQ(seen.texts[0].scope.pod, "gpu/p");
  EXPECT_EQ(seen.texts[0].kind, "event");
}

TEST(Facts, pasted_objects_are_read_and_secrets_in_pasted_text_are_not_kept)
{
  const auto seen = observe_text("API_KEY=abcdefgh\nline\n", "stdin");
  ASSERT_TRUE(seen);
  EXPECT_THAT(seen->texts.at(0).content, ::testing::Not(HasSubstr("abcdefgh")));
  const auto pasted = observe_text(
      "apiVersion: v1\nkind: Node\nmetadata: {name: n}\nstatus:\n  allocatable: {cpu: '1'}\n", "-");
  EXPECT_EQ(pasted->facts.ask("node.gpu.allocatable").presence, Presence::absent);
}

TEST(Facts, names_of_the_table_are_unique_and_have_a_command)
{
  std::set<std::string_view> names;
  for (const auto& definition : fact_table()) {
    EXPECT_TRUE(names.insert(definition.name).second) << definition.name;
    EXPECT_FALSE(definition.command.empty()) << definition.name;
    EXPECT_EQ(fact_definition(definition.name), &definition);
  }
  EXPECT_EQ(fact_definition("node.nothing"), nullptr);
}

}  // namespace
}  // namespace coroner::evidence
