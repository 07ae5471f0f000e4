// SPDX-License-Identifier: Apache-2.0
// Each derived fact: where it can be told, where it differs, and where it stays unknown.
#include "harness/graveyard/derived.h"

#include <gmock/gmock.h>

#include "harness/evidence/path.h"
#include "harness/graveyard/evaluate.h"

namespace coroner::graveyard {
namespace {

using evidence::Presence;
using nlohmann::json;

json node(const std::string& name, const std::string& image, const json& allocatable = {})
{
  return {{"apiVersion", "v1"},
          {"kind", "Node"},
          {"metadata", {{"name", name}}},
          {"status", {{"allocatable", allocatable}, {"nodeInfo", {{"osImage", image}}}}}};
}

json gpu_pod(const std::string& name, const std::string& count, const std::string& phase)
{
  json container = {{"name", "c"}};
  container["resources"]["limits"]["nvidia.com/gpu"] = count;
  json pod = {{"apiVersion", "v1"},
              {"kind", "Pod"},
              {"metadata", {{"name", name}, {"namespace", "x"}}},
              {"status", {{"phase", phase}}}};
  pod["spec"] = {{"nodeName", "one"}, {"containers", json::array({container})}};
  return pod;
}

json plugin_pod(const json& runtime_class)
{
  const json container = {{"name", "c"}, {"image", "nvcr.io/nvidia/k8s-device-plugin:v0.17.4"}};
  json pod = {{"apiVersion", "v1"},
              {"kind", "Pod"},
              {"metadata", {{"name", "any-name"}, {"namespace", "x"}}}};
  pod["spec"] = {{"nodeName", "one"}, {"containers", json::array({container})}};
  if (!runtime_class.is_null()) pod["spec"]["runtimeClassName"] = runtime_class;
  return pod;
}

json daemon_set(const json& container)
{
  json set = {{"apiVersion", "apps/v1"},
              {"kind", "DaemonSet"},
              {"metadata", {{"name", "d"}, {"namespace", "x"}}}};
  set["spec"]["template"]["spec"]["containers"] = json::array({container});
  return set;
}

evidence::Observed seen(const std::vector<json>& objects)
{
  std::vector<evidence::StoredObject> stored;
  for (const auto& object : objects)
    stored.push_back({evidence::object_path(object).value_or("x"), object});
  return evidence::observe_objects(std::move(stored));
}

json value(const evidence::FactStore& facts, std::string_view name)
{
  const auto answer = ask(facts, name, {.node = "one"});
  return answer.presence == Presence::present ? answer.facts[0].value : json();
}

TEST(Derived, distro_and_expected_driver_root_come_from_the_image)
{
  const auto nixos = with_derived(seen({node("one", "NixOS 25.05 (Warbler)")}));
  EXPECT_EQ(value(nixos, "node.distro"), "nixos");
  EXPECT_EQ(value(nixos, "node.driver_root"), "/run/opengl-driver");
  EXPECT_EQ(value(with_derived(seen({node("one", "Talos (v1.9.1)")})), "node.distro"), "talos");
  EXPECT_EQ(value(with_derived(seen({node("one", "Ubuntu 24.04.3 LTS")})), "node.driver_root"),
            "/");
  const auto unknown = with_derived(seen({node("one", "Some OS")}));
  EXPECT_EQ(ask(unknown, "node.distro").presence, Presence::not_collected);
  EXPECT_EQ(ask(unknown, "node.driver_root").presence, Presence::not_collected);
}

TEST(Derived, distro_and_driver_root_are_those_of_the_projects_table_on_every_node)
{
  const auto facts =
      with_derived(seen({node("one", "Talos (v1.11.3)"), node("two", "Rocky Linux 9.5 (Blue Onyx)"),
                         node("three", "Flatcar Container Linux by Kinvolk 4081.2.0 (Oklo)")}));
  const auto of = [&](std::string_view name, const std::string& node) {
    const auto answer = ask(facts, name, {.node = node});
    return answer.presence == Presence::present ? answer.facts[0].value : json();
  };
  EXPECT_EQ(of("node.driver_root", "one"), "/usr/local/glibc/usr");
  EXPECT_EQ(of("node.distro", "two"), "rhel");
  EXPECT_EQ(of("node.distro", "three"), "flatcar");
  EXPECT_EQ(of("node.driver_root", "three"), json());
}

TEST(Derived, a_library_that_was_found_decides_the_driver_root)
{
  auto observed = seen({node("one", "Ubuntu 24.04")});
  observed.facts.add({"host.nvml_library",
                      "/opt/driver/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.1",
                      "host/one/driver-root.txt",
                      3,
                      {.node = "one"}});
  EXPECT_EQ(value(with_derived(observed), "node.driver_root"), "/opt/driver/usr");
}

TEST(Derived, requested_gpus_are_those_of_pods_that_have_not_ended)
{
  const auto facts =
      with_derived(seen({node("one", "x"), gpu_pod("a", "2", "Running"),
                         gpu_pod("b", "1", "Pending"), gpu_pod("c", "4", "Failed")}));
  EXPECT_EQ(value(facts, "node.gpu.requested"), 3.0);
  EXPECT_EQ(ask(with_derived(seen({node("one", "x")})), "node.gpu.requested").presence,
            Presence::not_collected);
}

TEST(Derived, the_plugins_runtime_handler_goes_through_the_runtime_class)
{
  const json runtime_class = {{"apiVersion", "node.k8s.io/v1"},
                              {"kind", "RuntimeClass"},
                              {"metadata", {{"name", "gpu"}}},
                              {"handler", "nvidia"}};
  EXPECT_EQ(
      value(with_derived(seen({plugin_pod("gpu"), runtime_class})), "plugin.pod.runtime_handler"),
      "nvidia");
  EXPECT_EQ(value(with_derived(seen({plugin_pod(nullptr)})), "plugin.pod.runtime_handler"), "");
  EXPECT_EQ(ask(with_derived(seen({plugin_pod("gpu")})), "plugin.pod.runtime_handler").presence,
            Presence::not_collected);
}

TEST(Derived, the_plugins_strategy_is_its_variable_its_flag_or_auto)
{
  const std::string image = "example/k8s-device-plugin:v1";
  const auto strategy = [](const json& container) {
    return value(with_derived(seen({daemon_set(container)})), "plugin.daemonset.strategy");
  };
  EXPECT_EQ(strategy({{"image", image}}), "auto");
  EXPECT_EQ(strategy({{"image", image},
                      {"env", {{{"name", "DEVICE_DISCOVERY_STRATEGY"}, {"value", "cdi"}}}}}),
            "cdi");
  EXPECT_EQ(strategy({{"image", "other"},
                      {"command", {"nvidia-device-plugin", "--device-discovery-strategy=tegra"}}}),
            "tegra");
  EXPECT_EQ(strategy({{"image", image}, {"command", {"gpu-feature-discovery"}}}), json());
  EXPECT_EQ(strategy({{"image", "nginx"}}), json());
}

TEST(Derived, devices_of_gpu_pods_and_of_the_host_are_counted)
{
  auto observed = seen({node("one", "x", {{"nvidia.com/gpu", "0"}})});
  const json inspect = {{"devices", {{{"path", "/dev/nvidiactl"}}, {{"path", "/dev/nvidia0"}}}},
                        {"pci",
                         {{"controllers",
                           {{{"vendor", "10de"}, {"class", "030000"}},
                            {{"vendor", "10de"}, {"class", "068000"}},
                            {{"vendor", "8086"}, {"class", "030000"}}}}}}};
  observed.payload_lines = {
      {"pods/one/smoke%2Fenv_inspection.ndjson", 1, inspect, {.node = "one"}}};
  for (const auto* path : {"/dev/nvidia0", "/dev/nvidia1", "/dev/nvidia-uvm"})
    observed.facts.add({"host.device", path, "host/one/devices.txt", 1, {.node = "one"}});
  const auto facts = with_derived(observed);
  EXPECT_EQ(value(facts, "container.gpu_devices"), 1);
  EXPECT_EQ(value(facts, "host.gpu_devices"), 2);
  EXPECT_EQ(value(facts, "node.gpu.pci_count"), 1);
  EXPECT_EQ(value(facts, "node.gpu.allocatable_differs_from_payload"), true);
  observed.payload_lines[0].source = "pods/one/driver%2Finspect.ndjson";
  EXPECT_EQ(ask(with_derived(observed), "container.gpu_devices").presence, Presence::not_collected);
}

evidence::Observed containerd(const std::string& default_runtime, const std::string& loaded_default,
                              const std::vector<std::string>& runtimes)
{
  evidence::Observed observed;
  auto& facts = observed.facts;
  const std::string disk = "host/one/etc/containerd/config.toml";
  facts.mark_collected("host/etc/containerd/config.toml", "one");
  facts.add({"containerd.default_runtime", default_runtime, disk, 2, {.node = "one"}});
  for (const auto& runtime : runtimes)
    facts.add({"containerd.runtime", runtime, disk, 3, {.node = "one"}});
  facts.add({"containerd.loaded.default_runtime",
             loaded_default,
             "host/one/containerd-loaded.toml",
             9,
             {.node = "one"}});
  facts.add(
      {"containerd.loaded.runtime", "runc", "host/one/containerd-loaded.toml", 9, {.node = "one"}});
  return observed;
}

TEST(Derived, containerd_on_disk_and_as_loaded_are_compared)
{
  const auto differs = [](const evidence::Observed& observed) {
    return value(with_derived(observed), "containerd.loaded_differs_from_disk");
  };
  EXPECT_EQ(differs(containerd("runc", "runc", {"runc"})), false);
  EXPECT_EQ(differs(containerd("nvidia", "runc", {"runc"})), true);
  EXPECT_EQ(differs(containerd("runc", "runc", {"runc", "nvidia"})), true);
}

TEST(Derived, a_default_runtime_without_entry_is_not_defined)
{
  const auto defined = [](const evidence::Observed& observed) {
    return value(with_derived(observed), "containerd.default_runtime_defined");
  };
  EXPECT_EQ(defined(containerd("nvidia", "runc", {})), false);
  EXPECT_EQ(defined(containerd("nvidia", "runc", {"nvidia"})), true);
  EXPECT_EQ(defined(containerd("runc", "runc", {})), true);
}

TEST(Derived, all_names_are_unique_and_say_what_they_mean)
{
  const auto names = known_facts();
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
  for (const auto& fact : derived_facts()) {
    EXPECT_FALSE(fact.says.empty()) << fact.name;
    EXPECT_THAT(ask(evidence::FactStore(), fact.name).collect,
                ::testing::HasSubstr(std::string(fact.command)));
  }
}

TEST(Versions, are_compared_by_their_numbers)
{
  EXPECT_TRUE(is_version_within("v0.17.4", ">=0.17"));
  EXPECT_TRUE(is_version_within("1.17.10", ">1.17.9 <1.18"));
  EXPECT_FALSE(is_version_within("1.18.0", ">=1.17.4 <1.18"));
  EXPECT_TRUE(is_version_within("v1.18.0-rc.1", "=1.18"));
  EXPECT_FALSE(is_version_within("0.14.5", ">=0.15"));
  EXPECT_TRUE(is_version_within("0.14.5", "<=0.14.5"));
}

}  // namespace
}  // namespace coroner::graveyard
