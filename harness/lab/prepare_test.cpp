// SPDX-License-Identifier: Apache-2.0
#include "harness/lab/prepare.h"

#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/cell/cell.h"
#include "harness/lab/small_matrix_test.h"

namespace coroner::lab {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Key;
using testing::UnorderedElementsAre;

/// A matrix/ with one module of two programs: one that is built with cgo and one without.
class Provide : public SmallMatrix {
 protected:
  void SetUp() override
  {
    if (!has_go()) GTEST_SKIP() << "there is no Go toolchain";
    write("components.yaml", R"(components:
  one-1: {module: both, binaries: {one: ./one}, cgo: false}
  two-1: {module: both, binaries: {two: ./two}, cgo: true}
charts: {}
)");
    write("images.yaml", base::read_file("matrix/lab/images.yaml").value());
    write("modules/both/go.mod", "module example.invalid/both\n\ngo 1.21\n");
    for (const auto* program : {"one", "two"})
      write(fmt::format("modules/both/{}/main.go", program), "package main\n\nfunc main() {}\n");
    cell_.name = "tiny";
    cell_.components = {{"first", "one-1"}, {"second", "two-1"}};
  }

  base::Result<Provision> provided() { return provide(places_, cell_, progress(), {}); }

  cell::Cell cell_;
};

TEST_F(Provide, gives_the_parts_with_cgo_and_those_without)
{
  const auto provision = provided();
  ASSERT_TRUE(provision) << provision.error().text();
  EXPECT_THAT(provision->parts, UnorderedElementsAre(Key("first"), Key("second")));
  EXPECT_TRUE(fs::exists(provision->parts.at("first") / "one"));
  EXPECT_TRUE(fs::exists(provision->parts.at("second") / "two"));
  EXPECT_THAT(said_, UnorderedElementsAre("building one-1 ...", HasSubstr("built one-1 in"),
                                          "building two-1 ...", HasSubstr("built two-1 in")));
}

TEST_F(Provide, names_the_part_that_does_not_build)
{
  write("modules/both/two/main.go", "package main\n\nfunc main() { nonsense() }\n");
  const auto provision = provided();
  ASSERT_FALSE(provision);
  EXPECT_THAT(provision.error().text(),
              AllOf(HasSubstr("two-1 did not build"), HasSubstr("undefined: nonsense"),
                    HasSubstr("while building the part second of cell tiny")));
}

TEST_F(Provide, names_the_nearest_component_before_anything_is_built)
{
  cell_.components["third"] = "one-2";
  const auto provision = provided();
  ASSERT_FALSE(provision);
  EXPECT_THAT(provision.error().text(),
              AllOf(HasSubstr("the part third names the component 'one-2'"),
                    HasSubstr("did you mean 'one-1'?")));
  EXPECT_TRUE(said_.empty());
}

}  // namespace
}  // namespace coroner::lab
