// SPDX-License-Identifier: Apache-2.0
#include "harness/lab/node_design.h"

#include <set>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "harness/base/files.h"

namespace coroner::lab {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr const char* tiny_cell = R"(name: tiny
summary: a cell of these tests
distro: nixos
provider: lab
gpu: {profile: gtx-1060}
pod_security: baseline
access: cdi
os_release: {ID: tiny}
components: {kubernetes: k, etcd: e, coredns: d, containerd: c, runc: r, cni: n, toolkit: t}
driver: {libraries: '/store/{driver_version}/lib', binaries: '/store/{driver_version}/bin'}
containerd: {config: /etc/c.toml, template: lab/node/c.toml, socket: /run/c.sock, root: /var/c, state: /run/c}
files:
  - {path: /links/lib, links_into: '{driver_libraries}'}
  - {path: /run/driver, link: /links}
  - {path: /bin/smi, link: '{driver_binaries}/smi'}
  - {path: /bin/ctk, component: toolkit, binary: nvidia-ctk}
)";

constexpr const char* tiny_services = R"(services:
  - name: one
    arguments: ['{etcd}/one', '--name={name}', '--address={node_address}']
    environment: {PATH: '{runc}:/bin'}
    needs: ['port:2379']
  - {name: absent, arguments: [x], program: no-such-program-anywhere}
)";

/// A matrix/ of a few lines, so that what is expected can be written down whole.
class NodeDesignTest : public testing::Test {
 protected:
  void SetUp() override
  {
    write("services.yaml", tiny_services);
    write("kubelet.yaml", "socket: {containerd_socket}\n");
    write("admission.yaml", "enforce: {pod_security}\n");
    write("cni.conflist", "{\"name\": \"lab\"}\n");
    write("c.toml", "root = \"{containerd_root}\"\nrunc = \"{runc}\"\n");
    design_.cell = cell::parse_cell(tiny_cell, "tiny.yaml").value();
    design_.name = "one";
    design_.directory = "/cells/one";
    for (const char* part : {"kubernetes", "etcd", "runc", "toolkit"})
      design_.parts[part] = std::string("/cache/") + part + "-1";
    design_.words = {{"driver_version", "5.6"}};
    design_.cgroups = {false, {"/sys/fs/cgroup/cpu"}};
    design_.devices = {{"/dev/nvidia0", 195, 0}};
  }

  void write(const std::string& file, const std::string& text)
  {
    ASSERT_TRUE(base::make_directories(folder_.path() / "lab" / "node"));
    ASSERT_TRUE(base::write_file(folder_.path() / "lab" / "node" / file, text));
  }

  base::Result<NodePlan> plan() const { return plan_node({folder_.path(), {}, {}, {}}, design_); }

  static std::string text_of(const NodePlan& plan, const std::string& path)
  {
    for (const auto& file : plan.files)
      if (file.path == path) return file.text;
    return "there is no file " + path;
  }

  NodeDesign design_;

 private:
  base::ScopedDirectory folder_ =
      base::ScopedDirectory::make(fs::temp_directory_path(), "design-").value();
};

TEST_F(NodeDesignTest, becomes_the_plan_that_was_approved)
{
  const auto made = plan();
  ASSERT_TRUE(made) << made.error().text();
  auto json = nlohmann::json::parse(to_json(*made));
  nlohmann::json files = nlohmann::json::object();
  for (const auto& file : json["files"]) {
    for (const char* kind : {"text", "link", "links_into", "binary"})
      if (file[kind] != "") files[file["path"].get<std::string>()] = {{kind, file[kind]}};
  }
  files.erase("/etc/machine-id");
  json["files"] = files;
  const auto expected = nlohmann::json::parse(R"({
    "name": "one", "domain_name": "", "state_directory": "/cells/one", "node_address": "10.88.0.1",
    "is_cgroup_v2": false, "cgroup_mounts": ["/sys/fs/cgroup/cpu"], "hidden": [], "prepare": [],
    "devices": [{"path": "/dev/nvidia0", "major": 195, "minor": 0, "mode": 438}],
    "binds": [
      {"from": "/cells/one/node", "to": "/opt/coroner/state", "is_read_only": false},
      {"from": "/cells/one/node/pki", "to": "/etc/kubernetes/pki", "is_read_only": true},
      {"from": "/cells/one/node/controller-manager.conf", "to": "/etc/kubernetes/controller-manager.conf", "is_read_only": true},
      {"from": "/cells/one/node/scheduler.conf", "to": "/etc/kubernetes/scheduler.conf", "is_read_only": true},
      {"from": "/cells/one/node/kubelet.conf", "to": "/etc/kubernetes/kubelet.conf", "is_read_only": true},
      {"from": "/cells/one/node/kube-proxy.conf", "to": "/etc/kubernetes/kube-proxy.conf", "is_read_only": true},
      {"from": "/cache/etcd-1", "to": "/opt/coroner/components/etcd-1", "is_read_only": true},
      {"from": "/cache/kubernetes-1", "to": "/opt/coroner/components/kubernetes-1", "is_read_only": true},
      {"from": "/cache/runc-1", "to": "/opt/coroner/components/runc-1", "is_read_only": true},
      {"from": "/cache/toolkit-1", "to": "/opt/coroner/components/toolkit-1", "is_read_only": true}],
    "services": [{"name": "one", "needs": ["port:2379"], "environment": {"PATH": "/opt/coroner/components/runc-1:/bin"},
      "arguments": ["/opt/coroner/components/etcd-1/one", "--name=one", "--address=10.88.0.1"]}],
    "files": {
      "/etc/os-release": {"text": "ID=\"tiny\"\n"},
      "/etc/hostname": {"text": "one\n"},
      "/etc/hosts": {"text": "127.0.0.1 localhost\n10.88.0.1 one\n"},
      "/var/lib/kubelet/config.yaml": {"text": "socket: /run/c.sock\n"},
      "/etc/kubernetes/admission.yaml": {"text": "enforce: baseline\n"},
      "/etc/c.toml": {"text": "root = \"/var/c\"\nrunc = \"/opt/coroner/components/runc-1\"\n"},
      "/etc/cni/net.d/10-lab.conflist": {"text": "{\"name\": \"lab\"}\n"},
      "/links/lib": {"links_into": "/store/5.6/lib"},
      "/run/driver": {"link": "/links"},
      "/bin/smi": {"link": "/store/5.6/bin/smi"},
      "/bin/ctk": {"binary": "/opt/coroner/components/toolkit-1/nvidia-ctk"}}})");
  EXPECT_EQ(json, expected) << nlohmann::json::diff(expected, json).dump(1);
}

TEST_F(NodeDesignTest, without_a_driver_has_none_of_its_files)
{
  design_.words["driver_version"] = "";
  const auto made = plan();
  ASSERT_TRUE(made) << made.error().text();
  EXPECT_THAT(text_of(*made, "/links/lib"), HasSubstr("there is no file"));
  EXPECT_THAT(text_of(*made, "/run/driver"), HasSubstr("there is no file"));
  EXPECT_THAT(text_of(*made, "/bin/smi"), HasSubstr("there is no file"));
  EXPECT_EQ(text_of(*made, "/bin/ctk"), "") << "the toolkit is no part of the driver";
}

TEST_F(NodeDesignTest, has_a_machine_id_of_its_own_each_time)
{
  const auto first = text_of(plan().value(), "/etc/machine-id");
  EXPECT_EQ(first.size(), 33U);
  EXPECT_NE(first, text_of(plan().value(), "/etc/machine-id"));
}

TEST_F(NodeDesignTest, with_a_driver_in_the_systems_folders_refreshes_the_loaders_cache)
{
  design_.cell.driver.libraries = "/usr/lib/x86_64-linux-gnu";
  EXPECT_EQ(plan().value().prepare, std::vector<std::vector<std::string>>{{"ldconfig"}});
}

TEST_F(NodeDesignTest, refuses_a_placeholder_that_nothing_fills_and_says_where)
{
  write("services.yaml", "services:\n  - name: one\n    arguments: ['{etcdd}/one']\n");
  const auto services = plan();
  ASSERT_FALSE(services);
  EXPECT_THAT(services.error().text(), HasSubstr("services.yaml:3:17"));
  EXPECT_THAT(services.error().text(), HasSubstr("{etcdd}"));
  write("services.yaml", tiny_services);
  write("kubelet.yaml", "x: {sockets}\n");
  const auto recipe = plan();
  ASSERT_FALSE(recipe);
  EXPECT_THAT(recipe.error().text(), HasSubstr("kubelet.yaml"));
  EXPECT_THAT(recipe.error().text(), HasSubstr("{sockets}"));
}

TEST_F(NodeDesignTest, refuses_a_key_that_no_service_has)
{
  write("services.yaml", "services:\n  - {name: one, arguments: [x], neds: []}\n");
  const auto made = plan();
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().text(), HasSubstr("did you mean 'needs'?"));
}

TEST_F(NodeDesignTest, refuses_a_file_of_a_part_that_the_cell_does_not_have)
{
  design_.parts.erase("toolkit");
  EXPECT_THAT(plan().error().text(), HasSubstr("the part 'toolkit'"));
}

TEST(NodeDesignOfTheProject, every_lab_cell_has_a_plan_with_nothing_left_to_fill_in)
{
  for (const auto& name : cell::cell_names("matrix")) {
    NodeDesign design;
    design.cell = cell::load_cell("matrix", name).value();
    if (design.cell.provider != "lab") continue;
    design.name = "any";
    design.directory = "/cells/any";
    for (const auto& [part, component] : design.cell.components)
      design.parts[part] = "/cache/" + component + "-0123";
    design.words = {{"driver_version", "570.1"}};
    const auto plan = plan_node({"matrix", {}, {}, {}}, design);
    ASSERT_TRUE(plan) << name << ": " << plan.error().text();
    std::set<std::string> targets;
    for (const auto& bind : plan->binds) {
      EXPECT_TRUE(bind.to.starts_with('/')) << bind.to;
      EXPECT_TRUE(targets.insert(bind.to).second) << bind.to << " is bound twice";
    }
    std::set<std::string> services;
    for (const auto& service : plan->services) {
      EXPECT_TRUE(services.insert(service.name).second) << service.name << " is there twice";
      for (const auto& argument : service.arguments)
        EXPECT_EQ(argument.find('{'), std::string::npos) << argument;
    }
    EXPECT_THAT(services, testing::IsSupersetOf({"etcd", "kube-apiserver", "kube-scheduler",
                                                 "kube-controller-manager", "containerd", "kubelet",
                                                 "port"}));
  }
}

}  // namespace
}  // namespace coroner::lab
