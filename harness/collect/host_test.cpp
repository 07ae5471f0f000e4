// SPDX-License-Identifier: Apache-2.0
// Nodes as trees of files: NixOS' links, k3s' places, what is absent, what is hostile.
#include "harness/collect/host.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "harness/base/files.h"
#include "harness/collect/host_recorder.h"
#include "harness/collect/host_tree.h"
#include "harness/evidence/observed.h"
#include "harness/evidence/reader.h"

namespace coroner::collect {
namespace {

using base::ErrorKind;
using base::Finished;
using base::Result;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

/// A node made of files and of a runner that answers and remembers.
class FakeNode {
 public:
  void put(const std::string& place, const std::string& content) const
  {
    const auto path = root() / place.substr(1);
    fs::create_directories(path.parent_path());
    std::ofstream(path) << content;
  }

  void link(const std::string& place, const std::string& target) const
  {
    const auto path = root() / place.substr(1);
    fs::create_directories(path.parent_path());
    fs::create_symlink(target, path);
  }

  fs::path root() const { return directory_->path() / "root"; }

  /// What commands print, by their first word; others are not there.
  std::map<std::string, std::string> outputs;
  std::vector<std::string> commands;
  std::vector<std::string> logs;  ///< Named by hand.

  evidence::Reader record(const std::string& node = "one")
  {
    const auto folder = directory_->path() / "bundle";
    auto writer = evidence::Writer::create(folder, {.run = "r", .tool = "test"});
    if (!writer) throw std::runtime_error(writer.error().text());
    fs::create_directories(root());
    const HostRequest request{.root = root(), .node = node, .logs = logs, .run = runner()};
    auto done = record_host(*writer, request, base::Deadline::in(std::chrono::seconds{20}), {});
    if (!done) throw std::runtime_error(done.error().text());
    summary = std::move(*done);
    if (!writer->finish()) throw std::runtime_error("not finished");
    auto reader = evidence::Reader::open(folder);
    if (!reader) throw std::runtime_error(reader.error().text());
    return std::move(*reader);
  }

  HostSummary summary;

 private:
  HostRunner runner()
  {
    return [this](const std::vector<std::string>& arguments, const base::Deadline&,
                  const std::stop_token&) -> Result<Finished> {
      std::string line;
      for (const auto& word : arguments) line += (line.empty() ? "" : " ") + word;
      commands.push_back(line);
      const auto found = outputs.find(arguments.front());
      if (found == outputs.end())
        return base::error(ErrorKind::not_found, "no program {}", arguments.front());
      return Finished{.output = found->second};
    };
  }

  Result<base::ScopedDirectory> directory_ =
      base::ScopedDirectory::make(fs::temp_directory_path(), "host-");
};

evidence::Answer ask(const evidence::Reader& reader, std::string_view fact)
{
  const auto seen = evidence::observe(reader);
  if (!seen) throw std::runtime_error(seen.error().text());
  return seen->facts.ask(fact, {.node = "one"});
}

std::vector<std::string> values(const evidence::Reader& reader, std::string_view fact)
{
  std::vector<std::string> found;
  for (const auto& each : ask(reader, fact).facts)
    if (each.value.is_string()) found.push_back(each.value.get<std::string>());
  return found;
}

TEST(HostTree, absolute_links_stay_below_the_root_and_loops_end)
{
  const FakeNode node;
  node.put("/nix/store/x/os-release", "ID=nixos\n");
  node.link("/etc/static", "/nix/store/x");
  node.link("/etc/os-release", "static/os-release");
  node.link("/etc/out", "/../../../../../../../../etc/passwd");
  node.link("/etc/loop", "loop");
  const HostTree tree(node.root());
  EXPECT_EQ(tree.read("/etc/os-release").value_or("-"), "ID=nixos\n");
  ASSERT_FALSE(tree.read("/etc/out"));
  EXPECT_EQ(tree.read("/etc/out").error().kind, ErrorKind::not_found);
  ASSERT_FALSE(tree.read("/etc/loop"));
  EXPECT_EQ(tree.read("/etc/loop").error().kind, ErrorKind::invalid);
}

TEST(HostTree, a_pipe_is_not_waited_for)
{
  const FakeNode node;
  node.put("/etc/x", "");
  ASSERT_EQ(::mkfifo((node.root() / "etc/pipe").c_str(), 0600), 0);
  const HostTree tree(node.root());
  ASSERT_FALSE(tree.read("/etc/pipe"));
  EXPECT_THAT(tree.read("/etc/pipe").error().what, HasSubstr("no regular file"));
}

TEST(RecordHost, facts_arise_from_a_nixos_node)
{
  FakeNode node;
  node.put("/etc/containerd/config.toml",
           "[plugins.cri.containerd]\n  default_runtime_name = \"nvidia\"\n"
           "[plugins.\"x\".containerd.runtimes.nvidia]\n");
  node.put("/nix/store/drv/lib/libnvidia-ml.so.570", "x");
  node.link("/nix/store/drv/lib/libnvidia-ml.so.1", "libnvidia-ml.so.570");
  node.link("/run/opengl-driver", "/nix/store/drv");
  node.put("/run/nvidia/validations/driver-ready", "");
  node.put("/dev/nvidia0", "");
  node.put("/dev/sda", "");
  const auto reader = node.record();
  EXPECT_THAT(values(reader, "containerd.default_runtime"), Contains("nvidia"));
  EXPECT_THAT(values(reader, "containerd.runtime"), Contains("nvidia"));
  EXPECT_THAT(values(reader, "host.nvml_library"),
              Contains("/run/opengl-driver/lib/libnvidia-ml.so.1"));
  EXPECT_THAT(values(reader, "host.validation"), Contains("driver-ready"));
  EXPECT_THAT(values(reader, "host.device"), ::testing::ElementsAre("/dev/nvidia0"));
}

TEST(RecordHost, a_library_whose_link_leads_nowhere_is_shown_and_is_no_fact)
{
  FakeNode node;
  node.link("/usr/lib64/libnvidia-ml.so.1", "libnvidia-ml.so.999");
  const auto reader = node.record();
  EXPECT_EQ(ask(reader, "host.nvml_library").presence, evidence::Presence::absent);
  EXPECT_THAT(reader.content("host/one/driver-root.txt").value_or(""), HasSubstr("leads nowhere"));
}

TEST(RecordHost, k3s_configuration_is_containerds_configuration)
{
  FakeNode node;
  node.put("/var/lib/rancher/k3s/agent/etc/containerd/config.toml",
           "  default_runtime_name = \"runc\"\n");
  const auto reader = node.record();
  EXPECT_THAT(values(reader, "containerd.default_runtime"), Contains("runc"));
}

TEST(RecordHost, an_empty_node_is_absent_and_not_unknown)
{
  FakeNode node;
  node.outputs["dmesg"] = "[1.0] usb 1-1: new device\n";
  const auto reader = node.record();
  for (const auto* fact :
       {"containerd.default_runtime", "host.device", "host.nvml_library", "host.validation"})
    EXPECT_EQ(ask(reader, fact).presence, evidence::Presence::absent) << fact;
  // Nobody could ask containerd: that is unknown.
  EXPECT_EQ(ask(reader, "containerd.loaded.runtime").presence, evidence::Presence::not_collected);
  EXPECT_THAT(node.summary.missing, Contains(HasSubstr("host/containerd-loaded.toml: ")));
  EXPECT_THAT(node.summary.missing, Contains(HasSubstr("host/journal.log: ")));
  EXPECT_THAT(node.summary.missing, Not(Contains(HasSubstr("host/kernel.log"))));
}

TEST(RecordHost, a_log_that_a_person_names_is_read_beside_the_journal)
{
  for (const std::string journal : {"", "2026-11-21T14:00:00+0000 one kubelet: journal\n"}) {
    FakeNode node;
    node.outputs["journalctl"] = journal;
    node.put("/srv/log/containerd.log", "level=warning msg=\"failed to load plugin\"\n");
    node.link("/var/log/current", "/srv/log/containerd.log");
    node.logs = {"/var/log/current"};
    const auto text = node.record().content("host/one/journal.log");
    ASSERT_TRUE(text) << text.error().text();
    EXPECT_EQ(*text, journal + "level=warning msg=\"failed to load plugin\"\n");
  }
}

TEST(RecordHost, a_named_log_that_is_not_there_is_an_error_that_names_it)
{
  const std::map<std::string, std::string> told = {{"/var/log/curent", "the log /var/log/curent: "},
                                                   {"var/log/current", "by its whole path"}};
  for (const auto& [log, message] : told) {
    FakeNode node;
    node.logs = {log};
    EXPECT_THAT([&] { node.record(); },
                ::testing::ThrowsMessage<std::runtime_error>(HasSubstr(message)));
  }
}

TEST(RecordHost, secrets_of_registries_do_not_reach_the_bundle)
{
  FakeNode node;
  node.put("/etc/rancher/k3s/registries.yaml",
           "configs:\n  r.example:\n    auth:\n      username: u\n      password: hunter2secret\n");
  const auto reader = node.record();
  const auto text = reader.content("host/one/etc/rancher/k3s/registries.yaml").value_or("");
  EXPECT_THAT(text, HasSubstr("r.example"));
  EXPECT_THAT(text, Not(HasSubstr("hunter2secret")));
}

TEST(RecordHost, what_may_not_be_read_says_why)
{
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  FakeNode node;
  node.put("/etc/rancher/k3s/config.yaml", "token: x\n");
  fs::permissions(node.root() / "etc/rancher/k3s/config.yaml", fs::perms::none);
  node.record();
  EXPECT_THAT(node.summary.missing, Contains(HasSubstr("config.yaml: permission denied; needs")));
}

TEST(RecordHost, a_file_beyond_the_bound_is_named_and_not_cut)
{
  FakeNode node;
  node.put("/etc/docker/daemon.json", std::string(largest_host_file_bytes + 1, 'x'));
  const auto reader = node.record();
  EXPECT_THAT(node.summary.missing, Contains(HasSubstr("host/etc/docker/daemon.json: ")));
  EXPECT_THAT(reader.files(), Not(Contains("host/one/etc/docker/daemon.json")));
}

TEST(RecordHost, the_kernels_log_is_reduced_to_telling_lines)
{
  FakeNode node;
  node.outputs["dmesg"] = "[1.0] usb 1-1: new device\n[2.0] NVRM: Xid (PCI:0000:01:00): 79\n";
  const auto reader = node.record();
  EXPECT_EQ(reader.content("host/one/kernel.log").value_or("-"),
            "[2.0] NVRM: Xid (PCI:0000:01:00): 79\n");
}

TEST(RecordHost, what_containerd_has_loaded_is_asked_of_it)
{
  FakeNode node;
  node.put("/run/k3s/containerd/containerd.sock", "");
  node.outputs["k3s"] =
      R"({"config":{"enableCDI":true,"containerd":{"defaultRuntimeName":"nvidia","runtimes":{
         "nvidia":{"runtimeType":"io.containerd.runc.v2","options":{"BinaryName":"/n"}}}}}})";
  const auto reader = node.record();
  EXPECT_THAT(values(reader, "containerd.loaded.default_runtime"), Contains("nvidia"));
  EXPECT_THAT(values(reader, "containerd.loaded.runtime"), Contains("nvidia"));
  EXPECT_THAT(node.commands, Contains("k3s crictl --runtime-endpoint=unix:///run/k3s/containerd/"
                                      "containerd.sock info"));
}

/// A containerd that started `age` seconds after 1970, with its configuration elsewhere.
void put_daemon(const FakeNode& node, long long age)
{
  node.put("/proc/stat", "cpu 1 2\nbtime " + std::to_string(age) + "\n");
  node.put("/proc/42/comm", "containerd\n");
  std::string stat = "42 (containerd) S";
  for (int field = 4; field <= 30; ++field) stat += " 0";
  node.put("/proc/42/stat", stat + "\n");
  node.put("/proc/42/cmdline", std::string("containerd\0--config\0/opt/c.toml\0", 32));
  node.put("/opt/c.toml", "version = 2\n");
}

TEST(RecordHost, a_dump_counts_as_loaded_only_while_the_file_is_unchanged)
{
  constexpr long long long_ago = 1'000'000'000;
  constexpr long long later_than_any_file = 4'000'000'000;
  for (const auto started : {long_ago, later_than_any_file}) {
    FakeNode node;
    put_daemon(node, started);
    node.outputs["containerd"] = "[x.containerd.runtimes.runc]\n";
    const auto reader = node.record();
    if (started == long_ago) {
      EXPECT_THAT(node.summary.missing,
                  Contains(HasSubstr("/opt/c.toml was changed after containerd started")));
      EXPECT_EQ(ask(reader, "containerd.loaded.runtime").presence,
                evidence::Presence::not_collected);
    } else {
      EXPECT_THAT(values(reader, "containerd.loaded.runtime"), Contains("runc"));
      EXPECT_THAT(node.commands, Contains("containerd --config /opt/c.toml config dump"));
    }
  }
}

TEST(RecordHost, without_a_runner_nothing_of_this_machine_is_told_of_a_copied_tree)
{
  const FakeNode node;
  node.put("/etc/hostname", "x\n");
  const auto folder = base::ScopedDirectory::make(fs::temp_directory_path(), "host-");
  auto writer = evidence::Writer::create(folder->path() / "b", {.run = "r", .tool = "test"});
  ASSERT_TRUE(writer) << writer.error().text();
  const auto done = record_host(*writer, {.root = node.root(), .node = "one"},
                                base::Deadline::in(std::chrono::seconds{20}), {});
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_THAT(done->missing, Contains(HasSubstr("is not the root of a running system")));
}

TEST(RecordHost, a_name_that_is_none_and_a_root_that_is_no_folder_are_refused)
{
  const auto folder = base::ScopedDirectory::make(fs::temp_directory_path(), "host-");
  auto writer = evidence::Writer::create(folder->path() / "b", {.run = "r", .tool = "test"});
  ASSERT_TRUE(writer) << writer.error().text();
  const auto soon = base::Deadline::in(std::chrono::seconds{20});
  const auto nameless = record_host(*writer, {.root = folder->path(), .node = ""}, soon, {});
  ASSERT_FALSE(nameless);
  EXPECT_EQ(nameless.error().kind, ErrorKind::invalid);
  const auto rootless = record_host(*writer, {.root = "/nowhere/at/all", .node = "one"}, soon, {});
  ASSERT_FALSE(rootless);
  EXPECT_EQ(rootless.error().kind, ErrorKind::invalid);
}

}  // namespace
}  // namespace coroner::collect
