// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <re2/re2.h>

#include "harness/base/files.h"
#include "harness/cell/cell.h"
#include "harness/lab/breaks.h"

namespace coroner::lab {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr const char* good = R"(id: GY900
name: made-up
title: A cause of these tests
cells:
  nixos:
    steps:
      - object: {apiVersion: v1, kind: Pod, namespace: x, name: y}
        patch: {spec: {}}
      - {file: /etc/x, after: line, insert: "more\n"}
      - {restart: containerd}
    symptom: {service: containerd, matches: 'no .* runtime'}
    verify: {kubectl: [get, node, '{name}'], expect: 'True'}
    mend:
      - {file: /etc/x, remove: "more\n"}
)";

class BreakFile : public testing::Test {
 protected:
  void write(const std::string& text, const std::string& code = "GY900")
  {
    ASSERT_TRUE(base::make_directories(folder_.path() / "lab" / "breaks"));
    ASSERT_TRUE(base::write_file(folder_.path() / "lab" / "breaks" / (code + ".yaml"), text));
  }

  Places places() const { return {folder_.path(), "/no/cache", {}, {}}; }

  std::string refusal(const std::string& from, const std::string& to)
  {
    std::string text = good;
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    write(text.replace(at, from.size(), to));
    const auto loaded = load_break(places(), "GY900", "nixos");
    return loaded ? "accepted" : loaded.error().text();
  }

 private:
  base::ScopedDirectory folder_ =
      base::ScopedDirectory::make(fs::temp_directory_path(), "breaks-").value();
};

TEST_F(BreakFile, is_read_with_steps_symptom_verify_and_mend)
{
  write(good);
  const auto loaded = load_break(places(), "GY900", "nixos");
  ASSERT_TRUE(loaded) << loaded.error().text();
  EXPECT_EQ(loaded->code, "GY900");
  EXPECT_EQ(loaded->name, "made-up");
  ASSERT_EQ(loaded->steps.size(), 3U);
  EXPECT_EQ(loaded->steps[0].target.at("kind"), "Pod");
  EXPECT_EQ(loaded->steps[1].insert, "more\n");
  EXPECT_EQ(loaded->steps[2].restart, "containerd");
  ASSERT_EQ(loaded->mend.size(), 1U);
  EXPECT_EQ(loaded->mend[0].remove, "more\n");
  EXPECT_EQ(loaded->symptom.service, "containerd");
  EXPECT_EQ(loaded->verify.arguments, (std::vector<std::string>{"get", "node", "{name}"}));
}

TEST_F(BreakFile, that_is_wrong_is_refused_where_it_is_wrong)
{
  EXPECT_THAT(refusal("id: GY900", "id: GY901"), HasSubstr("GY900.yaml:1:5"));
  EXPECT_THAT(refusal("title:", "titel:"), HasSubstr("GY900.yaml:3:8: "));
  EXPECT_THAT(refusal("    symptom: {service", "    symptoms: {service"),
              HasSubstr("did you mean 'symptom'?"));
  EXPECT_THAT(refusal("restart: containerd", "restart: containerd, file: /x"),
              testing::AllOf(HasSubstr("GY900.yaml:10:"), HasSubstr("exactly one of")));
  EXPECT_THAT(refusal("after: line, insert: \"more\\n\"", "after: line"),
              testing::AllOf(HasSubstr("GY900.yaml:9:"), HasSubstr("insert")));
  EXPECT_THAT(refusal("\n        patch: {spec: {}}", ""),
              testing::AllOf(HasSubstr("GY900.yaml:7:"), HasSubstr("'patch'")));
  EXPECT_THAT(refusal("service: containerd, matches", "service: containerd, pods: x, matches"),
              HasSubstr("'service' or of 'pods'"));
  EXPECT_THAT(refusal("matches:", "match:"), HasSubstr("GY900.yaml:11:"));
  EXPECT_THAT(refusal("kubectl: [get, node, '{name}'], ", ""), HasSubstr("'kubectl' is missing"));
  EXPECT_THAT(refusal("expect: 'True'", "expect: true"), HasSubstr("GY900.yaml:12:"));
  EXPECT_THAT(refusal("mend:\n      - {file: /etc/x, remove: \"more\\n\"}", "mend: nothing"),
              HasSubstr("a list of changes"));
}

TEST_F(BreakFile, of_an_unknown_code_names_the_nearest)
{
  write(good);
  const auto unknown = load_break(places(), "GY90", "nixos");
  EXPECT_EQ(unknown.error().kind, base::ErrorKind::not_found);
  EXPECT_THAT(unknown.error().text(), HasSubstr("did you mean 'GY900'?"));
}

TEST_F(BreakFile, for_another_cell_says_where_it_can_be_produced)
{
  write(good);
  const auto elsewhere = load_break(places(), "GY900", "ubuntu");
  EXPECT_EQ(elsewhere.error().kind, base::ErrorKind::not_found);
  EXPECT_THAT(elsewhere.error().text(), HasSubstr("it can on: nixos"));
  EXPECT_EQ(break_codes(places(), "nixos"), std::vector<std::string>{"GY900"});
  EXPECT_TRUE(break_codes(places(), "ubuntu").empty());
}

TEST(BreaksOfTheProject, can_all_be_read_and_prove_themselves)
{
  const Places places{"matrix", "/no/cache", {}, {}};
  EXPECT_THAT(break_codes(places, "nixos"),
              testing::IsSupersetOf({"GY003", "GY004", "GY005", "GY006"}));
  for (const auto& cell : cell::cell_names(places.matrix)) {
    for (const auto& code : break_codes(places, cell)) {
      const auto loaded = load_break(places, code, cell);
      ASSERT_TRUE(loaded) << loaded.error().text();
      EXPECT_FALSE(loaded->steps.empty());
      EXPECT_FALSE(loaded->mend.empty()) << code << " of " << cell << " cannot be mended";
      EXPECT_TRUE(RE2(loaded->symptom.matches).ok()) << loaded->symptom.matches;
      EXPECT_TRUE(RE2(loaded->verify.expect).ok()) << loaded->verify.expect;
      EXPECT_FALSE(RE2::FullMatch("", loaded->verify.expect)) << "nothing at all must be no proof";
    }
  }
}

}  // namespace
}  // namespace coroner::lab
