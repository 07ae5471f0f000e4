// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/pods.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/objects/object.h"

namespace coroner::engine {
namespace {

using nlohmann::json;
using testing::HasSubstr;

PodDesign design(const std::string& manifest, const std::string& access)
{
  return {.manifest = manifest,
          .access = access,
          .name = "pod",
          .space = "space",
          .node = "one",
          .arch = "arm64",
          .image = "registry/image@sha256:1",
          .pull_secrets = {{"", "pull"}},
          .run_id = "0011223344",
          .expires_at = "2026-11-21T10:00:00Z",
          .nonce_seed = "seed"};
}

TEST(MakePod, gives_every_container_image_payload_and_a_nonce_of_its_own)
{
  const auto pod = make_pod(design("smoke/gpu", "plain"));
  ASSERT_TRUE(pod) << pod.error().text();
  std::set<std::string> nonces;
  for (const auto* name : {"nvidia-smi", "env-inspection", "vector-add"})
    nonces.insert(nonce_of_container(*pod, name));
  EXPECT_EQ(nonces.size(), 3U);
  EXPECT_EQ((*pod)["spec"]["containers"][0]["image"], "registry/image@sha256:1");
  EXPECT_EQ((*pod)["spec"]["volumes"][0]["configMap"]["items"][0]["key"], "coroner-payload-arm64");
  EXPECT_EQ(objects::label_of(*pod, "coroner/run-id"), "0011223344");
}

TEST(MakePod, changes_no_privileges_but_for_mounts)
{
  for (const auto* profile : {"plain", "cdi", "runtime-class"}) {
    const auto pod = make_pod(design("smoke/gpu", profile));
    ASSERT_TRUE(pod) << pod.error().text();
    for (const auto& container : (*pod)["spec"]["containers"])
      EXPECT_FALSE(container["securityContext"].value("privileged", false)) << profile;
    EXPECT_FALSE(pod->dump().find("hostPath") != std::string::npos) << profile;
  }
  const auto pod = make_pod(design("smoke/gpu", "nixos-mounts"));
  ASSERT_TRUE(pod);
  for (const auto* list : {"initContainers", "containers"})
    for (const auto& container : (*pod)["spec"][list]) {
      EXPECT_EQ(container["securityContext"]["privileged"], true);
      EXPECT_EQ(container["env"][0]["value"], "/run/opengl-driver/lib");
      EXPECT_EQ(container["volumeMounts"].size(), 4U) << "the payload's mount stays";
      EXPECT_EQ(container["resources"]["limits"]["nvidia.com/gpu"], 1);
    }
}

TEST(MakePod, names_the_nearest_manifest_and_profile)
{
  EXPECT_THAT(make_pod(design("smoke/gpuu", "")).error().text(), HasSubstr("smoke/gpu"));
  EXPECT_THAT(make_pod(design("smoke/gpu", "cdii")).error().text(), HasSubstr("access/cdi"));
}

TEST(Payload, is_delivered_for_the_architectures_that_are_needed)
{
  const auto own = payload_object({"amd64"}, "space", "0011223344", "2026-11-21T10:00:00Z");
#if defined(__x86_64__)
  ASSERT_TRUE(own) << own.error().text();
  const auto bytes = (*own)["binaryData"]["coroner-payload-amd64"].get<std::string>().size();
  constexpr std::size_t largest = 900U << 10U;
  EXPECT_GT(bytes, 10'000U);
  EXPECT_LT(bytes, largest);
#endif
  EXPECT_THAT(payload_object({"riscv64"}, "s", "0011223344", "").error().text(),
              HasSubstr("riscv64"));
}

}  // namespace
}  // namespace coroner::engine
