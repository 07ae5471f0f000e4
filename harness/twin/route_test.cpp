// SPDX-License-Identifier: Apache-2.0
// Paths, and logs cut at their front.
#include "harness/twin/route.h"

#include <gtest/gtest.h>

#include "harness/twin/logs.h"

namespace coroner::twin {
namespace {

using Place = Route::Place;

TEST(Route, paths_of_the_api_are_cut_into_their_parts)
{
  const auto log = route_of("/api/v1/namespaces/gpu/pods/one/log");
  EXPECT_EQ(log.place, Place::object);
  EXPECT_EQ(log.api_version, "v1");
  EXPECT_EQ(log.space, "gpu");
  EXPECT_EQ(log.plural, "pods");
  EXPECT_EQ(log.name, "one");
  EXPECT_EQ(log.subresource, "log");
  const auto all = route_of("/apis/apps/v1/daemonsets");
  EXPECT_EQ(all.place, Place::collection);
  EXPECT_EQ(all.group, "apps");
  EXPECT_EQ(all.api_version, "apps/v1");
  EXPECT_EQ(all.space, "");
}

TEST(Route, a_namespace_is_an_object_and_a_place)
{
  const auto itself = route_of("/api/v1/namespaces/gpu");
  EXPECT_EQ(itself.place, Place::object);
  EXPECT_EQ(itself.plural, "namespaces");
  EXPECT_EQ(itself.name, "gpu");
  const auto status = route_of("/api/v1/namespaces/gpu/status");
  EXPECT_EQ(status.plural, "namespaces");
  EXPECT_EQ(status.subresource, "status");
  EXPECT_EQ(route_of("/api/v1/namespaces").place, Place::collection);
}

TEST(Route, discovery_has_places_of_its_own)
{
  EXPECT_EQ(route_of("/api").place, Place::groups);
  EXPECT_EQ(route_of("/apis/").place, Place::groups);
  EXPECT_EQ(route_of("/apis/apps").place, Place::group);
  EXPECT_EQ(route_of("/api/v1").place, Place::version);
  EXPECT_EQ(route_of("/apis/apps/v1").place, Place::version);
}

TEST(Route, names_are_decoded_after_the_path_was_cut)
{
  const auto route =
      route_of("/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Aa%2Fb%zz%4");
  EXPECT_EQ(route.place, Place::object);
  EXPECT_EQ(route.name, "system:a/b%zz%4");
}

TEST(Route, other_shapes_lead_nowhere)
{
  for (const char* path : {"", "/", "//", "api", "/metrics", "/api//v1", "/api/v1/pods//x",
                           "/api/v1/namespaces/a/pods/b/c/d", "/api/v1/a/b/c/d/e/f"})
    EXPECT_EQ(route_of(path).place, Place::other) << path;
}

TEST(Logs, the_last_lines_are_counted_as_the_kubelet_does)
{
  EXPECT_EQ(tail_of("a\nb\nc\n", 2), "b\nc\n");
  EXPECT_EQ(tail_of("a\nb\nc", 2), "b\nc");
  EXPECT_EQ(tail_of("a\nb\n", 9), "a\nb\n");
  EXPECT_EQ(tail_of("a\nb\n", 0), "");
  EXPECT_EQ(tail_of("", 3), "");
  EXPECT_EQ(tail_of("\n\n\n", 1), "\n");
}

}  // namespace
}  // namespace coroner::twin
