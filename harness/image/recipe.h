// SPDX-License-Identifier: Apache-2.0
// Recipes: what an image is made of, as data (matrix/lab/images.yaml).
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "harness/base/result.h"
#include "harness/image/image.h"

namespace coroner::image {

/// A program of a component (matrix/lab/components.yaml), with the libraries that it needs.
/// The component "coroner" is this project's own build.
struct ComponentFile {
  std::string component;
  std::string binary;
};

/// A file of this machine, with the libraries that it needs.
struct HostFile {
  std::filesystem::path path;
};

/// Several links in one folder to one target, as a multi-call program wants them.
struct Links {
  std::vector<std::string> names;
  std::string target;
};

/// One line of a recipe's `files`.
struct RecipeFile {
  std::string at;  ///< Absolute path in the image.
  std::optional<unsigned> mode;
  std::variant<ComponentFile, HostFile, archive::Bytes, archive::Link, archive::Directory, Links>
      source;
  std::string place;  ///< "file:line:column", for messages.
};

/// Where shared libraries lie in an image, and what else every image of this shape holds.
struct Layout {
  std::string folder;                            ///< For libraries: /usr/lib/x86_64-linux-gnu.
  std::string loader;                            ///< The loader's path, links resolved.
  bool has_cache = false;                        ///< /etc/ld.so.cache made by ldconfig.
  std::vector<std::filesystem::path> libraries;  ///< Of this machine, present in any case.
  std::vector<RecipeFile> files;
  std::string place;
};

/// How to make one image.
struct Recipe {
  std::string id;      ///< What cells call it: device-plugin-0.17.4.
  std::string name;    ///< Public name and tag.
  std::string source;  ///< Where its settings are from: project, version, file.
  std::vector<std::string> environment;
  std::vector<std::string> entrypoint;
  std::vector<std::string> command;
  std::string working_directory;
  std::string user;
  std::map<std::string, std::string> labels;
  std::optional<Layout> layout;
  std::vector<RecipeFile> files;
};

/// All recipes of `file`, sorted by id. ErrorKind::invalid with file, line, column and the nearest
/// right word for anything that is not understood.
base::Result<std::vector<Recipe>> load_recipes(const std::filesystem::path& file);

/// The recipe `id`; ErrorKind::invalid names the nearest one.
base::Result<Recipe> find_recipe(const std::vector<Recipe>& recipes, const std::string& id);

/// The components whose folders resolve() will ask for, sorted, each once.
std::vector<std::string> components_of(const Recipe& recipe);

/// The folder with a component's finished programs.
using ComponentFolder =
    std::function<base::Result<std::filesystem::path>(const std::string& component)>;

/// The image of `recipe`, with every file found and every shared library added. Files stay where
/// they are and are read when the image is written. ErrorKind::not_found, with the place in the
/// recipe, for a file, program or library that is missing; errors of `folder_of` are passed on.
base::Result<Image> resolve(const Recipe& recipe, const ComponentFolder& folder_of);

/// One line of `coroner lab images`.
struct Description {
  std::string id;
  std::string name;
  std::string digest;            ///< "" while it is not built.
  std::uint64_t size_bytes = 0;  ///< 0 while it is not built.
};

/// What there is to list; `archive_of` gives the archive of a recipe, if it is built. An archive
/// that cannot be read counts as not built.
std::vector<Description> describe(
    const std::vector<Recipe>& recipes,
    const std::function<std::optional<std::filesystem::path>(const Recipe&)>& archive_of);

}  // namespace coroner::image
