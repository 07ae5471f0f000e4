// SPDX-License-Identifier: Apache-2.0
// What the YAML reader takes, refuses, and how it names the place.
#include "harness/base/yaml.h"

#include <random>

#include <gtest/gtest.h>

namespace coroner::base {
namespace {

std::string refusal(const std::string& text)
{
  const auto parsed = parse_yaml(text, "f.yaml");
  return parsed ? "accepted: " + parsed->value.dump() : parsed.error().what;
}

TEST(Yaml, plain_scalars_become_their_json_types_and_quoted_ones_stay_strings)
{
  const auto parsed = parse_yaml(
      "a: 1\nb: '1'\nc: true\nd: ~\ne: 1.5\nf: v1.34.1\ng: 12.0\nh: 0x10\ni: 1e3", "f.yaml");
  ASSERT_TRUE(parsed) << parsed.error().text();
  EXPECT_EQ(
      parsed->value.dump(),
      R"({"a":1,"b":"1","c":true,"d":null,"e":1.5,"f":"v1.34.1","g":12.0,"h":"0x10","i":1000.0})");
}

TEST(Yaml, every_value_has_its_place)
{
  const auto parsed = parse_yaml("a:\n  - x\n  - b/c: 2\n", "f.yaml");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->position("/a/1").line, 3);
  EXPECT_EQ(parsed->position("/a/1/b~1c").column, 10);
  EXPECT_EQ(parsed->position("/a/1/absent/deeper").line, 3);
}

TEST(Yaml, a_duplicate_key_is_refused_with_its_place)
{
  EXPECT_EQ(refusal("a: 1\nb: 2\na: 3\n"), "f.yaml:3:1: the key 'a' stands here twice");
}

TEST(Yaml, anchors_and_aliases_are_refused)
{
  EXPECT_NE(refusal("a: &x 1\nb: *x\n").find("anchors (&name) are refused"), std::string::npos);
}

TEST(Yaml, depth_size_and_documents_are_bounded)
{
  EXPECT_NE(refusal(std::string(100, '[') + std::string(100, ']')).find("nested deeper"),
            std::string::npos);
  EXPECT_NE(refusal(std::string(largest_yaml_bytes + 1, 'a')).find("more than the"),
            std::string::npos);
  EXPECT_NE(refusal("a: 1\n---\nb: 2\n").find("2 documents"), std::string::npos);
  EXPECT_EQ(parse_yaml_documents("---\n---\na: 1\n", "f")->size(), 1U);
}

TEST(Yaml, an_unknown_key_names_the_nearest_right_one)
{
  const auto parsed = parse_yaml("name: x\ndistrp: nixos\n", "cell.yaml");
  ASSERT_TRUE(parsed);
  const auto checked = check_keys(*parsed, "", {"name", "distro"});
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().what, "cell.yaml:2:9: unknown key 'distrp'; did you mean 'distro'?");
}

TEST(Yaml, mutated_text_is_accepted_or_refused_but_never_crashes)
{
  const std::string seed =
      "a:\n  - {b: [1, 2], c: 'x'}\n  - |\n    text\n? k\n: v\n--- !!tag\nq: \"\\x41\"\n";
  std::mt19937 random(20261120);
  std::size_t refused = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string text = seed;
    for (int change = 0; change < 4; ++change)
      text[random() % text.size()] = static_cast<char>(random() % 256);
    if (!parse_yaml_documents(text, "f.yaml")) ++refused;
  }
  EXPECT_GT(refused, 100U);
}

}  // namespace
}  // namespace coroner::base
