// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/pull_secrets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/engine/memory_cluster_test.h"

namespace coroner::engine {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::HasSubstr;

json secret_of_type(const std::string& type)
{
  return {{"apiVersion", "v1"},
          {"kind", "Secret"},
          {"metadata", {{"name", "registry"}, {"namespace", "team"}}},
          {"type", type},
          {"data", {{".dockerconfigjson", "e30="}}}};
}

base::Result<void> copied(MemoryCluster& cluster)
{
  return copy_pull_secrets(cluster,
                           {.secrets = {{"team", "registry"}},
                            .spaces = {"coroner-1", "coroner-1-mounts"},
                            .run_id = "1",
                            .expires_at = "2999-01-01T00:00:00Z"},
                           base::Deadline::in(std::chrono::seconds(5)), {});
}

TEST(PullSecrets, are_copied_into_each_namespace_with_the_marks_of_the_run)
{
  MemoryCluster cluster;
  cluster.add(secret_of_type("kubernetes.io/dockerconfigjson"));
  const auto done = copied(cluster);
  ASSERT_TRUE(done) << done.error().text();
  for (const auto* space : {"coroner-1", "coroner-1-mounts"}) {
    const auto copy = cluster.get({*objects::resource_for("v1", "Secret"), space, "registry"},
                                  base::Deadline::in(std::chrono::seconds(1)), {});
    ASSERT_TRUE(copy) << space;
    EXPECT_EQ(objects::text_at(*copy, "/data/.dockerconfigjson"), "e30=");
    EXPECT_EQ(objects::label_of(*copy, "coroner/run-id"), "1");
  }
}

TEST(PullSecrets, that_hold_anything_else_are_not_copied)
{
  MemoryCluster cluster;
  cluster.add(secret_of_type("Opaque"));
  const auto done = copied(cluster);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().text(), HasSubstr("team/registry is of type 'Opaque'"));
  EXPECT_THAT(cluster.calls(), testing::IsEmpty());
  MemoryCluster none;
  EXPECT_THAT(copied(none).error().text(), HasSubstr("the pull secret team/registry"));
}

TEST(PullSecrets, are_named_with_their_namespace_where_the_run_makes_its_own)
{
  EXPECT_EQ(read_pull_secrets({"team/registry"}, true)->at(0).space, "team");
  EXPECT_EQ(read_pull_secrets({"registry"}, false)->at(0).name, "registry");
  const std::pair<const char*, bool> wrong[] = {{"registry", true},  {"team/registry", false},
                                                {"/registry", true}, {"team/", true},
                                                {"a/b/c", true},     {"", false}};
  for (const auto& [given, uses_own_spaces] : wrong)
    EXPECT_FALSE(read_pull_secrets({given}, uses_own_spaces)) << given;
  EXPECT_THAT(read_pull_secrets({"registry"}, true).error().text(),
              HasSubstr("--pull-secret NAMESPACE/registry"));
}

}  // namespace
}  // namespace coroner::engine
