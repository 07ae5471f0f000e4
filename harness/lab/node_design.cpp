// SPDX-License-Identifier: Apache-2.0
// Joins a cell's data with the recipes of matrix/lab/node.
#include "harness/lab/node_design.h"

#include <algorithm>
#include <array>

#include <linux/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/base/yaml.h"
#include "harness/crypto/digest.h"

namespace coroner::lab {
namespace {

using base::Document;
using base::Result;
using nlohmann::json;

/// Recipe below matrix/lab/node and where every node has it.
struct Config {
  const char* recipe;
  const char* path;
};

constexpr std::array<Config, 2> node_configs = {
    {{"kubelet.yaml", "/var/lib/kubelet/config.yaml"},
     {"admission.yaml", "/etc/kubernetes/admission.yaml"}}};

/// kubeconfigs made outside that a service inside reads.
constexpr std::array<const char*, 4> kubeconfigs = {"controller-manager.conf", "scheduler.conf",
                                                    "kubelet.conf", "kube-proxy.conf"};

bool is_in_path(const std::string& program)
{
  for (const std::string folder : {"/usr/sbin/", "/usr/bin/"})
    if (::access((folder + program).c_str(), X_OK) == 0) return true;
  return false;
}

Result<std::vector<std::string>> filled_list(const Document& document, const std::string& at,
                                             const std::map<std::string, std::string>& values)
{
  std::vector<std::string> all;
  const json::json_pointer pointer(at);
  if (!document.value.contains(pointer)) return all;
  for (std::size_t i = 0; i < document.value.at(pointer).size(); ++i) {
    const auto place = fmt::format("{}/{}", at, i);
    TRY_ASSIGN(text, base::string_at(document, place));
    auto filled = cell::fill_in(text, values);
    if (!filled) return document.error_at(place, filled.error().what);
    all.push_back(*filled);
  }
  return all;
}

Result<std::vector<Service>> read_services(const Places& places,
                                           const std::map<std::string, std::string>& values)
{
  const auto path = places.matrix / "lab" / "node" / "services.yaml";
  TRY_ASSIGN(text, base::read_file(path, base::largest_yaml_bytes));
  TRY_ASSIGN(document, base::parse_yaml(text, path.string()));
  std::vector<Service> services;
  const auto count = document.value.value("services", json::array()).size();
  for (std::size_t i = 0; i < count; ++i) {
    const auto at = fmt::format("/services/{}", i);
    TRY(base::check_keys(document, at, {"name", "arguments", "environment", "needs", "program"}));
    Service service;
    TRY_ASSIGN(name, base::string_at(document, at + "/name"));
    service.name = name;
    TRY_ASSIGN(arguments, filled_list(document, at + "/arguments", values));
    service.arguments = arguments;
    TRY_ASSIGN(needs, filled_list(document, at + "/needs", values));
    service.needs = needs;
    const auto& entry = document.value["services"][i];
    const auto environment = entry.value("environment", json::object());
    for (const auto& [variable, value] : environment.items()) {
      TRY_ASSIGN(filled, cell::fill_in(value.get<std::string>(), values));
      service.environment[variable] = filled;
    }
    if (!entry.contains("program") || is_in_path(entry["program"].get<std::string>()))
      services.push_back(std::move(service));
  }
  return services;
}

Result<cell::NodeFile> configured(const std::filesystem::path& recipe, const std::string& path,
                                  const std::map<std::string, std::string>& values)
{
  TRY_ASSIGN(text, base::read_file(recipe));
  auto filled = cell::fill_in(text, values);
  if (!filled) return base::pass_on(std::move(filled).error(), "in " + recipe.string());
  cell::NodeFile file;
  file.path = path;
  file.text = *filled;
  return file;
}

cell::NodeFile os_release(const cell::Cell& cell)
{
  cell::NodeFile file;
  file.path = "/etc/os-release";
  for (const auto& [key, value] : cell.os_release)
    file.text += fmt::format("{}=\"{}\"\n", key, value);
  return file;
}

cell::NodeFile text_file(const std::string& path, const std::string& text)
{
  cell::NodeFile file;
  file.path = path;
  file.text = text;
  return file;
}

bool speaks_of_driver(const cell::NodeFile& file)
{
  for (const auto* field : {&file.path, &file.link, &file.links_into, &file.text})
    if (field->find("{driver_") != std::string::npos) return true;
  return false;
}

/// The cell's files without those of a driver that the node does not have: what speaks of the
/// driver, and links to folders that would hold nothing else.
std::vector<cell::NodeFile> files_of(const NodeDesign& design)
{
  const auto version = design.words.find("driver_version");
  if (version != design.words.end() && !version->second.empty()) return design.cell.files;
  std::vector<cell::NodeFile> kept;
  std::vector<std::string> absent;
  for (const auto& file : design.cell.files) {
    const bool leads_nowhere =
        !file.link.empty() && std::any_of(absent.begin(), absent.end(), [&file](const auto& path) {
          return path.starts_with(file.link + "/");
        });
    if (speaks_of_driver(file) || leads_nowhere)
      absent.push_back(file.path);
    else
      kept.push_back(file);
  }
  return kept;
}

Result<void> add_layout(const NodeDesign& design, const std::map<std::string, std::string>& values,
                        NodePlan& plan)
{
  for (auto file : files_of(design)) {
    for (auto* field : {&file.path, &file.link, &file.links_into, &file.text}) {
      TRY_ASSIGN(filled, cell::fill_in(*field, values));
      *field = filled;
    }
    if (!file.component.empty()) {
      const auto part = design.parts.find(file.component);
      if (part == design.parts.end())
        return base::error(base::ErrorKind::invalid,
                           "{}: the file {} comes from the part '{}', which the cell does not name",
                           design.cell.name, file.path, file.component);
      file.binary = folder_on_node(part->second) + "/" + file.binary;
    }
    plan.files.push_back(file);
  }
  return {};
}

Result<void> add_configuration(const Places& places, const NodeDesign& design,
                               const std::map<std::string, std::string>& values, NodePlan& plan)
{
  const auto recipes = places.matrix / "lab" / "node";
  plan.files.push_back(os_release(design.cell));
  plan.files.push_back(text_file("/etc/hostname", design.name + "\n"));
  plan.files.push_back(text_file(
      "/etc/hosts", fmt::format("127.0.0.1 localhost\n{} {}\n", node_address, design.name)));
  plan.files.push_back(text_file("/etc/resolv.conf", ""));
  plan.files.push_back(text_file("/etc/machine-id", crypto::random_hex(16) + "\n"));
  for (const auto& [recipe, path] : node_configs) {
    TRY_ASSIGN(file, configured(recipes / recipe, path, values));
    plan.files.push_back(file);
  }
  TRY_ASSIGN(containerd, configured(places.matrix / design.cell.containerd.template_file,
                                    design.cell.containerd.config, values));
  plan.files.push_back(containerd);
  TRY_ASSIGN(network, configured(recipes / "cni.conflist",
                                 values.at("cni_configuration") + "/10-lab.conflist", values));
  plan.files.push_back(network);
  return {};
}

}  // namespace

bool may_lower_oom_score()
{
  return ::prctl(PR_CAPBSET_READ, CAP_SYS_RESOURCE, 0, 0, 0) == 1;
}

std::string folder_on_node(const std::filesystem::path& folder)
{
  return "/opt/coroner/components/" + folder.filename().string();
}

std::map<std::string, std::string> placeholders(const NodeDesign& design)
{
  const auto& containerd = design.cell.containerd;
  const bool is_k3s = containerd.config.starts_with("/var/lib/rancher/");
  std::map<std::string, std::string> values = {
      {"name", design.name},
      {"node_address", node_address},
      {"pod_security", design.cell.pod_security},
      {"containerd_config", containerd.config},
      {"containerd_socket", containerd.socket},
      {"containerd_root", containerd.root},
      {"containerd_state", containerd.state},
      {"restrict_oom_score_adj", may_lower_oom_score() ? "false" : "true"},
      {"cni_configuration", is_k3s ? "/var/lib/rancher/k3s/agent/etc/cni/net.d" : "/etc/cni/net.d"},
      {"driver_libraries", design.cell.driver.libraries},
      {"driver_binaries", design.cell.driver.binaries}};
  for (const auto& [part, folder] : design.parts) values[part] = folder_on_node(folder);
  for (const auto& [word, value] : design.words) values[word] = value;
  for (auto* place : {&values["driver_libraries"], &values["driver_binaries"]})
    *place = cell::fill_in(*place, design.words).value_or(*place);
  return values;
}

Result<NodePlan> plan_node(const Places& places, const NodeDesign& design)
{
  const auto values = placeholders(design);
  NodePlan plan;
  plan.name = design.name;
  plan.domain_name = design.domain_name;
  plan.state_directory = design.directory.string();
  plan.node_address = node_address;
  plan.is_cgroup_v2 = design.cgroups.is_v2;
  plan.cgroup_mounts = design.cgroups.mounts;
  plan.hidden = design.hidden;
  plan.devices = design.devices;
  plan.binds = design.binds;
  const auto node = design.directory / "node";
  plan.binds.push_back({node.string(), "/opt/coroner/state", false});
  plan.binds.push_back({(node / "pki").string(), "/etc/kubernetes/pki", true});
  for (const auto* file : kubeconfigs)
    plan.binds.push_back({(node / file).string(), std::string("/etc/kubernetes/") + file, true});
  for (const auto& [part, folder] : design.parts)
    plan.binds.push_back({folder.string(), folder_on_node(folder), true});
  TRY_ASSIGN(services, read_services(places, values));
  plan.services = services;
  TRY(add_configuration(places, design, values, plan));
  TRY(add_layout(design, values, plan));
  const bool is_standard_place = design.cell.driver.libraries.starts_with("/usr/lib");
  if (is_standard_place) plan.prepare.push_back({"ldconfig"});
  return plan;
}

}  // namespace coroner::lab
