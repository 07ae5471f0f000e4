// SPDX-License-Identifier: Apache-2.0
// Recipes read from YAML, with the place of every mistake.
#include "harness/image/recipe.h"

#include <algorithm>
#include <set>

#include "harness/archive/path.h"
#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/base/yaml.h"

namespace coroner::image {
namespace {

using base::Document;
using base::error;
using base::ErrorKind;
using base::Result;
using nlohmann::json;

const std::vector<std::string> layout_keys = {"folder", "loader", "cache", "libraries", "files"};
const std::vector<std::string> recipe_keys = {
    "name", "source", "layout", "environment", "entrypoint", "command", "working_directory",
    "user", "labels", "files"};
const std::vector<std::string> file_keys = {"at",   "mode", "component", "binary", "host",
                                            "text", "link", "directory", "links",  "to"};

/// Reads values below one pointer of a document; every error carries its place.
class Reader {
 public:
  Reader(const Document& document, std::string pointer)
      : document_(document), pointer_(std::move(pointer))
  {}

  bool has(const std::string& key) const
  {
    return document_.value.contains(json::json_pointer(pointer_ + "/" + key));
  }

  Reader below(const std::string& key) const { return {document_, pointer_ + "/" + key}; }
  Reader item(std::size_t index) const { return below(std::to_string(index)); }
  const json& value() const { return document_.value.at(json::json_pointer(pointer_)); }

  tl::unexpected<base::Error> refuse(std::string_view message) const
  {
    return document_.error_at(pointer_, message);
  }

  std::string place() const
  {
    const auto position = document_.position(pointer_);
    return fmt::format("{}:{}:{}", document_.source, position.line, position.column);
  }

  Result<void> check(const std::vector<std::string>& keys) const
  {
    if (!value().is_object()) return refuse("here a mapping is wanted");
    return base::check_keys(document_, pointer_, keys);
  }

  Result<std::string> text(const std::string& key) const
  {
    return base::string_at(document_, pointer_ + "/" + key);
  }

  /// "" when `key` is absent.
  Result<std::string> optional_text(const std::string& key) const
  {
    if (!has(key)) return std::string();
    return text(key);
  }

  /// Empty when `key` is absent.
  Result<std::vector<std::string>> texts(const std::string& key) const
  {
    std::vector<std::string> all;
    if (!has(key)) return all;
    const auto list = below(key);
    if (!list.value().is_array()) return list.refuse("here a list is wanted");
    for (std::size_t index = 0; index < list.value().size(); ++index) {
      TRY_ASSIGN(one, list.text(std::to_string(index)));
      all.push_back(std::move(one));
    }
    return all;
  }

  Result<bool> flag(const std::string& key) const
  {
    if (!has(key)) return false;
    if (!below(key).value().is_boolean()) return below(key).refuse("here true or false is wanted");
    return below(key).value().get<bool>();
  }

 private:
  const Document& document_;
  std::string pointer_;
};

Result<std::string> absolute_path(const Reader& reader, const std::string& key)
{
  TRY_ASSIGN(path, reader.text(key));
  if (!path.starts_with('/')) return reader.below(key).refuse("a path begins with '/'");
  const auto normal = archive::normal_path("." + path);
  if (!normal) return reader.below(key).refuse(normal.error().what);
  if (normal->empty()) return reader.below(key).refuse("the root folder is always there");
  return "/" + *normal;
}

Result<std::optional<unsigned>> mode_of(const Reader& reader)
{
  if (!reader.has("mode")) return std::nullopt;
  TRY_ASSIGN(text, reader.text("mode"));
  constexpr int octal = 8;
  if (text.size() < 3 || text.size() > 4 || text.find_first_not_of("01234567") != text.npos)
    return reader.below("mode").refuse("a mode is three or four octal digits in quotes: '0755'");
  return static_cast<unsigned>(std::stoul(text, nullptr, octal));
}

Result<Links> links_of(const Reader& reader)
{
  Links links;
  TRY_ASSIGN(target, reader.text("to"));
  links.target = std::move(target);
  TRY_ASSIGN(names, reader.texts("links"));
  for (const auto& name : names)
    if (name.empty() || name == "." || name == ".." || name.find('/') != name.npos)
      return reader.below("links").refuse(fmt::format("'{}' is no file name", name));
  links.names = std::move(names);
  return links;
}

/// Exactly one of these says what a file is.
constexpr std::string_view source_keys[] = {"component", "host",      "text",
                                            "link",      "directory", "links"};

Result<std::string> source_key(const Reader& reader)
{
  std::vector<std::string> present;
  for (const auto key : source_keys)
    if (reader.has(std::string(key))) present.emplace_back(key);
  if (present.size() == 1) return present[0];
  return reader.refuse(
      "a file is exactly one of component + binary, host, text, link, directory, links + to");
}

Result<RecipeFile> read_file(const Reader& reader)
{
  TRY(reader.check(file_keys));
  RecipeFile file;
  file.place = reader.place();
  TRY_ASSIGN(at, absolute_path(reader, "at"));
  file.at = std::move(at);
  TRY_ASSIGN(mode, mode_of(reader));
  file.mode = mode;
  TRY_ASSIGN(key, source_key(reader));
  if (reader.has("binary") != (key == "component"))
    return reader.refuse("'component' and 'binary' stand together");
  if (reader.has("to") != (key == "links")) return reader.refuse("'links' and 'to' stand together");
  if (key == "component") {
    TRY_ASSIGN(component, reader.text("component"));
    TRY_ASSIGN(binary, reader.text("binary"));
    file.source = ComponentFile{std::move(component), std::move(binary)};
  } else if (key == "host") {
    TRY_ASSIGN(path, absolute_path(reader, "host"));
    file.source = HostFile{std::move(path)};
  } else if (key == "text") {
    TRY_ASSIGN(text, reader.text("text"));
    file.source = archive::Bytes{std::move(text)};
  } else if (key == "link") {
    TRY_ASSIGN(target, reader.text("link"));
    file.source = archive::Link{std::move(target)};
  } else if (key == "directory") {
    TRY_ASSIGN(is_directory, reader.flag("directory"));
    if (!is_directory)
      return reader.below("directory").refuse("only 'directory: true' says something");
    file.source = archive::Directory{};
  } else {
    TRY_ASSIGN(links, links_of(reader));
    file.source = std::move(links);
  }
  return file;
}

Result<std::vector<RecipeFile>> read_files(const Reader& reader)
{
  std::vector<RecipeFile> files;
  if (!reader.has("files")) return files;
  const auto list = reader.below("files");
  if (!list.value().is_array()) return list.refuse("here a list is wanted");
  for (std::size_t index = 0; index < list.value().size(); ++index) {
    TRY_ASSIGN(file, read_file(list.item(index)));
    files.push_back(std::move(file));
  }
  return files;
}

Result<Layout> read_layout(const Reader& reader)
{
  TRY(reader.check(layout_keys));
  Layout layout;
  layout.place = reader.place();
  TRY_ASSIGN(folder, absolute_path(reader, "folder"));
  TRY_ASSIGN(loader, absolute_path(reader, "loader"));
  TRY_ASSIGN(has_cache, reader.flag("cache"));
  TRY_ASSIGN(libraries, reader.texts("libraries"));
  TRY_ASSIGN(files, read_files(reader));
  layout.folder = std::move(folder);
  layout.loader = std::move(loader);
  layout.has_cache = has_cache;
  layout.libraries.assign(libraries.begin(), libraries.end());
  layout.files = std::move(files);
  return layout;
}

Result<std::map<std::string, std::string>> read_labels(const Reader& reader)
{
  std::map<std::string, std::string> labels;
  if (!reader.has("labels")) return labels;
  const auto below = reader.below("labels");
  if (!below.value().is_object()) return below.refuse("here a mapping is wanted");
  for (const auto& [key, value] : below.value().items()) {
    if (!value.is_string()) return below.refuse(fmt::format("the label '{}' is no text", key));
    labels[key] = value.get<std::string>();
  }
  return labels;
}

Result<std::vector<std::string>> read_environment(const Reader& reader)
{
  TRY_ASSIGN(environment, reader.texts("environment"));
  for (std::size_t index = 0; index < environment.size(); ++index) {
    const auto equals = environment[index].find('=');
    if (equals == std::string::npos || equals == 0)
      return reader.below("environment").item(index).refuse("an environment line is NAME=value");
  }
  return environment;
}

Result<Recipe> read_recipe(const Reader& reader, const std::string& id,
                           const std::map<std::string, Layout>& layouts)
{
  TRY(reader.check(recipe_keys));
  Recipe recipe;
  recipe.id = id;
  TRY_ASSIGN(name, reader.text("name"));
  if (const auto is_full = check_name(name); !is_full)
    return reader.below("name").refuse(is_full.error().what);
  recipe.name = std::move(name);
  TRY_ASSIGN(source, reader.text("source"));
  recipe.source = std::move(source);
  TRY_ASSIGN(environment, read_environment(reader));
  recipe.environment = std::move(environment);
  TRY_ASSIGN(entrypoint, reader.texts("entrypoint"));
  recipe.entrypoint = std::move(entrypoint);
  TRY_ASSIGN(command, reader.texts("command"));
  recipe.command = std::move(command);
  TRY_ASSIGN(working_directory, reader.optional_text("working_directory"));
  recipe.working_directory = std::move(working_directory);
  TRY_ASSIGN(user, reader.optional_text("user"));
  recipe.user = std::move(user);
  TRY_ASSIGN(labels, read_labels(reader));
  recipe.labels = std::move(labels);
  TRY_ASSIGN(files, read_files(reader));
  recipe.files = std::move(files);
  if (!reader.has("layout")) return recipe;
  TRY_ASSIGN(layout, reader.text("layout"));
  if (layouts.contains(layout)) {
    recipe.layout = layouts.at(layout);
    return recipe;
  }
  std::vector<std::string> known;
  known.reserve(layouts.size());
  for (const auto& [known_name, unused] : layouts) known.push_back(known_name);
  return reader.below("layout").refuse(fmt::format("there is no layout '{}'; the nearest is '{}'",
                                                   layout, base::nearest(layout, known)));
}

/// The keys of the mapping at `reader`, which are names of files in the cache.
Result<std::vector<std::string>> names_below(const Reader& reader)
{
  if (!reader.value().is_object()) return reader.refuse("here a mapping is wanted");
  std::vector<std::string> names;
  for (const auto& [name, unused] : reader.value().items()) {
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789-.";
    if (name.empty() || name.front() == '.' || name.find_first_not_of(allowed) != name.npos)
      return reader.refuse(fmt::format("'{}' is no name: lower case letters, digits, '-' and '.'",
                                       base::printable(name)));
    names.push_back(name);
  }
  return names;
}

}  // namespace

Result<std::vector<Recipe>> load_recipes(const std::filesystem::path& file)
{
  TRY_ASSIGN(text, base::read_file(file, base::largest_yaml_bytes));
  TRY_ASSIGN(document, base::parse_yaml(text, file.string()));
  const Reader root(document, "");
  TRY(root.check({"layouts", "images"}));
  std::map<std::string, Layout> layouts;
  if (root.has("layouts")) {
    TRY_ASSIGN(names, names_below(root.below("layouts")));
    for (const auto& name : names) {
      TRY_ASSIGN(layout, read_layout(root.below("layouts").below(name)));
      layouts.emplace(name, std::move(layout));
    }
  }
  if (!root.has("images")) return root.refuse("there are no 'images'");
  TRY_ASSIGN(ids, names_below(root.below("images")));
  std::vector<Recipe> recipes;
  std::set<std::string> public_names;
  for (const auto& id : ids) {
    const auto below = root.below("images").below(id);
    TRY_ASSIGN(recipe, read_recipe(below, id, layouts));
    if (!public_names.insert(recipe.name).second)
      return below.below("name").refuse(fmt::format("another image is named '{}'", recipe.name));
    recipes.push_back(std::move(recipe));
  }
  return recipes;
}

Result<Recipe> find_recipe(const std::vector<Recipe>& recipes, const std::string& id)
{
  std::vector<std::string> ids;
  for (const auto& recipe : recipes) {
    if (recipe.id == id) return recipe;
    ids.push_back(recipe.id);
  }
  const auto near = base::nearest(id, ids);
  return base::error_with_hint(ErrorKind::invalid,
                               fmt::format("there is no image '{}'", base::printable(id)),
                               near.empty() ? "there are: " + base::join(ids, ", ")
                                            : fmt::format("did you mean '{}'?", near));
}

std::vector<std::string> components_of(const Recipe& recipe)
{
  std::set<std::string> components;
  const auto collect = [&](const std::vector<RecipeFile>& files) {
    for (const auto& file : files)
      if (const auto* own = std::get_if<ComponentFile>(&file.source))
        components.insert(own->component);
  };
  collect(recipe.files);
  if (recipe.layout) collect(recipe.layout->files);
  return {components.begin(), components.end()};
}

std::vector<Description> describe(
    const std::vector<Recipe>& recipes,
    const std::function<std::optional<std::filesystem::path>(const Recipe&)>& archive_of)
{
  std::vector<Description> all;
  for (const auto& recipe : recipes) {
    Description one{recipe.id, recipe.name, {}, 0};
    if (const auto path = archive_of(recipe); path) {
      if (const auto built = inspect_image(*path); built) {
        one.digest = built->digest;
        one.size_bytes = built->size_bytes;
      }
    }
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace coroner::image
