// SPDX-License-Identifier: Apache-2.0
// Every break of every lab cell: the real component's own words, a failing proof, and a mend that
// heals.
#include "harness/lab/breaks.h"

#include "tests/live/live.h"
#include <gmock/gmock.h>
#include <re2/re2.h>

#include "harness/base/text.h"
#include "harness/lab/node_words.h"

namespace coroner::live {
namespace {

using testing::HasSubstr;

class Breaks : public LiveTest, public testing::WithParamInterface<BreakOfCell> {
 protected:
  /// A cell that a failed test left broken is no cell for the next one.
  void TearDown() override
  {
    if (HasFailure() && !cell_.name.empty()) coroner({"lab", "down", cell_.name});
    LiveTest::TearDown();
  }

  /// What the verify command prints, and whether that is what it should.
  bool verifies(const lab::Verify& verify) const
  {
    const auto words = lab::read_node_words(places().cell(cell_.name));
    std::vector<std::string> arguments;
    for (const auto& argument : verify.arguments)
      arguments.push_back(cell::fill_in(argument, words.value()).value());
    const auto said = kubectl(cell_, arguments);
    return said.exit_code == 0 &&
           RE2::FullMatch(std::string(base::trim(said.output)), verify.expect);
  }

  std::string status() const
  {
    for (const auto& line : base::split(coroner({"lab", "list"}).output, '\n'))
      if (line.starts_with(cell_.name + " ")) return line;
    return "not listed";
  }

  Cell cell_ = {};
};

INSTANTIATE_TEST_SUITE_P(Each, Breaks, testing::ValuesIn(all_breaks()),
                         [](const auto& of) { return label(of.param.cell) + "_" + of.param.code; });

TEST_P(Breaks, shows_the_components_words_and_is_mended)
{
  const auto& [kind, code] = GetParam();
  cell_ = shared(kind);
  const auto plan = lab::load_break(places(), code, kind);
  ASSERT_TRUE(plan) << plan.error().text();
  ASSERT_TRUE(verifies(plan->verify)) << "the cell must be whole before it is broken";

  const auto broken = coroner({"lab", "break", code, cell_.name});
  ASSERT_EQ(broken.exit_code, 0) << broken.errors;
  EXPECT_TRUE(RE2::PartialMatch(broken.output, plan->symptom.matches)) << broken.output;
  RecordProperty("symptom", std::string(base::trim(broken.output)));
  EXPECT_FALSE(verifies(plan->verify)) << "broken, but the command that proves the fix passes";
  EXPECT_THAT(status(), HasSubstr("broken (" + code + ")"));
  const auto twice = coroner({"lab", "break", code, cell_.name});
  EXPECT_EQ(twice.exit_code, 2) << "a broken cell is not broken once more";
  EXPECT_THAT(twice.errors, HasSubstr("lab mend " + cell_.name));

  const auto mended = coroner({"lab", "mend", cell_.name});
  ASSERT_EQ(mended.exit_code, 0) << mended.errors;
  EXPECT_TRUE(verifies(plan->verify)) << "mended, but the command that proves the fix fails";
  EXPECT_THAT(status(), testing::EndsWith("  up"));
}

class UnknownBreak : public LiveTest {};

TEST_F(UnknownBreak, names_the_nearest_code)
{
  const auto cell = shared("nixos");
  const auto unknown = coroner({"lab", "break", "GY05", cell.name});
  EXPECT_EQ(unknown.exit_code, 3);
  EXPECT_THAT(unknown.errors, HasSubstr("did you mean 'GY005'?"));
  const auto nowhere = coroner({"lab", "break", "GY005", cell.name + "x"});
  EXPECT_EQ(nowhere.exit_code, 3);
  EXPECT_THAT(nowhere.errors, HasSubstr("did you mean '" + cell.name + "'?"));
}

}  // namespace
}  // namespace coroner::live
