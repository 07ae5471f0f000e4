// SPDX-License-Identifier: Apache-2.0
#include "suites/questions.h"

#include <gmock/gmock.h>

#include "harness/record/case.h"

namespace coroner::suites {
namespace {

using nlohmann::json;

TEST(Questions, versions_are_read_from_any_of_their_forms)
{
  const std::pair<int, int> kubelet = {1, 34};
  EXPECT_EQ(version_of("v1.34.1+k3s1"), kubelet);
  EXPECT_EQ(version_of("570.211.01"), (std::pair{570, 211}));
  for (const auto* text : {"", "v", "latest", "1", "1.", ".2", "1.x", "99999999999.1", "-1.2"})
    EXPECT_EQ(version_of(text), std::nullopt) << text;
  EXPECT_EQ(image_version({{"image", "localhost:5000/k8s-device-plugin:v0.17.4-ubi9"}}),
            (std::pair{0, 17}));
  EXPECT_EQ(image_version({{"image", "k8s-device-plugin@sha256:abc"}}), std::nullopt);
  EXPECT_EQ(image_version({{"image", "localhost:5000/k8s-device-plugin"}}), std::nullopt);
}

TEST(Questions, an_option_is_its_variable_or_either_form_of_its_flag)
{
  const auto strategy = [](const json& container) {
    return option_of(container, "STRATEGY", "--strategy");
  };
  EXPECT_EQ(strategy({{"env", {{{"name", "STRATEGY"}, {"value", "a"}}}}}), "a");
  EXPECT_EQ(strategy({{"args", {"--strategy=b"}}}), "b");
  EXPECT_EQ(strategy({{"command", {"program", "--strategy", "c"}}}), "c");
  EXPECT_EQ(strategy({{"args", {"--strategy"}}}), std::nullopt);
  EXPECT_EQ(strategy({{"args", {"--strategy-of-others=d"}}}), std::nullopt);
  EXPECT_EQ(strategy({{"env", {{{"name", "STRATEGY"}}}}}), std::nullopt);
}

TEST(Questions, gpus_on_the_bus_are_nvidias_display_and_compute_controllers)
{
  const auto count = [](const char* vendor, const char* device_class) {
    return gpus_on_bus(
               {{"pci", {{"controllers", {{{"vendor", vendor}, {"class", device_class}}}}}}})
        .size();
  };
  EXPECT_EQ(count("10de", "030000"), 1U);
  EXPECT_EQ(count("0x10de", "0x030200"), 1U);
  EXPECT_EQ(count("10de", "120000"), 1U);
  EXPECT_EQ(count("10de", "068000"), 0U) << "an NVSwitch is no GPU";
  EXPECT_EQ(count("1002", "030000"), 0U);
  EXPECT_TRUE(gpus_on_bus(json::object()).empty());
}

TEST(Registry, every_case_of_these_suites_is_registered_and_well_formed)
{
  std::map<std::string, int> suites;
  for (const auto& definition : engine::registry()) {
    const auto checked = record::check(definition.metadata());
    EXPECT_TRUE(checked) << definition.id << ": " << checked.error().text();
    ++suites[std::string(record::suite_of(definition.id))];
    const bool runs = !definition.manifest.empty();
    EXPECT_EQ(runs, definition.effect >= record::Effect::runs_pods && definition.dry_run.empty())
        << definition.id;
    EXPECT_EQ(runs, !definition.container.empty()) << definition.id;
  }
  EXPECT_EQ(suites["prerequisites"], 8);
  EXPECT_EQ(suites["driver"], 4);
  EXPECT_EQ(suites["runtime"], 3);
  EXPECT_EQ(suites["plugin"], 6);
  EXPECT_EQ(suites["labels"], 5);
}

}  // namespace
}  // namespace coroner::suites
