// SPDX-License-Identifier: Apache-2.0
// Recipes to archives, with the cache in between.
#include "harness/lab/images.h"

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/crypto/digest.h"
#include "harness/image/recipe.h"

namespace coroner::lab {
namespace {

namespace fs = std::filesystem;
using base::ErrorKind;
using base::Result;

/// This build's own programs (the pause program) as the component "coroner".
constexpr const char* own_component = "coroner";

/// Folders of the components that `recipe` takes files from.
Result<std::map<std::string, fs::path>> folders_of(
    const Places& places, const image::Recipe& recipe,
    const std::map<std::string, Component>& components, const Progress& progress,
    const std::stop_token& stop)
{
  std::map<std::string, fs::path> folders;
  for (const auto& name : image::components_of(recipe)) {
    if (name == own_component) {
      folders[name] = places.programs;
      continue;
    }
    const auto found = components.find(name);
    if (found == components.end())
      return base::error(
          ErrorKind::invalid,
          "images.yaml: the image {} takes files from '{}', which components.yaml does not have",
          recipe.id, name);
    TRY_ASSIGN(folder, provide_component(places, found->second, progress, stop));
    folders[name] = folder;
  }
  return folders;
}

/// The cache's name for a recipe: its own text and what it is made from, without reading big files.
Result<std::string> cache_name(const Places& places, const image::Recipe& recipe,
                               const std::map<std::string, fs::path>& folders)
{
  TRY_ASSIGN(recipes, crypto::sha256_of_file(places.matrix / "lab" / "images.yaml"));
  crypto::Sha256 hash;
  hash.update(recipes + recipe.id);
  for (const auto& [name, folder] : folders) {
    hash.update("\n" + name + "=" + folder.filename().string());
    if (name != own_component) continue;
    TRY_ASSIGN(program, crypto::sha256_of_file(folder / "lab_pause"));
    hash.update(program);
  }
  constexpr std::size_t digits = 12;
  return recipe.id + "-" + hash.hex().substr(0, digits) + ".tar";
}

Result<LabImage> provide_image(const Places& places, const image::Recipe& recipe,
                               const std::map<std::string, fs::path>& folders,
                               const Progress& progress)
{
  TRY_ASSIGN(name, cache_name(places, recipe, folders));
  const auto archive = places.images() / name;
  std::error_code code;
  if (fs::exists(archive, code)) return LabImage{recipe.id, recipe.name, archive};
  TRY(base::make_directories(places.images()));
  TRY_ASSIGN(resolved,
             image::resolve(recipe, [&folders](const std::string& component) -> Result<fs::path> {
               return folders.at(component);
             }));
  auto written = image::write_image(resolved, archive);
  if (!written)
    return base::pass_on(std::move(written).error(), "while making the image " + recipe.id);
  progress(fmt::format("made the image {} ({} MB)", recipe.name, written->size_bytes / 1'000'000));
  return LabImage{recipe.id, recipe.name, archive};
}

}  // namespace

Result<std::vector<LabImage>> provide_images(const Places& places,
                                             const std::vector<std::string>& recipes,
                                             const std::map<std::string, Component>& components,
                                             const Progress& progress, const std::stop_token& stop)
{
  TRY_ASSIGN(all, image::load_recipes(places.matrix / "lab" / "images.yaml"));
  std::vector<LabImage> images;
  for (const auto& id : recipes) {
    TRY_ASSIGN(recipe, image::find_recipe(all, id));
    TRY_ASSIGN(folders, folders_of(places, recipe, components, progress, stop));
    TRY_ASSIGN(made, provide_image(places, recipe, folders, progress));
    images.push_back(made);
  }
  return images;
}

std::vector<std::string> import_command(const std::string& containerd, const std::string& socket,
                                        const std::string& archive)
{
  return {containerd + "/ctr", "--address", socket, "-n", "k8s.io", "images", "import",
          "--local",           archive};
}

Result<std::vector<image::Description>> list_images(const Places& places)
{
  TRY_ASSIGN(all, image::load_recipes(places.matrix / "lab" / "images.yaml"));
  TRY_ASSIGN(components, load_components(places.matrix));
  return image::describe(all, [&](const image::Recipe& recipe) -> std::optional<fs::path> {
    std::map<std::string, fs::path> folders;
    for (const auto& name : image::components_of(recipe)) {
      const bool is_own = name == own_component;
      if (!is_own && !components.contains(name)) return std::nullopt;
      const auto key =
          is_own ? Result<std::string>("") : component_key(places, components.at(name));
      if (!key) return std::nullopt;
      folders[name] = is_own ? places.programs : places.components() / *key;
    }
    const auto name = cache_name(places, recipe, folders);
    if (!name) return std::nullopt;
    return places.images() / *name;
  });
}

}  // namespace coroner::lab
