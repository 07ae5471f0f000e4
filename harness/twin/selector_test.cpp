// SPDX-License-Identifier: Apache-2.0
// Selectors: every operator, what is refused, and generated text that is only ever refused.
#include "harness/twin/selector.h"

#include <random>

#include <gtest/gtest.h>

namespace coroner::twin {
namespace {

using nlohmann::json;

const json& pod()
{
  static const json made = {
      {"kind", "Pod"},
      {"metadata",
       {{"name", "one"},
        {"namespace", "gpu"},
        {"labels", {{"app", "web"}, {"tier", ""}, {"example.com/size", "big"}}}}},
      {"spec", {{"nodeName", "node-a"}, {"hostNetwork", true}}},
      {"status", {{"restarts", 3}}}};
  return made;
}

bool fits(const char* labels, const char* fields = "")
{
  const auto selector = Selector::parse(labels, fields);
  EXPECT_TRUE(selector) << labels << " / " << fields;
  return selector && selector->fits(pod());
}

bool is_refused(const std::string& labels, const std::string& fields = "")
{
  return !Selector::parse(labels, fields);
}

TEST(Selector, nothing_restricts_nothing)
{
  EXPECT_TRUE(fits(""));
  EXPECT_TRUE(fits("  "));
}

TEST(Selector, labels_are_compared_for_equality)
{
  EXPECT_TRUE(fits("app=web"));
  EXPECT_TRUE(fits("app == web"));
  EXPECT_TRUE(fits("tier="));
  EXPECT_FALSE(fits("app=db"));
  EXPECT_FALSE(fits("missing="));
  EXPECT_TRUE(fits("app!=db"));
  EXPECT_TRUE(fits("missing != web"));
  EXPECT_FALSE(fits("app!=web"));
}

TEST(Selector, labels_are_compared_with_sets)
{
  EXPECT_TRUE(fits("app in (db, web)"));
  EXPECT_FALSE(fits("app in (db)"));
  EXPECT_FALSE(fits("missing in (db)"));
  EXPECT_TRUE(fits("app notin (db)"));
  EXPECT_TRUE(fits("missing notin (db)"));
  EXPECT_FALSE(fits("app notin (web,db)"));
}

TEST(Selector, labels_are_asked_for_presence)
{
  EXPECT_TRUE(fits("example.com/size"));
  EXPECT_FALSE(fits("missing"));
  EXPECT_TRUE(fits("!missing"));
  EXPECT_FALSE(fits("! app"));
}

TEST(Selector, all_parts_must_hold)
{
  EXPECT_TRUE(fits("app in (web,db),tier=,!missing", "metadata.name=one,spec.nodeName!=node-b"));
  EXPECT_FALSE(fits("app in (web,db),tier=x"));
  EXPECT_FALSE(fits("app=web", "metadata.name=two"));
}

TEST(Selector, fields_are_paths_of_members)
{
  EXPECT_TRUE(fits("", "metadata.namespace==gpu"));
  EXPECT_TRUE(fits("", "status.restarts=3"));
  EXPECT_TRUE(fits("", "spec.hostNetwork=true"));
  EXPECT_TRUE(fits("", "spec.missing="));
  EXPECT_FALSE(fits("", "spec.missing=x"));
  EXPECT_FALSE(fits("", "spec=x"));
  EXPECT_TRUE(fits("", R"(metadata.name!=a\,b)"));
}

TEST(Selector, what_does_not_read_is_refused)
{
  for (const char* labels : {"app in web", "app in (web", "in (web)", "app like (web)", "a b", "=x",
                             "!", "a,,b", ",", "a=b c", "a>1", "(", ")"})
    EXPECT_TRUE(is_refused(labels)) << labels;
  for (const char* fields : {"metadata.name", "=x", "metadata.name in (a)", ","})
    EXPECT_TRUE(is_refused("", fields)) << fields;
  EXPECT_TRUE(is_refused(std::string(longest_selector_bytes + 1, 'a')));
  std::string many = "a0";
  for (std::size_t i = 1; i <= most_requirements; ++i) many += ",a" + std::to_string(i);
  EXPECT_TRUE(is_refused(many));
}

TEST(Selector, generated_text_is_read_or_refused_within_its_bounds)
{
  constexpr std::string_view letters = "ab=!,() in\\\t\"\x80";
  std::mt19937 random(20261121);
  int read = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (auto left = random() % 24; left > 0; --left) text += letters[random() % letters.size()];
    const auto selector = Selector::parse(text, text);
    if (!selector) continue;
    ++read;
    static_cast<void>(selector->fits(pod()));
  }
  EXPECT_GT(read, 100);
  EXPECT_LT(read, 19'000);
}

}  // namespace
}  // namespace coroner::twin
