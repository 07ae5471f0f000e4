// SPDX-License-Identifier: Apache-2.0
// Recipes: mistakes are located, files and libraries are found, the shipped recipes are sound.
#include "harness/image/recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/files.h"
#include "harness/base/yaml.h"

namespace coroner::image {
namespace {

using archive::Bytes;
using archive::Directory;
using archive::DiskFile;
using archive::Link;
using base::ErrorKind;
using testing::Contains;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
namespace fs = std::filesystem;

constexpr auto shipped_file = "matrix/lab/images.yaml";

constexpr std::string_view good = R"(
layouts:
  plain:
    folder: /usr/lib64
    loader: /lib/ld.so
    cache: true
    files:
      - {at: /tmp, directory: true, mode: '1777'}
images:
  tool:
    name: example.org/tool:1
    source: here
    environment: [A=1]
    entrypoint: [/usr/bin/tool]
    layout: plain
    files:
      - {at: /usr/bin/tool, component: tools-1, binary: tool}
      - {at: /usr/bin, links: [sh, ls], to: tool}
      - {at: /etc/motd, text: hello, mode: '0600'}
)";

class Recipes : public testing::Test {
 protected:
  fs::path file(const std::string& name) const { return folder_.path() / name; }

  base::Result<std::vector<Recipe>> load(std::string_view text) const
  {
    EXPECT_TRUE(base::write_file(file("images.yaml"), text));
    return load_recipes(file("images.yaml"));
  }

  /// The error of `good` with `from` replaced, without the folder of the file.
  std::string refusal(const std::string& from, const std::string& to) const
  {
    std::string text(good);
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    const auto loaded = load(text);
    if (loaded) return "loaded";
    EXPECT_EQ(loaded.error().kind, ErrorKind::invalid);
    const auto message = loaded.error().text();
    const auto start = file("images.yaml").string().size();
    return message.size() > start ? message.substr(start) : message;
  }

  ComponentFolder folder_of() const
  {
    return [this](const std::string& component) -> base::Result<fs::path> {
      if (component == "tools-1") return file("tools");
      return base::error(ErrorKind::not_found, "no component {}", component);
    };
  }

 private:
  base::ScopedDirectory folder_ =
      base::ScopedDirectory::make(testing::TempDir(), "recipe-").value();
};

const archive::Entry* entry_at(const Image& image, const std::string& path)
{
  for (const auto& entry : image.files)
    if (entry.path == path) return &entry;
  return nullptr;
}

TEST_F(Recipes, a_good_file_is_read)
{
  const auto recipes = load(good);
  ASSERT_TRUE(recipes) << recipes.error().text();
  ASSERT_EQ(recipes->size(), 1U);
  const auto& recipe = recipes->front();
  EXPECT_EQ(recipe.id, "tool");
  EXPECT_EQ(recipe.name, "example.org/tool:1");
  EXPECT_THAT(recipe.environment, ElementsAre("A=1"));
  ASSERT_TRUE(recipe.layout);
  EXPECT_TRUE(recipe.layout->has_cache);
  EXPECT_EQ(recipe.layout->files.at(0).mode, 01777U);
  EXPECT_EQ(recipe.files.size(), 3U);
  EXPECT_THAT(recipe.files[0].place, EndsWith("images.yaml:17:9"));
  EXPECT_THAT(components_of(recipe), ElementsAre("tools-1"));
}

TEST_F(Recipes, each_mistake_is_located)
{
  EXPECT_THAT(refusal("environment:", "enviroment:"),
              testing::AllOf(testing::StartsWith(":13:"), HasSubstr("'environment'")));
  EXPECT_THAT(refusal("layout: plain", "layout: plein"),
              testing::AllOf(testing::StartsWith(":15:"), HasSubstr("'plain'")));
  EXPECT_THAT(refusal("example.org/tool:1", "tool:1"), HasSubstr("no registry"));
  EXPECT_THAT(refusal("[A=1]", "[A]"),
              testing::AllOf(testing::StartsWith(":13:"), HasSubstr("NAME=value")));
  EXPECT_THAT(refusal("at: /usr/bin/tool", "at: usr/bin/tool"),
              testing::AllOf(testing::StartsWith(":17:"), HasSubstr("begins with '/'")));
  EXPECT_THAT(refusal("at: /usr/bin/tool", "at: /usr/../tool"), HasSubstr("'..'"));
  EXPECT_THAT(refusal("at: /usr/bin/tool", "at: /"), HasSubstr("root folder"));
  EXPECT_THAT(refusal(", binary: tool}", "}"), HasSubstr("'binary' stand together"));
  EXPECT_THAT(refusal("to: tool}", "link: tool}"), HasSubstr("exactly one of"));
  EXPECT_THAT(refusal(", text: hello", ""), HasSubstr("exactly one of"));
  EXPECT_THAT(refusal("[sh, ls]", "[sh, /ls]"), HasSubstr("no file name"));
  EXPECT_THAT(refusal("mode: '0600'", "mode: 600"), testing::StartsWith(":19:"));
  EXPECT_THAT(refusal("mode: '0600'", "mode: '0900'"), HasSubstr("octal"));
  EXPECT_THAT(refusal("directory: true", "directory: false"), HasSubstr("directory: true"));
  EXPECT_THAT(refusal("cache: true", "cache: 1"), HasSubstr("true or false"));
  EXPECT_THAT(refusal("  tool:\n", "  ../tool:\n"), HasSubstr("is no name"));
  EXPECT_THAT(refusal("    source: here\n", ""), HasSubstr("source"));
}

TEST_F(Recipes, an_unknown_recipe_names_the_nearest)
{
  const auto recipes = load(good).value();
  EXPECT_TRUE(find_recipe(recipes, "tool"));
  EXPECT_THAT(find_recipe(recipes, "tol").error().text(), HasSubstr("'tool'"));
}

TEST_F(Recipes, programs_bring_their_libraries_into_the_folder_of_the_layout)
{
  ASSERT_TRUE(base::make_directories(file("tools")));
  ASSERT_TRUE(base::copy_file("/proc/self/exe", file("tools") / "tool"));
  const auto recipe = load(good).value().front();
  const auto image = resolve(recipe, folder_of());
  ASSERT_TRUE(image) << image.error().text();
  const auto* tool = entry_at(*image, "usr/bin/tool");
  ASSERT_NE(tool, nullptr);
  EXPECT_EQ(tool->mode, 0755U);
  ASSERT_NE(entry_at(*image, "usr/lib64/libc.so.6"), nullptr);
  ASSERT_NE(entry_at(*image, "lib/ld.so"), nullptr);
  EXPECT_EQ(std::get<Link>(entry_at(*image, "lib/ld.so")->content).target, "/usr/lib64/ld.so");
  EXPECT_EQ(std::get<Link>(entry_at(*image, "usr/bin/sh")->content).target, "tool");
  EXPECT_EQ(entry_at(*image, "etc/motd")->mode, 0600U);
  EXPECT_TRUE(std::holds_alternative<Directory>(entry_at(*image, "tmp")->content));
  const auto& cache = std::get<Bytes>(entry_at(*image, "etc/ld.so.cache")->content).content;
  EXPECT_THAT(cache, HasSubstr("/usr/lib64/libc.so.6"));
  const auto again = resolve(recipe, folder_of());
  ASSERT_TRUE(again);
  EXPECT_EQ(content_key(*image).value(), content_key(*again).value());
}

TEST_F(Recipes, a_missing_program_is_named_with_its_place_and_the_nearest)
{
  ASSERT_TRUE(base::make_directories(file("tools")));
  ASSERT_TRUE(base::write_file(file("tools") / "tools", ""));
  const auto image = resolve(load(good).value().front(), folder_of());
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().kind, ErrorKind::not_found);
  EXPECT_THAT(image.error().text(), HasSubstr("no program 'tool'; the nearest is 'tools'"));
  EXPECT_THAT(image.error().text(), HasSubstr("images.yaml:17:9"));
}

TEST_F(Recipes, a_dynamic_program_without_a_layout_is_refused_and_a_script_is_not)
{
  ASSERT_TRUE(base::make_directories(file("tools")));
  auto recipe = load(good).value().front();
  recipe.layout.reset();
  ASSERT_TRUE(base::write_file(file("tools") / "tool", "#!/bin/sh\n"));
  EXPECT_TRUE(resolve(recipe, folder_of()));
  ASSERT_TRUE(base::copy_file("/proc/self/exe", file("tools") / "tool"));
  EXPECT_THAT(resolve(recipe, folder_of()).error().what, HasSubstr("no layout"));
}

TEST_F(Recipes, the_list_shows_digests_of_what_is_built_and_only_of_that)
{
  auto recipes = load(good).value();
  recipes.push_back(recipes.front());
  recipes.back().id = "unbuilt";
  Image image;
  image.name = recipes.front().name;
  const auto built = write_image(image, file("tool.tar")).value();
  const auto listed = describe(recipes, [&](const Recipe& recipe) -> std::optional<fs::path> {
    return file(recipe.id + ".tar");
  });
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_EQ(listed[0].digest, built.digest);
  EXPECT_EQ(listed[0].size_bytes, built.size_bytes);
  EXPECT_EQ(listed[1].digest, "");
  EXPECT_EQ(listed[1].name, "example.org/tool:1");
}

TEST(ShippedRecipes, all_are_read_and_name_programs_that_their_components_have)
{
  const auto recipes = load_recipes(shipped_file);
  ASSERT_TRUE(recipes) << recipes.error().text();
  EXPECT_GE(recipes->size(), 8U);
  const auto text = base::read_file("matrix/lab/components.yaml");
  ASSERT_TRUE(text);
  const auto components = base::parse_yaml(*text, "components.yaml")->value.at("components");
  std::size_t checked = 0;
  for (const auto& recipe : *recipes)
    for (const auto& file : recipe.files) {
      const auto* own = std::get_if<ComponentFile>(&file.source);
      if (own == nullptr || !components.contains(own->component)) continue;
      EXPECT_TRUE(components.at(own->component).at("binaries").contains(own->binary))
          << file.place << " " << own->binary;
      ++checked;
    }
  EXPECT_GT(checked, 8U);
}

TEST(ShippedRecipes, device_plugins_say_what_the_toolkit_reads)
{
  const auto recipes = load_recipes(shipped_file).value();
  for (const auto* id : {"device-plugin-0.14.5", "device-plugin-0.17.4", "device-plugin-0.18.0",
                         "gpu-feature-discovery-0.8.2"}) {
    const auto recipe = find_recipe(recipes, id);
    ASSERT_TRUE(recipe) << id;
    EXPECT_THAT(recipe->environment, Contains("NVIDIA_VISIBLE_DEVICES=all")) << id;
    EXPECT_THAT(recipe->environment, Contains("NVIDIA_DISABLE_REQUIRE=true")) << id;
    EXPECT_THAT(recipe->environment, Contains(HasSubstr("NVIDIA_DRIVER_CAPABILITIES="))) << id;
  }
}

TEST(ShippedRecipes, the_smoke_image_has_glibc_a_shell_and_the_loaders_cache)
{
  if (!fs::exists("/usr/bin/busybox")) GTEST_SKIP() << "busybox-static is not installed";
  const auto recipe = find_recipe(load_recipes(shipped_file).value(), "smoke").value();
  const auto image = resolve(recipe, [](const std::string& name) -> base::Result<fs::path> {
    return base::error(ErrorKind::internal, "{} was asked for", name);
  });
  ASSERT_TRUE(image) << image.error().text();
  for (const auto* path :
       {"usr/lib/x86_64-linux-gnu/libc.so.6", "usr/bin/sh", "etc/passwd",
        "usr/lib/x86_64-linux-gnu/libstdc++.so.6", "usr/lib/x86_64-linux-gnu/libgcc_s.so.1",
        "usr/lib64/ld-linux-x86-64.so.2"})
    EXPECT_NE(entry_at(*image, path), nullptr) << path;
  // Without it the toolkit's CDI hook makes none either, and what it brings is never found.
  EXPECT_NE(entry_at(*image, "etc/ld.so.cache"), nullptr);
  EXPECT_THAT(image->environment, Contains(HasSubstr("PATH=")));
}

}  // namespace
}  // namespace coroner::image
