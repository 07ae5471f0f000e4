// SPDX-License-Identifier: Apache-2.0
// Derived facts of nodes: distro, driver root, GPUs asked for, seen and offered.
#include <algorithm>
#include <map>
#include <string>

#include "harness/cell/expectations.h"
#include "harness/embedded/embedded.h"
#include "harness/evidence/path.h"
#include "harness/graveyard/derived.h"
#include "harness/graveyard/signature_set.h"
#include "harness/objects/object.h"
#include "harness/objects/pod.h"
#include "harness/objects/quantity.h"

namespace coroner::graveyard {
namespace {

using evidence::Fact;
using evidence::FactStore;
using evidence::Observed;
using nlohmann::json;

/// The project's own table, as it is compiled in; cell's tests hold that it reads.
const cell::ExpectationTable& table()
{
  static const auto read =
      cell::parse_expectations(embedded::file(cell::expectations_file).value_or(""),
                               std::string(cell::expectations_file))
          .value_or(cell::ExpectationTable{});
  return read;
}

/// What one of a node's facts of its own says; "" where it says nothing.
std::string said(const FactStore& facts, std::string_view name, const std::string& node)
{
  for (const auto& fact : facts.all(name))
    if (fact.scope.node == node && fact.value.is_string()) return fact.value.get<std::string>();
  return {};
}

cell::NodeExpectations expectations(const FactStore& facts, const Fact& os_image)
{
  const auto& node = os_image.scope.node;
  return cell::expectations_of(table(),
                               {.os_image = os_image.value.get<std::string>(),
                                .kubelet_version = said(facts, "node.kubelet_version", node),
                                .container_runtime = said(facts, "node.container_runtime", node),
                                .architecture = said(facts, "node.architecture", node),
                                .provider_id = {}});
}

Fact derived_from(const Fact& fact, std::string name, json value)
{
  Fact made = fact;
  made.name = std::move(name);
  made.value = std::move(value);
  return made;
}

double gpus_of(const json& pod)
{
  double sum = 0;
  const auto& containers = objects::at(pod, "/spec/containers");
  if (!containers.is_array()) return sum;
  for (const auto& container : containers) {
    const auto text = objects::text_at(container, "/resources/limits/nvidia.com~1gpu");
    const auto& plain = objects::at(container, "/resources/limits/nvidia.com~1gpu");
    if (plain.is_number()) sum += plain.get<double>();
    if (!text.empty()) sum += objects::parse_quantity(text).value_or(0);
  }
  return sum;
}

bool is_gpu_node(const std::string& path)
{
  return is_found(R"(^/dev/nvidia[0-9]+$)", path);
}

}  // namespace

void derive_distro(const Observed&, FactStore& facts)
{
  for (const auto& image : facts.all("node.os_image"))
    if (image.value.is_string())
      if (const auto distro = expectations(facts, image).distro; distro != cell::unknown_distro)
        facts.add(derived_from(image, "node.distro", distro));
}

void derive_driver_root(const Observed&, FactStore& facts)
{
  constexpr std::string_view library_folders[] = {"/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu",
                                                  "/lib64", "/lib"};
  std::map<std::string, bool> found;
  for (const auto& library : facts.all("host.nvml_library")) {
    auto folder = library.value.get<std::string>();
    folder.erase(folder.rfind('/'));
    for (const auto ending : library_folders)
      if (folder.ends_with(ending)) {
        folder.erase(folder.size() - ending.size());
        break;
      }
    if (folder.empty() || folder == "/usr") folder = "/";
    if (!found[library.scope.node]) facts.add(derived_from(library, "node.driver_root", folder));
    found[library.scope.node] = true;
  }
  for (const auto& image : facts.all("node.os_image")) {
    if (found[image.scope.node] || !image.value.is_string()) continue;
    if (const auto root = expectations(facts, image).of("driver_root"); !root.empty())
      facts.add(derived_from(image, "node.driver_root", root));
  }
}

void derive_requested(const Observed& seen, FactStore& facts)
{
  std::map<std::string, double> sums;
  for (const auto& stored : seen.objects)
    if (objects::kind_of(stored.object) == "Node") sums[objects::name_of(stored.object)] = 0;
  bool has_pods = facts.was_collected("api/v1/Pod", "");
  for (const auto& stored : seen.objects) {
    if (objects::kind_of(stored.object) != "Pod") continue;
    has_pods = true;
    const auto node = objects::node_of(stored.object);
    if (!node.empty() && !objects::has_ended(stored.object)) sums[node] += gpus_of(stored.object);
  }
  if (!has_pods) return;
  for (const auto& [node, sum] : sums)
    facts.add({.name = "node.gpu.requested",
               .value = sum,
               .source = "objects/v1/Pod",
               .scope = {.node = node}});
}

void derive_container_devices(const Observed& seen, FactStore& facts)
{
  // Other pods ask for no GPU, and rightly have no device.
  constexpr std::string_view gpu_suite = "smoke/";
  for (const auto& line : seen.payload_lines) {
    const auto& devices = objects::at(line.value, "/devices");
    if (!devices.is_array() || !evidence::names_of(line.source).name.starts_with(gpu_suite))
      continue;
    const auto count = std::count_if(devices.begin(), devices.end(), [](const json& device) {
      return is_gpu_node(objects::text_at(device, "/path"));
    });
    facts.add({"container.gpu_devices", count, line.source, line.line, line.scope});
  }
}

void derive_pci_count(const Observed& seen, FactStore& facts)
{
  constexpr std::string_view nvidia = "10de";
  for (const auto& line : seen.payload_lines) {
    const auto& controllers = objects::at(line.value, "/pci/controllers");
    if (!controllers.is_array()) continue;
    const auto count = std::count_if(controllers.begin(), controllers.end(), [&](const json& each) {
      const auto vendor = objects::text_at(each, "/vendor");
      return vendor.ends_with(nvidia) &&
             is_found("^(?:0x)?(?:03|12)", objects::text_at(each, "/class"));
    });
    facts.add({"node.gpu.pci_count", count, line.source, line.line, line.scope});
  }
}

void derive_host_device_count(const Observed&, FactStore& facts)
{
  std::map<std::string, Fact> counts;
  for (const auto& device : facts.all("host.device")) {
    auto entry =
        counts.emplace(device.scope.node, derived_from(device, "host.gpu_devices", 0)).first;
    if (device.value.is_string() && is_gpu_node(device.value.get<std::string>()))
      entry->second.value = entry->second.value.get<int>() + 1;
  }
  for (auto& [node, fact] : counts) {
    fact.scope.file.clear();
    facts.add(fact);
  }
}

void derive_allocatable_differs(const Observed&, FactStore& facts)
{
  for (const auto& offered : facts.all("node.gpu.allocatable")) {
    const auto seen = facts.ask("node.gpu.pci_count", {.node = offered.scope.node});
    if (seen.presence != evidence::Presence::present) continue;
    const double count = offered.value.is_number() ? offered.value.get<double>() : 0;
    const bool differs = count < seen.facts[0].value.get<double>();
    facts.add(derived_from(offered, "node.gpu.allocatable_differs_from_payload", differs));
  }
}

}  // namespace coroner::graveyard
