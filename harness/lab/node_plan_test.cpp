// SPDX-License-Identifier: Apache-2.0
#include "harness/lab/node_plan.h"

#include <random>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace coroner::lab {
namespace {

NodePlan full_plan()
{
  NodePlan plan;
  plan.name = "one";
  plan.domain_name = "nvidia-1.2.simulated";
  plan.state_directory = "/cells/one";
  plan.node_address = "10.88.0.1";
  plan.is_cgroup_v2 = true;
  plan.cgroup_mounts = {"/sys/fs/cgroup"};
  plan.hidden = {"libcuda.so", "nvidia-"};
  plan.binds = {{"/from", "/to", true}, {"/writable", "/there", false}};
  cell::NodeFile file;
  file.path = "/etc/odd";
  file.text = "quotes \" and \\ and \n and \x01 and \xc3\xa4";
  file.mode = 0600;
  plan.files = {file};
  plan.devices = {{"/dev/nvidia0", 195, 0, 0666}};
  plan.prepare = {{"ldconfig"}, {"mkdir", "-p", "/x y"}};
  plan.services = {{"etcd", {"/etcd", "--x={y}"}, {{"PATH", "/bin"}}, {"port:2379"}},
                   {"port", {}, {}, {}}};
  return plan;
}

TEST(NodePlan, comes_back_from_json_as_it_was)
{
  const auto plan = full_plan();
  const auto again = node_plan_from_json(to_json(plan));
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(to_json(*again), to_json(plan));
  EXPECT_EQ(again->files[0].text, plan.files[0].text);
  EXPECT_EQ(again->files[0].mode, 0600U);
  EXPECT_EQ(again->devices[0].major, 195U);
  EXPECT_TRUE(again->binds[0].is_read_only);
  EXPECT_FALSE(again->binds[1].is_read_only);
  EXPECT_EQ(again->services[0].environment.at("PATH"), "/bin");
  EXPECT_EQ(again->prepare[1], (std::vector<std::string>{"mkdir", "-p", "/x y"}));
}

TEST(NodePlan, without_any_of_its_parts_is_refused_and_the_part_named)
{
  const auto whole = nlohmann::json::parse(to_json(full_plan()));
  for (const auto& [key, value] : whole.items()) {
    auto torn = whole;
    torn.erase(key);
    const auto plan = node_plan_from_json(torn.dump());
    ASSERT_FALSE(plan) << key;
    EXPECT_EQ(plan.error().kind, base::ErrorKind::invalid);
    EXPECT_THAT(plan.error().what, testing::HasSubstr("'" + key + "'"));
  }
}

TEST(NodePlan, torn_anywhere_is_read_or_refused)
{
  std::mt19937 random(5);
  const auto whole = to_json(full_plan());
  for (int round = 0; round < 1500; ++round) {
    auto text = whole;
    const auto at = random() % text.size();
    if (round % 2 == 0)
      text.resize(at);
    else
      text[at] = static_cast<char>(random() % 256);
    const auto plan = node_plan_from_json(text);
    EXPECT_TRUE(plan || plan.error().kind == base::ErrorKind::invalid);
  }
}

}  // namespace
}  // namespace coroner::lab
