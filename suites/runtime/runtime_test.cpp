// SPDX-License-Identifier: Apache-2.0
#include "suites/scene_test.h"

namespace coroner::suites {
namespace {

constexpr const char* classes = "api/node.k8s.io/v1/RuntimeClass";

TEST(RuntimeClass, passes_with_its_handler)
{
  expect(Scene().add(runtime_class_of("nvidia", "nvidia")).judge("runtime/runtime_class"),
         Verdict::pass, "handler=nvidia");
}

TEST(RuntimeClass, is_rightly_absent_on_a_distro_that_needs_none)
{
  Scene nixos("NixOS 25.05 (Warbler)");
  nixos.places = {classes};
  expect(nixos.judge("runtime/runtime_class"), Verdict::pass, "none, and nixos needs none");
}

TEST(RuntimeClass, of_k3s_on_nixos_is_told_to_have_nothing_behind_it)
{
  Scene scene("NixOS 25.05 (Warbler)", "v1.34.1+k3s1");
  scene.add(runtime_class_of("nvidia", "nvidia"));
  expect(scene.judge("runtime/runtime_class"), Verdict::pass, "no runtime behind it");
}

TEST(RuntimeClass, fails_where_it_is_needed_and_only_others_are_there)
{
  const std::string id = "runtime/runtime_class";
  expect(Scene().add(runtime_class_of("crun", "crun")).judge(id), Verdict::fail,
         "ubuntu needs one");
  Scene denied;
  expect(denied.judge(id), Verdict::broken, "RuntimeClass");
  Scene forbidden;
  forbidden.overrides = {{"runtime_class", "absent"}};
  expect(forbidden.add(runtime_class_of("nvidia", "nvidia")).judge(id), Verdict::fail,
         "does not have");
}

TEST(RuntimeClass, is_not_needed_where_gpus_come_by_cdi_or_by_the_default_runtime)
{
  const std::string id = "runtime/runtime_class";
  const json cdi = {{{"name", "DEVICE_LIST_STRATEGY"}, {"value", "cdi-cri"}}};
  Scene scene;
  scene.places = {classes};
  expect(scene.add(daemon_set_of("d", plugin_container(cdi))).judge(id), Verdict::pass, "by CDI");
  Scene plain;
  plain.places = {classes};
  expect(plain.offering("1").add(pod_of("p", plugin_container())).judge(id), Verdict::pass,
         "default runtime");
}

TEST(RuntimeClass, skips_on_a_distro_that_nobody_knows)
{
  Scene scene("Some OS");
  scene.places = {classes};
  expect(scene.judge("runtime/runtime_class"), Verdict::skip, "none is expected on unknown");
}

json gpu_pod(const std::string& name, bool is_ours)
{
  auto pod = pod_of(name, {{"image", "cuda"}});
  pod["spec"]["runtimeClassName"] = "nvidia";
  if (is_ours) pod["metadata"]["labels"]["coroner/run-id"] = "1f2e";
  return pod;
}

TEST(HandlerWorks, passes_with_a_container_that_started)
{
  expect(Scene()
             .add(runtime_class_of("nvidia", "nvidia"))
             .add(gpu_pod("smoke", true))
             .judge("runtime/handler_works"),
         Verdict::pass, "container_id=containerd://1");
}

TEST(HandlerWorks, fails_with_the_words_of_the_event_whatever_older_pods_once_got)
{
  const json event = {
      {"apiVersion", "v1"},
      {"kind", "Event"},
      {"type", "Warning"},
      {"reason", "FailedCreatePodSandBox"},
      {"message", "no runtime for \"nvidia\" is configured"},
      {"metadata", {{"name", "e"}, {"namespace", "gpu"}}},
      {"involvedObject", {{"kind", "Pod"}, {"name", "smoke"}, {"namespace", "gpu"}}}};
  Scene scene;
  scene.add(runtime_class_of("nvidia", "nvidia")).add(gpu_pod("older", false));
  scene.add(waiting(gpu_pod("smoke", true), "ContainerCreating"));
  expect(scene.judge("runtime/handler_works"), Verdict::fail, "c waits: ContainerCreating");
  expect(scene.add(event).judge("runtime/handler_works"), Verdict::fail,
         "FailedCreatePodSandBox: no runtime for \"nvidia\"");
}

TEST(HandlerWorks, skips_where_no_pod_uses_the_class)
{
  expect(Scene().add(runtime_class_of("nvidia", "nvidia")).judge("runtime/handler_works"),
         Verdict::skip, "no pod of this node");
}

Scene with_containerd(const std::vector<std::string>& on_disk,
                      const std::vector<std::string>& loaded)
{
  Scene scene;
  scene.places = {"host/etc/containerd/config.toml", "host/containerd-loaded.toml"};
  for (const auto& runtime : on_disk)
    scene.more_facts.push_back({"containerd.runtime", runtime, "host/one/c", 1, {.node = "one"}});
  for (const auto& runtime : loaded)
    scene.more_facts.push_back(
        {"containerd.loaded.runtime", runtime, "host/one/l", 1, {.node = "one"}});
  return scene;
}

TEST(ToolkitFound, passes_with_the_runtimes_that_containerd_knows)
{
  expect(with_containerd({"runc", "nvidia"}, {"runc", "nvidia"}).judge("runtime/toolkit_found"),
         Verdict::pass, "runtimes=nvidia");
}

TEST(ToolkitFound, fails_without_one_and_when_the_daemon_was_not_restarted)
{
  const std::string id = "runtime/toolkit_found";
  expect(with_containerd({"runc"}, {"runc"}).judge(id), Verdict::fail, "names no nvidia runtime");
  expect(with_containerd({"runc", "nvidia"}, {"runc"}).judge(id), Verdict::fail, "restart it");
}

TEST(ToolkitFound, skips_with_what_to_collect_and_where_no_runtime_belongs)
{
  const std::string id = "runtime/toolkit_found";
  expect(Scene().judge(id), Verdict::skip, "coroner record --host");
  expect(Scene("NixOS 25.05").judge(id), Verdict::skip, "no nvidia runtime by design");
  auto optional = with_containerd({"runc"}, {"runc"});
  optional.overrides = {{"nvidia_runtime", "optional"}};
  expect(optional.judge(id), Verdict::skip, "does not need one");
}

}  // namespace
}  // namespace coroner::suites
