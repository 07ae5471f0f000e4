// SPDX-License-Identifier: Apache-2.0
// The image layout: layer, configuration, manifest, index (OCI image-spec 1.1).
#include "harness/image/image.h"

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "harness/archive/path.h"
#include "harness/archive/reader.h"
#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/crypto/digest.h"

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
using nlohmann::json;
namespace fs = std::filesystem;

constexpr auto manifest_type = "application/vnd.oci.image.manifest.v1+json";
constexpr auto config_type = "application/vnd.oci.image.config.v1+json";
constexpr auto index_type = "application/vnd.oci.image.index.v1+json";
constexpr auto layer_type = "application/vnd.oci.image.layer.v1.tar";
constexpr auto name_annotation = "io.containerd.image.name";
constexpr auto reference_annotation = "org.opencontainers.image.ref.name";
constexpr auto start_of_time = "1970-01-01T00:00:00Z";

/// The largest layer that inspect_image passes over.
constexpr std::uint64_t largest_layer_bytes = 2ULL << 30U;

std::string blob_path(const std::string& sha256)
{
  return "blobs/sha256/" + sha256;
}

/// `value` as bytes; text that is not UTF-8 is refused, as JSON cannot say it.
Result<std::string> dump(const json& value)
{
  try {
    return value.dump();
  } catch (const json::exception&) {
    return error(ErrorKind::invalid, "an image's settings hold text that is not UTF-8");
  }
}

/// The files and every folder above them, so that each folder's mode is ours and not a default.
Result<std::vector<Entry>> with_folders(const std::vector<Entry>& files)
{
  std::vector<Entry> all = files;
  std::set<std::string> named;
  for (auto& entry : all) {
    TRY_ASSIGN(path, archive::normal_path(entry.path));
    entry.path = path;
    named.insert(path);
  }
  std::set<std::string> missing;
  for (const auto& path : named)
    for (auto at = path.find('/'); at != path.npos; at = path.find('/', at + 1))
      if (!named.contains(path.substr(0, at))) missing.insert(path.substr(0, at));
  constexpr unsigned folder_mode = 0755;
  for (const auto& path : missing) all.push_back({path, folder_mode, Directory{}});
  return all;
}

json settings_of(const Image& image)
{
  json settings = json::object();
  if (!image.environment.empty()) settings["Env"] = image.environment;
  if (!image.entrypoint.empty()) settings["Entrypoint"] = image.entrypoint;
  if (!image.command.empty()) settings["Cmd"] = image.command;
  if (!image.working_directory.empty()) settings["WorkingDir"] = image.working_directory;
  if (!image.user.empty()) settings["User"] = image.user;
  if (!image.labels.empty()) settings["Labels"] = image.labels;
  return settings;
}

json config_of(const Image& image, const std::string& layer)
{
  return {{"created", start_of_time},
          {"architecture", image.architecture},
          {"os", "linux"},
          {"config", settings_of(image)},
          {"rootfs", {{"type", "layers"}, {"diff_ids", {"sha256:" + layer}}}},
          {"history", {{{"created", start_of_time}, {"created_by", "coroner"}}}}};
}

json descriptor(const char* type, const std::string& sha256, std::uint64_t size_bytes)
{
  return {{"mediaType", type}, {"digest", "sha256:" + sha256}, {"size", size_bytes}};
}

/// A small blob of the layout, named by its own digest.
struct Blob {
  explicit Blob(std::string text) : content(std::move(text)), sha256(crypto::sha256_hex(content)) {}
  Entry entry() const { return {blob_path(sha256), 0644, Bytes{content}}; }
  std::string content;
  std::string sha256;
};

std::string tag_of(const std::string& name)
{
  return name.substr(name.rfind(':') + 1);
}

/// What of `image` goes into its digest beside the content of files.
Result<std::string> head_of(const Image& image)
{
  return dump(
      {{"name", image.name}, {"architecture", image.architecture}, {"config", settings_of(image)}});
}

/// One entry of `image` as text, for content_key; the content of a file as its digest.
Result<std::string> line_of(const Entry& entry)
{
  std::string kind;
  if (const auto* disk = std::get_if<DiskFile>(&entry.content)) {
    TRY_ASSIGN(digest, crypto::sha256_of_file(disk->path));
    kind = "file " + digest;
  } else if (const auto* bytes = std::get_if<Bytes>(&entry.content)) {
    kind = "file " + crypto::sha256_hex(bytes->content);
  } else if (const auto* link = std::get_if<Link>(&entry.content)) {
    kind = "link " + crypto::sha256_hex(link->target);
  } else {
    kind = "folder";
  }
  return fmt::format("{} {:o} {}\n", crypto::sha256_hex(entry.path), entry.mode, kind);
}

/// The index's only manifest, as inspect_image believes it.
Result<BuiltImage> read_index(const std::string& text, const fs::path& file)
{
  const auto index = json::parse(text, nullptr, false);
  const json::json_pointer first("/manifests/0");
  if (index.is_discarded() || !index.contains(first) || !index[first].is_object())
    return error(ErrorKind::invalid, "the index of {} names no manifest", file.string());
  const auto& manifest = index[first];
  const auto annotations = manifest.value("annotations", json::object());
  if (!manifest.contains("digest") || !manifest["digest"].is_string() ||
      !annotations.contains(name_annotation) || !annotations[name_annotation].is_string())
    return error(ErrorKind::invalid, "the index of {} names no image", file.string());
  BuiltImage built;
  built.name = annotations[name_annotation].get<std::string>();
  built.digest = manifest["digest"].get<std::string>();
  built.path = file;
  return built;
}

}  // namespace

Result<void> check_name(const std::string& name)
{
  const auto refuse = [&](std::string_view why) {
    return base::error_with_hint(
        ErrorKind::invalid,
        fmt::format("'{}' is no full image name: {}", base::printable(name), why),
        "write registry/path:tag, as in registry.k8s.io/pause:3.10.1");
  };
  const auto slash = name.find('/');
  const auto colon = name.rfind(':');
  if (slash == name.npos || name.substr(0, slash).find_first_of(".:") == name.npos)
    return refuse("it has no registry");
  if (colon == name.npos || colon < slash || colon + 1 == name.size())
    return refuse("it has no tag");
  const std::string_view lower = "abcdefghijklmnopqrstuvwxyz0123456789._-/:";
  const std::string_view upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  if (name.substr(0, colon).find_first_not_of(lower) != name.npos)
    return refuse("only lower case letters, digits and . _ - / : stand before the tag");
  const auto tag = tag_of(name);
  for (const char letter : tag)
    if ((lower.substr(0, lower.size() - 2).find(letter) == lower.npos) &&
        upper.find(letter) == upper.npos)
      return refuse("only letters, digits and . _ - stand in a tag");
  return {};
}

Result<BuiltImage> write_image(const Image& image, const fs::path& file)
{
  TRY(check_name(image.name));
  TRY_ASSIGN(files, with_folders(image.files));
  const auto parent = file.has_parent_path() ? file.parent_path() : fs::path(".");
  TRY_ASSIGN(scratch, base::ScopedDirectory::make(parent, ".image-"));
  const auto layer_file = scratch.path() / "layer.tar";
  TRY_ASSIGN(layer, archive::write_archive(std::move(files), layer_file));

  TRY_ASSIGN(config_text, dump(config_of(image, layer.sha256)));
  const Blob config(std::move(config_text));
  TRY_ASSIGN(
      manifest_text,
      dump({{"schemaVersion", 2},
            {"mediaType", manifest_type},
            {"config", descriptor(config_type, config.sha256, config.content.size())},
            {"layers", json::array({descriptor(layer_type, layer.sha256, layer.size_bytes)})}}));
  const Blob manifest(std::move(manifest_text));
  auto entry = descriptor(manifest_type, manifest.sha256, manifest.content.size());
  entry["annotations"] = {{name_annotation, image.name},
                          {reference_annotation, tag_of(image.name)}};
  entry["platform"] = {{"architecture", image.architecture}, {"os", "linux"}};
  TRY_ASSIGN(
      index,
      dump({{"schemaVersion", 2}, {"mediaType", index_type}, {"manifests", json::array({entry})}}));

  TRY_ASSIGN(written, archive::write_archive(
                          {{"oci-layout", 0644, Bytes{R"({"imageLayoutVersion":"1.0.0"})"}},
                           {"index.json", 0644, Bytes{index}},
                           {"blobs", 0755, Directory{}},
                           {"blobs/sha256", 0755, Directory{}},
                           config.entry(),
                           manifest.entry(),
                           {blob_path(layer.sha256), 0644, DiskFile{layer_file}}},
                          file));
  return BuiltImage{image.name, "sha256:" + manifest.sha256, "sha256:" + config.sha256,
                    written.size_bytes, file};
}

Result<std::string> content_key(const Image& image)
{
  TRY_ASSIGN(head, head_of(image));
  TRY_ASSIGN(files, with_folders(image.files));
  std::vector<std::string> lines;
  for (const auto& entry : files) {
    TRY_ASSIGN(line, line_of(entry));
    lines.push_back(std::move(line));
  }
  std::sort(lines.begin(), lines.end());
  crypto::Sha256 digest;
  digest.update(head + "\n");
  for (const auto& line : lines) digest.update(line);
  return digest.hex();
}

Result<BuiltImage> inspect_image(const fs::path& file)
{
  const archive::Bounds bounds{.most_entries = 64,
                               .largest_total_bytes = largest_layer_bytes,
                               .largest_entry_bytes = largest_layer_bytes};
  constexpr std::uint64_t largest_json_bytes = 1U << 20U;
  TRY_ASSIGN(reader, archive::Reader::open(file, bounds));
  std::map<std::string, std::string> texts;
  while (true) {
    TRY_ASSIGN(item, reader.next());
    if (!item) break;
    if (item->is_directory || item->size_bytes > largest_json_bytes) continue;
    TRY_ASSIGN(text, reader.content());
    texts[item->path] = std::move(text);
  }
  if (!texts.contains("index.json"))
    return error(ErrorKind::invalid, "{} is no OCI image archive", file.string());
  TRY_ASSIGN(built, read_index(texts["index.json"], file));
  const auto manifest = texts.find(blob_path(built.digest.substr(built.digest.find(':') + 1)));
  if (manifest == texts.end() || "sha256:" + crypto::sha256_hex(manifest->second) != built.digest)
    return error(ErrorKind::invalid, "{} does not hold the manifest that it names", file.string());
  const auto value = json::parse(manifest->second, nullptr, false);
  const json::json_pointer config("/config/digest");
  if (value.is_discarded() || !value.contains(config) || !value[config].is_string())
    return error(ErrorKind::invalid, "the manifest of {} names no configuration", file.string());
  built.config_digest = value[config].get<std::string>();
  std::error_code code;
  built.size_bytes = fs::file_size(file, code);
  return built;
}

}  // namespace coroner::image
