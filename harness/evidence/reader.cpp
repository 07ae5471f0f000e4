// SPDX-License-Identifier: Apache-2.0
// Reading a bundle from a folder, file by file, or from an archive, once into memory.
#include "harness/evidence/reader.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "harness/archive/reader.h"
#include "harness/archive/writer.h"
#include "harness/base/text.h"
#include "harness/crypto/digest.h"
#include "harness/evidence/disk.h"
#include "harness/evidence/json_text.h"
#include "harness/evidence/path.h"

namespace coroner::evidence {
namespace {

using base::ErrorKind;
using base::Result;
namespace fs = std::filesystem;

/// Logs repeat themselves: a bundle packs far denser than other archives.
constexpr unsigned largest_bundle_ratio = 1000;

Result<std::map<std::string, std::string, std::less<>>> read_archive(const fs::path& file)
{
  TRY_ASSIGN(archive, archive::Reader::open(file, {.most_entries = most_bundle_files,
                                                   .largest_total_bytes = largest_bundle_bytes,
                                                   .largest_entry_bytes = largest_bundle_file_bytes,
                                                   .largest_ratio = largest_bundle_ratio}));
  std::map<std::string, std::string, std::less<>> contents;
  std::string root;
  bool has_root = false;
  while (true) {
    TRY_ASSIGN(item, archive.next());
    if (!item) return contents;
    if (item->is_directory) continue;
    std::string path = item->path;
    if (!has_root) {
      has_root = true;
      if (!checked_path(path)) root = path.substr(0, path.find('/') + 1);
    }
    if (!path.starts_with(root))
      return base::error(ErrorKind::invalid, "{} holds {} beside the bundle", file.string(),
                         base::printable(path));
    path.erase(0, root.size());
    if (auto checked = checked_path(path); !checked)
      return base::pass_on(checked.error(), "in " + file.string());
    TRY_ASSIGN(content, archive.content());
    contents.emplace(std::move(path), std::move(content));
  }
}

}  // namespace

struct Reader::State {
  fs::path place;
  bool is_folder = false;
  std::map<std::string, std::string, std::less<>> contents;  ///< Of an archive.
  std::set<std::string, std::less<>> paths;                  ///< Without the manifest.
  Manifest manifest;

  Result<std::string> content(std::string_view path) const
  {
    if (is_folder) return read_regular(place / path, largest_bundle_bytes);
    const auto found = contents.find(path);
    if (found == contents.end())
      return base::error(ErrorKind::not_found, "{} has no {}", place.string(), path);
    return found->second;
  }

  Result<void> list()
  {
    if (is_folder) {
      TRY_ASSIGN(found, files_below(place, most_bundle_files));
      for (auto& path : found)
        if (path != manifest_file && checked_path(path)) paths.insert(std::move(path));
      return {};
    }
    TRY_ASSIGN(read, read_archive(place));
    contents = std::move(read);
    for (const auto& [path, content] : contents)
      if (path != manifest_file) paths.insert(path);
    return {};
  }

  Result<std::vector<StoredObject>> objects_in_files() const
  {
    std::vector<StoredObject> objects;
    for (const auto& path : paths) {
      if (names_of(path).folder != "objects") continue;
      TRY_ASSIGN(text, content(path));
      auto value = parse_json(text);
      if (!value) return base::pass_on(value.error(), "in " + path);
      objects.push_back({path, std::move(*value)});
    }
    return objects;
  }
};

Reader::Reader(std::unique_ptr<State> state) : state_(std::move(state)) {}
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;
Reader::~Reader() = default;

Result<Reader> Reader::open(const fs::path& place)
{
  auto state = std::make_unique<State>();
  state->place = place;
  std::error_code problem;
  const auto status = fs::status(place, problem);
  if (!fs::exists(status))
    return base::error(ErrorKind::not_found, "there is no bundle at {}", place.string());
  state->is_folder = fs::is_directory(status);
  TRY(state->list());
  auto text = state->content(manifest_file);
  if (!text)
    return base::error(ErrorKind::invalid, "{} is no bundle: it has no readable {}", place.string(),
                       manifest_file);
  auto value = parse_json(*text);
  if (!value) return base::pass_on(value.error(), fmt::format("in {}", manifest_file));
  auto manifest = manifest_from(*value);
  if (!manifest) return base::pass_on(manifest.error(), fmt::format("in {}", manifest_file));
  state->manifest = std::move(*manifest);
  return Reader(std::move(state));
}

const Manifest& Reader::manifest() const
{
  return state_->manifest;
}

std::vector<std::string> Reader::files() const
{
  return {state_->paths.begin(), state_->paths.end()};
}

Result<std::string> Reader::content(std::string_view path) const
{
  if (!state_->paths.contains(path))
    return base::error(ErrorKind::not_found, "{} has no {}", state_->place.string(),
                       base::printable(path));
  return state_->content(path);
}

Result<std::vector<Event>> Reader::events() const
{
  std::vector<Event> events;
  if (!state_->paths.contains(events_file)) return events;
  TRY_ASSIGN(text, state_->content(events_file));
  const auto lines = base::split(text, '\n');
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i + 1 == lines.size()) break;  // Nothing, or what a kill left of the last event.
    auto value = parse_json(lines[i]);
    auto event = value ? event_from(*value) : tl::unexpected(value.error());
    const bool is_last = i + 2 == lines.size() && lines.back().empty();
    if (!event && is_last && !state_->manifest.is_complete) break;
    if (!event) return base::pass_on(event.error(), fmt::format("in {}:{}", events_file, i + 1));
    events.push_back(std::move(*event));
  }
  return events;
}

Result<std::vector<StoredObject>> Reader::objects() const
{
  if (state_->manifest.is_complete) return state_->objects_in_files();
  // Files of a killed run may be missing or half on disk; its events were flushed.
  std::map<std::string, nlohmann::json> last;
  TRY_ASSIGN(seen, events());
  for (auto& event : seen)
    if (event.kind == EventKind::object && names_of(event.path).folder == "objects")
      last[event.path] = std::move(event.data);
  std::vector<StoredObject> objects;
  for (auto& [path, object] : last) objects.push_back({path, std::move(object)});
  return objects;
}

Result<void> Reader::verify() const
{
  if (!state_->manifest.is_complete)
    return base::error(ErrorKind::invalid, "{} is of a run that did not end",
                       state_->place.string());
  std::set<std::string, std::less<>> unknown = state_->paths;
  for (const auto& file : state_->manifest.files) {
    auto content = this->content(file.path);
    if (!content) return base::error(ErrorKind::invalid, "{} is missing", file.path);
    if (crypto::sha256_hex(*content) != file.sha256)
      return base::error(ErrorKind::invalid, "{} was changed", file.path);
    unknown.erase(file.path);
  }
  if (!unknown.empty()) return base::error(ErrorKind::invalid, "{} was added", *unknown.begin());
  return {};
}

Result<void> pack(const fs::path& folder, const fs::path& file)
{
  TRY_ASSIGN(bundle, Reader::open(folder));
  TRY_ASSIGN(name, safe_part(bundle.manifest().run));
  std::vector<archive::Entry> entries;
  auto paths = bundle.files();
  paths.emplace_back(manifest_file);
  for (const auto& path : paths)
    entries.push_back({.path = name + "/" + path, .content = archive::DiskFile{folder / path}});
  TRY(archive::write_archive(std::move(entries), file, archive::Filter::zstd));
  return {};
}

}  // namespace coroner::evidence
