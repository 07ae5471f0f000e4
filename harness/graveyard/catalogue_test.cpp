// SPDX-License-Identifier: Apache-2.0
// Broken catalogue files are refused at their place, with the nearest right word.
#include "harness/graveyard/catalogue.h"

#include <random>

#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/base/text.h"

namespace coroner::graveyard {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

constexpr std::string_view good = R"(id: GY900
name: some-cause
title: Something is wrong
layer: plugin
when:
  any:
    - {log: device_plugin, matches: 'went wrong with (?P<part>\S+)'}
    - {fact: node.distro, is: nixos, weight: hint}
raises: [{fact: plugin.version, version: '>=0.15 <1'}]
because: '{part} of {node} is {node.distro}'
fix: {any: {text: mend it}}
verify: 'true'
sources: [{seed: '000'}]
breaks: recorded
examples: [one.log]
)";

std::string with(std::string_view from, std::string_view to)
{
  std::string text(good);
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

base::Result<Cause> parsed(const std::string& text)
{
  return parse_cause({"GY900-some-cause.yaml", text});
}

TEST(CatalogueFile, a_good_one_is_read_whole)
{
  const auto cause = parsed(std::string(good));
  ASSERT_TRUE(cause) << cause.error().text();
  EXPECT_EQ(cause->id, "GY900");
  EXPECT_EQ(cause->when.parts.size(), 2U);
  EXPECT_EQ(cause->when.parts[1].weight, Weight::hint);
  EXPECT_EQ(cause->fixes.at("any").text, "mend it");
}

struct Broken {
  std::string_view from;
  std::string_view to;
  std::string_view place;  ///< ":line:"
  std::string_view says;
};

TEST(CatalogueFile, each_fault_is_named_at_its_place)
{
  const Broken faults[] = {
      {"id: GY900", "id: GX900", ":1:", "a code such as GY005"},
      {"id: GY900", "identity: GY900", ":1:", "id"},
      {"name: some-cause", "name: Some Cause", ":2:", "words joined by"},
      {"name: some-cause", "name: other-cause", ":2:", "file of this cause"},
      {"title: Something is wrong\n", "", ":", "title"},
      {"title: Something is wrong", "titel: Something is wrong", ":3:", "title"},
      {"layer: plugin", "layer: plugins", ":4:", "plugin"},
      {"layer: plugin", "layer: 4", ":4:", ""},
      {"when:\n  any:", "when:\n  some:", ":", "any"},
      {"log: device_plugin", "log: device_plugins", ":7:", "device_plugin"},
      {"log: device_plugin, matches", "log: device_plugin, match", ":7:", "matches"},
      {"went wrong with (?P<part>\\S+)", "went wrong (", ":7:", "refused"},
      {"went wrong with (?P<part>\\S+)", ".*", ":7:", "empty line"},
      {"fact: node.distro, is: nixos", "fact: node.distros, is: nixos", ":8:", "node.distro"},
      {"is: nixos, weight: hint", "equals: nixos, weight: hint", ":8:", ""},
      {"is: nixos, weight: hint", "is: [nixos], weight: hint", ":8:", "one value"},
      {"is: nixos, weight: hint", "is: nixos, weight: hints", ":8:", "hint"},
      {"is: nixos, weight: hint", "is: nixos, is_not: talos", ":8:", "exactly one"},
      {"is: nixos, weight: hint", "in: nixos", ":8:", "a list"},
      {"is: nixos, weight: hint", "less: some", ":8:", "a number"},
      {"is: nixos, weight: hint", "absent: false", ":8:", "true"},
      {"'>=0.15 <1'", "'newer'", ":9:", "versions"},
      {"raises: [", "raises: x\nx: [", ":", ""},
      {"{node.distro}'", "{node.distr}'", ":10:", "node.distro"},
      {"fix: {any: {text: mend it}}", "fix: {}", ":11:", "fix"},
      {"fix: {any:", "fix: {nixoss:", ":11:", "nixos"},
      {"text: mend it", "texts: mend it", ":11:", "text"},
      {"text: mend it", "text: mend it, patch: ../../x", ":11:", "fixes/"},
      {"sources: [{seed: '000'}]", "sources: []", ":13:", "sources"},
      {"breaks: recorded", "breaks: often", ":14:", "lab"},
      {"examples: [one.log]", "examples: []", ":15:", "list"},
      {"examples: [one.log]", "examples: [one.log]\nneeds: [node.distroo]", ":16:", "node.distro"},
      {"id: GY900", "id: GY900\nid: GY901", ":2:", ""},
      {"title: Something is wrong", "title: *alias", ":3:", "anchor"},
  };
  for (const auto& fault : faults) {
    const auto cause = parsed(with(fault.from, fault.to));
    ASSERT_FALSE(cause) << fault.to;
    EXPECT_EQ(cause.error().kind, base::ErrorKind::invalid);
    EXPECT_THAT(cause.error().text(), HasSubstr("GY900-some-cause.yaml" + std::string(fault.place)))
        << fault.to;
    EXPECT_THAT(cause.error().text(), HasSubstr(std::string(fault.says))) << fault.to;
  }
}

SourceFile named(const std::string& id, const std::string& layer, const std::string& yields)
{
  auto text = with("GY900", id);
  text.replace(text.find("some-cause"), 10, "cause-" + id.substr(2));
  text.replace(text.find("layer: plugin"), 13, "layer: " + layer);
  return {id + "-cause-" + id.substr(2) + ".yaml", text + "yields_to: [" + yields + "]\n"};
}

TEST(Catalogue, causes_that_come_twice_are_refused)
{
  const SourceFile file{"GY900-some-cause.yaml", std::string(good)};
  const auto twice = Catalogue::of({file, file}, {});
  ASSERT_FALSE(twice);
  EXPECT_THAT(twice.error().text(), HasSubstr("GY900 is taken by GY900-some-cause.yaml"));
}

TEST(Catalogue, a_cause_yields_to_lower_layers_only_and_never_in_a_circle)
{
  EXPECT_TRUE(Catalogue::of({named("GY901", "driver", ""), named("GY902", "plugin", "GY901")}, {}));
  const auto circle =
      Catalogue::of({named("GY901", "plugin", "GY902"), named("GY902", "plugin", "GY901")}, {});
  ASSERT_FALSE(circle);
  EXPECT_THAT(circle.error().text(), HasSubstr("circle"));
  EXPECT_THAT(circle.error().text(), HasSubstr("GY901-cause-901.yaml:16:"));
  const auto upwards =
      Catalogue::of({named("GY901", "driver", "GY902"), named("GY902", "plugin", "")}, {});
  ASSERT_FALSE(upwards);
  EXPECT_THAT(upwards.error().text(), HasSubstr("not below"));
  const auto unknown = Catalogue::of({named("GY901", "driver", "GY90")}, {});
  EXPECT_THAT(unknown.error().text(), HasSubstr("did you mean 'GY901'"));
}

TEST(Catalogue, a_missing_patch_is_named)
{
  const auto text = with("text: mend it", "text: mend it, patch: fixes/none.yaml");
  const auto catalogue = Catalogue::of({{"GY900-some-cause.yaml", text}}, {});
  EXPECT_THAT(catalogue.error().text(), HasSubstr(":11:"));
  EXPECT_TRUE(Catalogue::of({{"GY900-some-cause.yaml", text}}, {{"fixes/none.yaml", "x: 1"}}));
}

TEST(Catalogue, the_one_of_this_project_loads_and_finds_by_code_and_name)
{
  const auto catalogue = Catalogue::load("graveyard");
  ASSERT_TRUE(catalogue) << catalogue.error().text();
  EXPECT_EQ((*catalogue->find("GY005"))->name, "nvml-lib-not-on-search-path");
  EXPECT_EQ((*catalogue->find("devices-not-in-container"))->id, "GY006");
  EXPECT_THAT(catalogue->find("nvml-lib-not-on-searchpath").error().text(),
              HasSubstr("nvml-lib-not-on-search-path"));
  EXPECT_EQ(Catalogue::load("graveyard/none").error().kind, base::ErrorKind::not_found);
}

TEST(CatalogueFile, changed_bytes_never_crash_and_faults_always_have_a_place)
{
  std::mt19937 random(3);
  for (int round = 0; round < 3000; ++round) {
    std::string text(good);
    for (unsigned i = 0; i < 1 + random() % 4; ++i) {
      const auto at = random() % text.size();
      if (random() % 3 == 0)
        text.erase(at, 1 + random() % 20);
      else
        text[at] = static_cast<char>(
            random() % 2 ? random() : std::string_view("{}[]:,'\"-\n")[random() % 10]);
      if (text.empty()) text = ":";
    }
    const auto cause = parsed(text);
    if (cause) continue;
    EXPECT_EQ(cause.error().kind, base::ErrorKind::invalid);
    EXPECT_THAT(cause.error().text(), HasSubstr("GY900-some-cause.yaml")) << text;
  }
}

}  // namespace
}  // namespace coroner::graveyard
