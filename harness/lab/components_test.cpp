// SPDX-License-Identifier: Apache-2.0
#include "harness/lab/components.h"

#include <gmock/gmock.h>

#include "harness/base/command.h"
#include "harness/base/files.h"
#include "harness/cell/cell.h"
#include "harness/image/recipe.h"
#include "harness/lab/small_matrix_test.h"

namespace coroner::lab {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::HasSubstr;

/// A matrix/ with one Go module of no dependencies.
class Components : public SmallMatrix {
 protected:
  void SetUp() override
  {
    write("components.yaml", R"(components:
  hello-1:
    module: hello-1
    binaries: {hello: ./hello}
    links: {hello: [hi, salut]}
    cgo: false
    link_flags: [-X main.version=v1]
charts: {}
)");
    write("modules/hello-1/go.mod", "module example.invalid/hello\n\ngo 1.21\n");
    write("modules/hello-1/hello/main.go",
          "package main\n\nvar version = \"none\"\n\nfunc main() { println(version) }\n");
  }

  std::string refusal(const std::string& text)
  {
    write("components.yaml", text);
    const auto all = load_components(places_.matrix);
    return all ? "accepted" : all.error().text();
  }

  Component hello() const { return load_components(places_.matrix).value().at("hello-1"); }

  base::Result<fs::path> provide() { return provide_component(places_, hello(), progress(), {}); }

  /// Folders in the cache, finished or not.
  std::vector<std::string> cached() const
  {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(places_.components()))
      names.push_back(entry.path().filename().string());
    return names;
  }
};

TEST_F(Components, are_read_with_what_they_are_built_from)
{
  const auto component = hello();
  EXPECT_EQ(component.module, "hello-1");
  EXPECT_EQ(component.binaries.at("hello"), "./hello");
  EXPECT_EQ(component.links.at("hello"), (std::vector<std::string>{"hi", "salut"}));
  EXPECT_FALSE(component.needs_cgo);
}

TEST_F(Components, that_are_wrong_are_refused_where_they_stand)
{
  EXPECT_THAT(refusal("components:\n  a: {module: none, binaries: {x: ./x}}\n"),
              testing::AllOf(HasSubstr("components.yaml:2:"), HasSubstr("there is no module")));
  EXPECT_THAT(refusal("components:\n  a: {module: hello-1}\n"), HasSubstr("'binaries' is missing"));
  EXPECT_THAT(refusal("components:\n  a: {modul: hello-1}\n"), HasSubstr("did you mean 'module'?"));
  EXPECT_THAT(refusal("component: {}\n"), HasSubstr("did you mean 'components'?"));
  EXPECT_THAT(refusal("charts: {}\n"), HasSubstr("'components' is missing"));
}

TEST_F(Components, are_known_by_their_content)
{
  const auto key = component_key(places_, hello()).value();
  EXPECT_THAT(key, testing::MatchesRegex("hello-1-[0-9a-f]{12}"));
  EXPECT_EQ(component_key(places_, hello()).value(), key);
  auto other = hello();
  other.link_flags.push_back("-X main.version=v2");
  EXPECT_NE(component_key(places_, other).value(), key);
  other = hello();
  other.needs_cgo = true;
  EXPECT_NE(component_key(places_, other).value(), key);
  write("modules/hello-1/go.sum", "more\n");
  EXPECT_NE(component_key(places_, hello()).value(), key);
}

TEST_F(Components, are_built_once)
{
  if (!has_go()) GTEST_SKIP() << "there is no Go toolchain";
  const auto first = provide();
  ASSERT_TRUE(first) << first.error().text();
  EXPECT_THAT(said_, testing::ElementsAre("building hello-1 ...", HasSubstr("built hello-1 in")));
  const auto ran = base::run({.arguments = {(*first / "salut").string()}}, base::Deadline::in(10s));
  ASSERT_TRUE(ran);
  EXPECT_EQ(ran->errors, "v1\n") << "the link flags and the links reached the program";
  said_.clear();
  EXPECT_EQ(provide().value(), *first);
  EXPECT_TRUE(said_.empty()) << "what is there is not built again";
}

TEST_F(Components, that_do_not_build_give_gos_words_and_leave_nothing)
{
  if (!has_go()) GTEST_SKIP() << "there is no Go toolchain";
  write("modules/hello-1/hello/main.go", "package main\n\nfunc main() { nonsense() }\n");
  const auto built = provide();
  ASSERT_FALSE(built);
  EXPECT_THAT(built.error().text(), HasSubstr("hello-1 did not build"));
  EXPECT_THAT(built.error().text(), HasSubstr("undefined: nonsense"));
  EXPECT_TRUE(cached().empty());
}

TEST_F(Components, whose_package_makes_another_program_are_refused)
{
  if (!has_go()) GTEST_SKIP() << "there is no Go toolchain";
  write("components.yaml",
        "components:\n  hello-1: {module: hello-1, binaries: {goodbye: ./hello}, cgo: false}\n");
  EXPECT_THAT(provide().error().text(), HasSubstr("gave no file 'goodbye'"));
  EXPECT_TRUE(cached().empty());
}

TEST(ComponentsOfTheProject, can_be_read_and_serve_every_cell_and_image)
{
  const auto all = load_components("matrix");
  ASSERT_TRUE(all) << all.error().text();
  const auto recipes = image::load_recipes("matrix/lab/images.yaml");
  ASSERT_TRUE(recipes) << recipes.error().text();
  for (const auto& name : cell::cell_names("matrix")) {
    const auto cell = cell::load_cell("matrix", name).value();
    for (const auto& [part, component] : cell.components)
      EXPECT_TRUE(all->contains(component)) << name << ": " << part << " is " << component;
    for (const auto& recipe : cell.images) {
      const auto found = image::find_recipe(*recipes, recipe);
      ASSERT_TRUE(found) << name << ": " << found.error().text();
      for (const auto& component : image::components_of(*found))
        EXPECT_TRUE(component == "coroner" || all->contains(component))
            << recipe << ": " << component;
    }
  }
}

}  // namespace
}  // namespace coroner::lab
