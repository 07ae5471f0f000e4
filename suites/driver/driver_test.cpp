// SPDX-License-Identifier: Apache-2.0
#include "suites/scene_test.h"

namespace coroner::suites {
namespace {

json nvml_line(const std::string& version, const std::string& cuda = "12.8")
{
  return {{"kind", "nvml"}, {"ok", true}, {"driver_version", version}, {"cuda_version", cuda}};
}

json inside(const json& devices, const json& resolved = json::array(),
            const json& environment = json::array())
{
  return {{"kind", "inspect"},
          {"devices", devices},
          {"libraries", {{"resolved", resolved}}},
          {"environment", environment}};
}

Scene without_gpu_at_all()
{
  Scene scene;
  scene.inspect["pci"]["controllers"] = json::array();
  scene.inspect["driver"] = {{"is_loaded", false}, {"modules_are_readable", true}};
  return scene;
}

TEST(Driver, cases_skip_where_there_is_no_gpu_and_cannot_tell_where_nobody_looked)
{
  Scene unseen;
  unseen.inspect = nullptr;
  for (const auto* id : {"driver/module_loaded", "driver/nouveau_absent", "driver/versions_agree",
                         "driver/device_nodes"}) {
    expect(without_gpu_at_all().judge(id), Verdict::skip, "no NVIDIA GPU");
    expect(unseen.judge(id), Verdict::broken, "the pod was never created");
  }
}

TEST(ModuleLoaded, passes_with_version_and_flavour)
{
  expect(Scene().judge("driver/module_loaded"), Verdict::pass, "flavour=open");
  expect(Scene().simulated().judge("driver/module_loaded"), Verdict::pass, "simulated=true");
}

TEST(ModuleLoaded, fails_with_who_holds_the_gpu)
{
  Scene scene;
  scene.inspect["driver"]["is_loaded"] = false;
  scene.inspect["pci"]["controllers"][0]["driver"] = "vfio-pci";
  expect(scene.judge("driver/module_loaded"), Verdict::fail, "0000:01:00.0 by vfio-pci");
  scene.inspect["driver"]["modules_are_readable"] = false;
  expect(scene.judge("driver/module_loaded"), Verdict::broken, "/proc/modules");
}

TEST(NouveauAbsent, passes_with_the_modules_that_are_loaded)
{
  expect(Scene().judge("driver/nouveau_absent"), Verdict::pass, "gpu_modules=nvidia, nvidia_uvm");
  expect(Scene().simulated().judge("driver/nouveau_absent"), Verdict::pass, "gpu_modules=none");
}

TEST(NouveauAbsent, fails_on_the_module_and_on_the_card_that_it_holds)
{
  Scene loaded;
  loaded.inspect["driver"]["modules"].push_back({{"name", "nouveau"}});
  expect(loaded.judge("driver/nouveau_absent"), Verdict::fail, "the kernel module nouveau");
  Scene held;
  held.inspect["pci"]["controllers"][0]["driver"] = "nova-core";
  expect(held.judge("driver/nouveau_absent"), Verdict::fail, "held by nova-core");
  Scene unreadable;
  unreadable.inspect["driver"]["modules_are_readable"] = false;
  expect(unreadable.judge("driver/nouveau_absent"), Verdict::pass, "held_by=nvidia");
  unreadable.inspect["pci"]["controllers"][0].erase("driver");
  expect(unreadable.judge("driver/nouveau_absent"), Verdict::skip, "lists no modules");
}

TEST(VersionsAgree, passes_when_module_and_libraries_are_of_one_version)
{
  const std::string id = "driver/versions_agree";
  expect(Scene().gpu_line(nvml_line("570.211.01")).judge(id), Verdict::pass,
         "libraries=570.211.01");
  expect(Scene().simulated().gpu_line(nvml_line("570.211.01")).judge(id), Verdict::pass,
         "simulated=true");
}

TEST(VersionsAgree, fails_when_they_differ_or_nvml_says_so)
{
  const std::string id = "driver/versions_agree";
  const json resolved = {{{"name", "libnvidia-ml.so.1"}, {"ok", true}, {"version", "580.95.05"}}};
  expect(Scene().gpu_line(inside(json::array(), resolved)).judge(id), Verdict::fail,
         "the libraries are 580.95.05, and the kernel module is 570.211.01");
  const json mismatch = {
      {"kind", "nvml"}, {"ok", false}, {"code", 18}, {"text", "Driver/library version mismatch"}};
  expect(Scene().gpu_line(mismatch).judge(id), Verdict::fail, "version mismatch");
  const json environment = {{{"name", "CUDA_VERSION"}, {"value", "13.0.1"}}};
  expect(Scene()
             .gpu_line(nvml_line("570.211.01"))
             .gpu_line(inside(json::array(), json::array(), environment))
             .judge(id),
         Verdict::fail, "serves CUDA 12.8, and the image was built for CUDA 13.0.1");
  Scene unloaded;
  unloaded.inspect["driver"].erase("version");
  expect(unloaded.judge(id), Verdict::fail, "none is loaded");
}

TEST(VersionsAgree, skips_when_no_gpu_pod_saw_a_library)
{
  expect(Scene().judge("driver/versions_agree"), Verdict::skip, "nothing to compare 570.211.01");
}

TEST(DeviceNodes, are_those_of_the_host_where_it_was_read)
{
  const std::string id = "driver/device_nodes";
  Scene scene;
  const auto device = [&](const char* path) {
    scene.more_facts.push_back({"host.device", path, "host/one/devices.txt", 1, {.node = "one"}});
  };
  device("/dev/nvidiactl");
  device("/dev/nvidia-uvm");
  expect(scene.judge(id), Verdict::fail, "the host lacks /dev/nvidia0 and on (0 of 1)");
  device("/dev/nvidia0");
  expect(scene.judge(id), Verdict::pass, "where=the host");
}

TEST(DeviceNodes, are_else_those_of_the_gpu_pod)
{
  const std::string id = "driver/device_nodes";
  const json control = {{"path", "/dev/nvidiactl"}, {"open", "ok"}};
  const json memory = {{"path", "/dev/nvidia-uvm"}, {"open", "ok"}};
  const auto gpu = [](const char* open) { return json{{"path", "/dev/nvidia0"}, {"open", open}}; };
  expect(Scene().gpu_line(inside({control, memory, gpu("ok")})).judge(id), Verdict::pass,
         "gpu_devices=1");
  expect(Scene().simulated().gpu_line(inside({control, memory, gpu("ENXIO")})).judge(id),
         Verdict::pass, "where=the GPU pod");
  expect(Scene().gpu_line(inside({control, gpu("ok")})).judge(id), Verdict::fail,
         "lacks /dev/nvidia-uvm");
  expect(Scene().gpu_line(inside({control, memory, gpu("EPERM")})).judge(id), Verdict::fail,
         "may not open it: EPERM");
  expect(Scene().judge(id), Verdict::skip, "neither the host nor a GPU pod");
}

}  // namespace
}  // namespace coroner::suites
