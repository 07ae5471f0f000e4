// SPDX-License-Identifier: Apache-2.0
// The shared half of the live tests: programs, cells, pods. leftovers.cpp has the searching half.
#include "tests/live/live.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include <unistd.h>

#include "harness/base/text.h"
#include "harness/lab/breaks.h"
#include "harness/lab/components.h"
#include "harness/lab/node_words.h"

namespace coroner::live {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using nlohmann::json;

/// Why no cell can be booted here, or empty.
std::string obstacle()
{
  if (::geteuid() != 0) return "the lab needs root";
  const auto go = run({.arguments = {"go", "version"}}, 20s);
  if (go.exit_code != 0) return "the lab needs the Go toolchain: " + go.errors;
  return {};
}

/// Tells the cells of two build folders on one machine apart.
std::string tagged(const std::string& suffix)
{
  return std::string("t-" CORONER_TEST_TAG "-") + suffix;
}

std::string shared_name(const std::string& kind)
{
  return tagged("shared-" + kind);
}

fs::path kubectl_of(const std::string& kind)
{
  const auto here = places();
  const auto cell = cell::load_cell(here.matrix, kind);
  const auto components = lab::load_components(here.matrix);
  if (!cell || !components) return "kubectl";
  const auto key = lab::component_key(here, components->at(cell->components.at("kubernetes")));
  return here.components() / key.value_or("") / "kubectl";
}

Cell up(const std::string& kind, const std::string& name, const std::vector<std::string>& options)
{
  std::vector<std::string> words = {"lab", "up", kind, "--name", name};
  words.insert(words.end(), options.begin(), options.end());
  // The first boot of a machine builds Kubernetes.
  const auto ended = coroner(words, {}, 30min);
  // A test cannot go on without its cell; GoogleTest reports what is thrown as its failure.
  if (ended.exit_code != 0) throw std::runtime_error("up failed: " + ended.errors);
  const std::string path(base::trim(ended.output));
  EXPECT_TRUE(fs::exists(path)) << "up printed '" << ended.output << "'";
  return {name, kind, path, kubectl_of(kind)};
}

/// Without a keeper (ctest's own last test), shared cells end with the process that booted them.
class SharedCells : public testing::Environment {
 public:
  void TearDown() override
  {
    if (std::getenv("CORONER_KEEP_CELLS") != nullptr) return;
    EXPECT_EQ(end_shared_cells(used_), std::vector<std::string>{});
  }

  void use(const std::string& kind) { used_.insert(kind); }

 private:
  std::set<std::string> used_;
};

auto* const shared_cells = testing::AddGlobalTestEnvironment(new SharedCells);

}  // namespace

fs::path program()
{
  return CORONER_PROGRAM;
}

base::Finished run(const base::Command& command, std::chrono::seconds patience)
{
  auto ended = base::run(command, base::Deadline::in(patience));
  if (ended) return *ended;
  base::Finished failed;
  failed.exit_code = -1;
  failed.errors = ended.error().text();
  return failed;
}

base::Finished coroner(const std::vector<std::string>& words,
                       const std::map<std::string, std::string>& environment,
                       std::chrono::seconds patience)
{
  base::Command command{.arguments = {program().string()}, .environment = environment};
  command.environment.emplace("CORONER_HOME", CORONER_SOURCE);
  command.arguments.insert(command.arguments.end(), words.begin(), words.end());
  return run(command, patience);
}

lab::Places places()
{
  return {fs::path(CORONER_SOURCE) / "matrix", base::cache_directory() / "lab",
          program().parent_path(), program().parent_path().parent_path() / "driver"};
}

std::vector<std::string> lab_cell_names()
{
  std::vector<std::string> names;
  const auto matrix = places().matrix;
  for (const auto& name : cell::cell_names(matrix)) {
    const auto cell = cell::load_cell(matrix, name);
    if (!cell)
      std::fprintf(stderr, "left out: %s\n", cell.error().text().c_str());
    else if (cell->provider == "lab")
      names.push_back(name);
  }
  return names;
}

std::ostream& operator<<(std::ostream& out, const BreakOfCell& each)
{
  return out << each.code << " of " << each.cell;
}

std::vector<BreakOfCell> all_breaks()
{
  std::vector<BreakOfCell> all;
  for (const auto& cell : lab_cell_names())
    for (const auto& code : lab::break_codes(places(), cell)) all.push_back({cell, code});
  return all;
}

std::string label(std::string cell)
{
  std::replace(cell.begin(), cell.end(), '-', '_');
  return cell;
}

base::Finished kubectl(const Cell& cell, const std::vector<std::string>& words,
                       std::chrono::seconds patience)
{
  base::Command command{
      .arguments = {cell.kubectl.string(), "--kubeconfig", cell.kubeconfig.string()}};
  command.arguments.insert(command.arguments.end(), words.begin(), words.end());
  return run(command, patience);
}

void apply(const Cell& cell, const json& object)
{
  auto folder = base::ScopedDirectory::make(fs::temp_directory_path(), "coroner-live-");
  ASSERT_TRUE(folder) << folder.error().text();
  const auto file = folder->path() / "object.json";
  ASSERT_TRUE(base::write_file(file, object.dump()));
  const auto applied = kubectl(cell, {"apply", "-f", file.string()});
  if (applied.exit_code != 0) throw std::runtime_error("apply failed: " + applied.errors);
}

namespace {

/// How the pods of a cell are made to reach GPUs by CDI.
struct WayToCdi {
  std::string space;
  std::string daemon_set;
  std::vector<std::string> generate;     ///< Further options of `nvidia-ctk cdi generate`.
  std::vector<std::string> environment;  ///< Of the plugin.
};

/// The plugin writes a description of its own too, into its own container: for that it must find
/// the driver.
WayToCdi way_to_cdi(const std::string& kind, const std::map<std::string, std::string>& words)
{
  if (kind == "nixos") {
    const auto& libraries = words.at("driver_libraries");
    return {.space = "kube-system",
            .daemon_set = "daemonset/nvidia-device-plugin-daemonset",
            .generate = {"--library-search-path=/run/opengl-driver/lib",
                         "--nvidia-cdi-hook-path=" + words.at("toolkit") + "/nvidia-cdi-hook"},
            .environment = {"DEVICE_LIST_STRATEGY=cdi-cri", "NVIDIA_DRIVER_ROOT=" + libraries,
                            "CONTAINER_DRIVER_ROOT=" + libraries, "NVIDIA_DEV_ROOT=/"}};
  }
  // Plugin 0.14.5 knows no cdi-cri; the toolkit's runtime has put the driver where it belongs.
  return {.space = "nvidia-device-plugin",
          .daemon_set = "daemonset/nvdp-nvidia-device-plugin",
          .generate = {"--nvidia-cdi-hook-path=/usr/bin/nvidia-cdi-hook"},
          .environment = {"DEVICE_LIST_STRATEGY=cdi-annotations", "NVIDIA_DRIVER_ROOT=/",
                          "CONTAINER_DRIVER_ROOT=/"}};
}

}  // namespace

void change_to_cdi(const Cell& cell, const std::string& kind)
{
  const auto words = lab::read_node_words(places().cell(cell.name));
  ASSERT_TRUE(words);
  const auto way = way_to_cdi(kind, *words);
  // The specification bears the names that the plugin gives to kubelet (k8s-device-plugin v0.17.4,
  // internal/cdi/cdi.go: vendor k8s.device-plugin.nvidia.com).
  std::vector<std::string> generate = {"lab",
                                       "shell",
                                       cell.name,
                                       "--",
                                       "nvidia-ctk",
                                       "cdi",
                                       "generate",
                                       "--output=/etc/cdi/nvidia.yaml",
                                       "--vendor=k8s.device-plugin.nvidia.com",
                                       "--device-name-strategy=uuid"};
  generate.insert(generate.end(), way.generate.begin(), way.generate.end());
  const auto generated = coroner(generate);
  ASSERT_EQ(generated.exit_code, 0) << generated.errors;
  std::vector<std::string> set = {"-n", way.space, "set", "env", way.daemon_set};
  set.insert(set.end(), way.environment.begin(), way.environment.end());
  const auto changed = kubectl(cell, set);
  ASSERT_EQ(changed.exit_code, 0) << changed.errors;
  const auto rolled =
      kubectl(cell, {"-n", way.space, "rollout", "status", "--timeout=120s", way.daemon_set});
  ASSERT_EQ(rolled.exit_code, 0) << rolled.errors;
  // The new plugin runs, and the kubelet has yet to count what it registers.
  const auto counted = kubectl(cell, {"wait", "--timeout=60s", "node/" + cell.name,
                                      "--for=jsonpath={.status.allocatable.nvidia\\.com/gpu}=1"});
  ASSERT_EQ(counted.exit_code, 0) << counted.errors;
}

json smoke_pod(const std::string& name, const std::string& script, int gpu_count)
{
  json container = {{"name", "main"},
                    {"image", "coroner.local/smoke:1"},
                    {"imagePullPolicy", "Never"},
                    {"command", {"sh", "-c", script}}};
  if (gpu_count > 0)
    container["resources"] = {{"limits", {{"nvidia.com/gpu", std::to_string(gpu_count)}}}};
  return {{"apiVersion", "v1"},
          {"kind", "Pod"},
          {"metadata", {{"name", name}, {"namespace", "default"}}},
          {"spec",
           {{"restartPolicy", "Never"},
            {"terminationGracePeriodSeconds", 0},
            {"containers", {container}}}}};
}

PodEnd run_pod(const Cell& cell, const json& pod)
{
  const std::string name = pod.at("metadata").at("name");
  apply(cell, pod);
  PodEnd end;
  const auto waited = base::poll_until(
      [&]() -> base::Result<bool> {
        end.phase = kubectl(cell, {"get", "pod", name, "-o", "jsonpath={.status.phase}"}).output;
        return end.phase == "Succeeded" || end.phase == "Failed";
      },
      "the end of pod " + name, 200ms, base::Deadline::in(120s));
  end.log = kubectl(cell, {"logs", name}).output;
  if (!waited || end.phase != "Succeeded")
    end.story = kubectl(cell, {"describe", "pod", name}).output;
  kubectl(cell, {"delete", "pod", name, "--now", "--wait=false"});
  return end;
}

unsigned long number_from_environment(const char* name, unsigned long otherwise)
{
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::strtoul(value, nullptr, 10);
}

void LiveTest::SetUp()
{
  const auto why = obstacle();
  if (why.empty()) return;
  if (number_from_environment("CORONER_REQUIRE_LIVE", 0) == 1)
    FAIL() << "CORONER_REQUIRE_LIVE is set, but " << why;
  GTEST_SKIP() << why;
}

void LiveTest::TearDown()
{
  for (const auto& name : own_names_)
    if (fs::exists(places().cell(name)) || !processes_of(name).empty())
      coroner({"lab", "down", name});
}

std::string LiveTest::own_name(const std::string& suffix)
{
  own_names_.push_back(tagged(suffix));
  return own_names_.back();
}

Cell LiveTest::boot(const std::string& kind, const std::string& suffix,
                    const std::vector<std::string>& options)
{
  return up(kind, own_name(suffix), options);
}

Cell LiveTest::shared(const std::string& kind)
{
  static_cast<SharedCells*>(shared_cells)->use(kind);
  return up(kind, shared_name(kind), {});
}

fs::path LiveTest::scratch()
{
  auto folder = base::ScopedDirectory::make(fs::temp_directory_path(), "coroner-live-");
  EXPECT_TRUE(folder) << folder.error().text();
  folders_.push_back(std::move(*folder));
  return folders_.back().path();
}

std::vector<std::string> end_shared_cells(const std::set<std::string>& kinds)
{
  std::vector<std::string> left;
  for (const auto& cell : kinds) {
    const auto name = shared_name(cell);
    if (!fs::exists(places().cell(name))) continue;
    const auto traces = traces_of(name);
    const auto ended = coroner({"lab", "down", name});
    if (ended.exit_code != 0) left.push_back(ended.errors);
    for (const auto& each : leftovers(traces)) left.push_back(each);
  }
  return left;
}

}  // namespace coroner::live
