// SPDX-License-Identifier: Apache-2.0
// From a recipe to an image: files found, shared libraries added, the loader's cache made.
#include <chrono>

#include "harness/base/command.h"
#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/image/libraries.h"
#include "harness/image/recipe.h"

namespace coroner::image {
namespace {

using archive::Bytes;
using archive::Directory;
using archive::DiskFile;
using archive::Entry;
using archive::Link;
using base::error;
using base::ErrorKind;
using base::Result;
namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// How long the loader or ldconfig may take.
constexpr auto tool_time_limit = 60s;

/// Modes where a recipe says none.
constexpr unsigned program_mode = 0755;
constexpr unsigned text_mode = 0644;
constexpr unsigned link_mode = 0777;

/// `absolute` without its leading '/', as archives want it.
std::string inside(const std::string& absolute)
{
  return absolute.substr(1);
}

/// Where a program of a component is; the nearest name in its folder when it is missing.
Result<fs::path> find_binary(const ComponentFile& wanted, const ComponentFolder& folder_of)
{
  TRY_ASSIGN(folder, folder_of(wanted.component));
  const auto path = folder / wanted.binary;
  std::error_code code;
  if (fs::is_regular_file(path, code)) return path;
  std::vector<std::string> present;
  for (fs::directory_iterator it(folder, code), end; !code && it != end; it.increment(code))
    present.push_back(it->path().filename().string());
  const auto near = base::nearest(wanted.binary, present);
  return error(ErrorKind::not_found, "the component {} has no program '{}'{}", wanted.component,
               wanted.binary, near.empty() ? "" : fmt::format("; the nearest is '{}'", near));
}

/// Collects the entries of one image.
class Resolver {
 public:
  Resolver(const std::optional<Layout>& layout, const ComponentFolder& folder_of)
      : layout_(layout), folder_of_(folder_of)
  {}

  Result<void> add(const RecipeFile& file)
  {
    auto added = add_source(file);
    if (!added) return pass_on(added.error(), "at " + file.place);
    return {};
  }

  /// What the layout holds in any case.
  Result<void> add_layout()
  {
    if (!layout_) return {};
    for (const auto& file : layout_->files) TRY(add(file));
    for (const auto& path : layout_->libraries) {
      std::error_code code;
      if (!fs::is_regular_file(path, code))
        return error(ErrorKind::not_found, "{}: there is no library {}", layout_->place,
                     path.string());
      libraries_.emplace(path.filename().string(), path);
      TRY(add_libraries_of(path));
    }
    return {};
  }

  /// The entries, with the libraries of all of them.
  Result<std::vector<Entry>> finish()
  {
    if (!layout_) return std::move(entries_);
    for (const auto& [name, path] : libraries_)
      put(layout_->folder + "/" + name, program_mode, DiskFile{path});
    const auto in_folder = layout_->folder + "/" + fs::path(layout_->loader).filename().string();
    if (in_folder != layout_->loader) put(layout_->loader, link_mode, Link{in_folder});
    if (layout_->has_cache) {
      TRY_ASSIGN(cache, make_cache(layout_->folder));
      put("/etc/ld.so.cache", text_mode, Bytes{std::move(cache)});
    }
    return std::move(entries_);
  }

 private:
  void put(const std::string& at, unsigned mode, decltype(Entry::content) content)
  {
    entries_.push_back({inside(at), mode, std::move(content)});
  }

  Result<void> add_program(const RecipeFile& file, const fs::path& path)
  {
    std::error_code code;
    if (!fs::is_regular_file(path, code))
      return error(ErrorKind::not_found, "there is no file {}", base::printable(path.string()));
    put(file.at, file.mode.value_or(program_mode), DiskFile{path});
    return add_libraries_of(path);
  }

  Result<void> add_source(const RecipeFile& file)
  {
    if (const auto* own = std::get_if<ComponentFile>(&file.source)) {
      TRY_ASSIGN(path, find_binary(*own, folder_of_));
      return add_program(file, path);
    }
    if (const auto* host = std::get_if<HostFile>(&file.source))
      return add_program(file, host->path);
    if (const auto* text = std::get_if<Bytes>(&file.source)) {
      put(file.at, file.mode.value_or(text_mode), *text);
    } else if (const auto* link = std::get_if<Link>(&file.source)) {
      put(file.at, link_mode, *link);
    } else if (const auto* links = std::get_if<Links>(&file.source)) {
      for (const auto& name : links->names)
        put(file.at + "/" + name, link_mode, Link{links->target});
    } else {
      put(file.at, file.mode.value_or(program_mode), Directory{});
    }
    return {};
  }

  Result<void> add_libraries_of(const fs::path& path)
  {
    TRY_ASSIGN(found, libraries_of(path, base::Deadline::in(tool_time_limit)));
    if (found.empty()) return {};
    if (!layout_)
      return error(ErrorKind::invalid,
                   "{} needs shared libraries, but the recipe has no layout that says where to",
                   path.filename().string());
    for (const auto& library : found) libraries_.emplace(library.name, library.path);
    return {};
  }

  /// What ldconfig writes for the libraries of this image, in a folder that holds only them.
  Result<std::string> make_cache(const std::string& library_folder) const
  {
    TRY_ASSIGN(scratch, base::ScopedDirectory::make(fs::temp_directory_path(), "coroner-image-"));
    const auto folder = scratch.path() / inside(library_folder);
    TRY(base::make_directories(folder));
    TRY(base::make_directories(scratch.path() / "etc"));
    for (const auto& [name, path] : libraries_) TRY(base::copy_file(path, folder / name));
    TRY(base::write_file(scratch.path() / "etc/ld.so.conf", library_folder + "\n"));
    const base::Command command{
        .arguments = {"/sbin/ldconfig", "-X", "-r", scratch.path().string()},
        .environment = {},
        .directory = {},
        .log = {}};
    TRY(base::output_of(command, base::Deadline::in(tool_time_limit)));
    return base::read_file(scratch.path() / "etc/ld.so.cache");
  }

  const std::optional<Layout>& layout_;
  const ComponentFolder& folder_of_;
  std::vector<Entry> entries_;
  std::map<std::string, fs::path> libraries_;  ///< Name -> file of this machine.
};

}  // namespace

Result<Image> resolve(const Recipe& recipe, const ComponentFolder& folder_of)
{
  Resolver resolver(recipe.layout, folder_of);
  TRY(resolver.add_layout());
  for (const auto& file : recipe.files) TRY(resolver.add(file));
  Image image;
  image.name = recipe.name;
  image.environment = recipe.environment;
  image.entrypoint = recipe.entrypoint;
  image.command = recipe.command;
  image.working_directory = recipe.working_directory;
  image.user = recipe.user;
  image.labels = recipe.labels;
  TRY_ASSIGN(files, resolver.finish());
  image.files = std::move(files);
  return image;
}

}  // namespace coroner::image
