// SPDX-License-Identifier: Apache-2.0
// GPUs of a cell: counted by the device plugin, seen by pods as the access profile says, computing.
#include "tests/live/live.h"
#include <gmock/gmock.h>

#include "harness/base/text.h"

namespace coroner::live {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr unsigned long element_count = 100'000;

/// What vector_add.c must print for `seed`: the same numbers, computed here.
std::string expected_checksum(unsigned long seed)
{
  unsigned long checksum = seed;
  for (unsigned long i = 0; i < element_count; ++i)
    checksum = checksum * 31 + ((i * 7 + seed) % 1009) * 3 + (i * 13 + seed) % 997;
  return fmt::format("checksum {:016x}", checksum);
}

std::string allocatable_gpus(const Cell& cell)
{
  return kubectl(cell,
                 {"get", "nodes", "-o", "jsonpath={.items[0].status.allocatable.nvidia\\.com/gpu}"})
      .output;
}

/// Brings the compute program into the cell as a ConfigMap that pods mount at /program.
void deliver_program(const Cell& cell)
{
  kubectl(cell, {"delete", "configmap", "program", "--ignore-not-found"});
  const auto made = kubectl(
      cell, {"create", "configmap", "program", "--from-file=vector_add=" CORONER_VECTOR_ADD});
  ASSERT_EQ(made.exit_code, 0) << made.errors;
}

void mount_program(json& pod)
{
  pod["spec"]["volumes"].push_back(
      {{"name", "program"}, {"configMap", {{"name", "program"}, {"defaultMode", 0755}}}});
  pod["spec"]["containers"][0]["volumeMounts"].push_back(
      {{"name", "program"}, {"mountPath", "/program"}});
}

void mount_of_node(json& pod, const std::string& name, const std::string& path)
{
  pod["spec"]["volumes"].push_back({{"name", name}, {"hostPath", {{"path", path}}}});
  pod["spec"]["containers"][0]["volumeMounts"].push_back(
      {{"name", name}, {"mountPath", path}, {"readOnly", true}});
}

void set_variable(json& pod, const std::string& name, const std::string& value)
{
  pod["spec"]["containers"][0]["env"].push_back({{"name", name}, {"value", value}});
}

/// Changes a pod as the access profile of its cell asks.
void give_access(json& pod, const std::string& profile)
{
  if (profile == "runtime-class") pod["spec"]["runtimeClassName"] = "nvidia";
  if (profile != "nixos-mounts") return;
  pod["spec"]["containers"][0]["securityContext"] = {{"privileged", true}};
  mount_of_node(pod, "driver", "/run/opengl-driver");
  mount_of_node(pod, "store", "/nix/store");
  mount_of_node(pod, "programs", "/run/current-system/sw/bin");
  set_variable(pod, "LD_LIBRARY_PATH", "/run/opengl-driver/lib");
}

constexpr const char* look_at_gpu = R"(PATH=$PATH:/run/current-system/sw/bin
ls /dev; echo "visible: $NVIDIA_VISIBLE_DEVICES"; nvidia-smi -L && nvidia-smi)";

class GpuCell : public LiveTest, public testing::WithParamInterface<std::string> {
 protected:
  static std::string access()
  {
    return cell::load_cell(places().matrix, GetParam()).value().access;
  }
};

INSTANTIATE_TEST_SUITE_P(Each, GpuCell, testing::ValuesIn(lab_cell_names()),
                         [](const auto& of) { return label(of.param); });

TEST_P(GpuCell, gives_a_pod_what_its_access_profile_promises)
{
  const auto cell = shared(GetParam());
  auto pod = smoke_pod("looks", look_at_gpu, 1);
  give_access(pod, access());
  const auto end = run_pod(cell, pod);
  ASSERT_EQ(end.phase, "Succeeded") << end.log << end.story;
  for (const char* device : {"nvidia0\n", "nvidiactl\n", "nvidia-uvm\n"})
    EXPECT_THAT(end.log, HasSubstr(device));
  EXPECT_THAT(end.log, HasSubstr("GPU 0: NVIDIA "));
  EXPECT_THAT(end.log, HasSubstr("UUID: GPU-51517175-")) << "the mark of a simulated GPU";
  EXPECT_THAT(end.log, HasSubstr("simulated GPU: no hardware behind this output"));
}

TEST_P(GpuCell, gives_a_pod_without_the_profile_no_driver)
{
  const auto cell = shared(GetParam());
  const auto end = run_pod(cell, smoke_pod("bare", "nvidia-smi", 1));
  EXPECT_EQ(end.phase, "Failed") << end.log;
  EXPECT_THAT(end.log, HasSubstr("nvidia-smi: not found"));
}

TEST_P(GpuCell, computes_ptx_with_the_results_of_this_cpu)
{
  const auto cell = shared(GetParam());
  deliver_program(cell);
  const auto seed = number_from_environment("CORONER_SEED", 20'261'120);
  auto pod = smoke_pod("computes", fmt::format("/program/vector_add {}", seed), 1);
  give_access(pod, access());
  mount_program(pod);
  const auto end = run_pod(cell, pod);
  ASSERT_EQ(end.phase, "Succeeded") << end.log << end.story;
  EXPECT_THAT(end.log, HasSubstr(" of 1, 100000 elements, 0 wrong, " + expected_checksum(seed)));
  EXPECT_THAT(end.log, HasSubstr("(simulated)'"));
}

TEST_P(GpuCell, keeps_the_gpu_from_a_pod_that_asks_for_none)
{
  const auto cell = shared(GetParam());
  deliver_program(cell);
  auto pod = smoke_pod("asks-nothing", "/program/vector_add 1; ls /dev");
  give_access(pod, access());
  pod["spec"]["containers"][0].erase("securityContext");
  mount_program(pod);
  const auto end = run_pod(cell, pod);
  EXPECT_THAT(end.log, testing::Not(HasSubstr("checksum"))) << end.story;
  EXPECT_THAT(end.log, testing::Not(HasSubstr("nvidia0")));
}

class Gpus : public LiveTest, public testing::WithParamInterface<int> {};

INSTANTIATE_TEST_SUITE_P(Count, Gpus, testing::Values(1, 2, 8));

TEST_P(Gpus, are_registered_by_the_device_plugin_as_many_as_asked_for)
{
  const auto count = std::to_string(GetParam());
  const auto cell = boot("nixos", "gpus-" + count, {"--gpus", count});
  EXPECT_EQ(allocatable_gpus(cell), count);
  auto pod = smoke_pod("all", "PATH=$PATH:/run/current-system/sw/bin; nvidia-smi -L", GetParam());
  give_access(pod, "nixos-mounts");
  const auto end = run_pod(cell, pod);
  ASSERT_EQ(end.phase, "Succeeded") << end.log << end.story;
  const auto lines = base::split(base::trim(end.log), '\n');
  EXPECT_EQ(lines.size(), static_cast<std::size_t>(GetParam())) << end.log;
  EXPECT_EQ(std::set(lines.begin(), lines.end()).size(), lines.size()) << "every UUID is another";
}

class NoGpu : public LiveTest {};

TEST_F(NoGpu, is_a_cell_without_devices_and_without_the_resource)
{
  const auto cell = boot("nixos", "no-gpu", {"--gpu", "none"});
  EXPECT_EQ(allocatable_gpus(cell), "");
  const auto seen = coroner({"lab", "shell", cell.name, "--", "sh", "-c",
                             "ls /dev /proc/driver /run /nix/store 2>/dev/null"});
  EXPECT_THAT(seen.output, testing::Not(HasSubstr("nvidia"))) << seen.output;
  const auto end = run_pod(cell, smoke_pod("works", "echo a cell all the same"));
  EXPECT_EQ(end.log, "a cell all the same\n") << end.story;
  EXPECT_THAT(coroner({"lab", "list"}).output,
              testing::ContainsRegex(cell.name + " .* none .* up\n"));
}

class ContainerDeviceInterface : public LiveTest {};

/// A pod needs neither privileges nor mounts nor variables then.
TEST_F(ContainerDeviceInterface, gives_an_unprivileged_pod_devices_and_libraries)
{
  const auto cell = boot("nixos", "cdi");
  change_to_cdi(cell, "nixos");
  if (HasFatalFailure()) return;
  deliver_program(cell);
  auto pod = smoke_pod(
      "cdi", "ls /dev; grep Cap /proc/self/status; nvidia-smi && /program/vector_add 5", 1);
  set_variable(pod, "PATH", "/bin:/run/current-system/sw/bin");
  pod["spec"]["containers"][0]["securityContext"] = {{"privileged", false},
                                                     {"allowPrivilegeEscalation", false},
                                                     {"capabilities", {{"drop", {"ALL"}}}}};
  mount_program(pod);
  const auto end = run_pod(cell, pod);
  ASSERT_EQ(end.phase, "Succeeded") << end.log << end.story;
  EXPECT_THAT(end.log, HasSubstr("nvidia0\n"));
  EXPECT_THAT(end.log, HasSubstr("CapEff:\t0000000000000000"));
  EXPECT_THAT(end.log, HasSubstr("simulated GPU: no hardware behind this output"));
  EXPECT_THAT(end.log, HasSubstr(expected_checksum(5)));
}

}  // namespace
}  // namespace coroner::live
