// SPDX-License-Identifier: Apache-2.0
// Reads cells; every refusal names file, line and the nearest right word.
#include "harness/cell/cell.h"

#include <algorithm>
#include <array>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/cell/expectations.h"

namespace coroner::cell {
namespace {

using base::Document;
using base::Result;
using nlohmann::json;

constexpr std::array<std::pair<GpuKind, std::string_view>, 3> gpu_words = {
    {{GpuKind::none, "none"}, {GpuKind::simulated, "simulated"}, {GpuKind::real, "real"}}};

/// Reads values out of one document and keeps the first error.
class Reader {
 public:
  explicit Reader(const Document& document) : document_(document) {}

  void keys(const std::string& at, const std::vector<std::string>& known)
  {
    if (outcome && has(at)) outcome = base::check_keys(document_, at, known);
  }

  bool has(const std::string& at) const { return document_.value.contains(json::json_pointer(at)); }

  const json& at(const std::string& at) const { return document_.value.at(json::json_pointer(at)); }

  std::string text(const std::string& at)
  {
    if (!outcome) return {};
    auto found = base::string_at(document_, at);
    if (!found) outcome = tl::unexpected(found.error());
    return found.value_or("");
  }

  std::string text_or(const std::string& at, const std::string& otherwise)
  {
    return has(at) ? text(at) : otherwise;
  }

  std::string one_of(const std::string& at, const std::vector<std::string>& words)
  {
    auto value = text(at);
    if (outcome && std::find(words.begin(), words.end(), value) == words.end()) {
      const auto near = base::nearest(value, words);
      refuse(at, fmt::format("'{}' is none of {}{}", value, base::join(words, ", "),
                             near.empty() ? "" : "; did you mean '" + near + "'?"));
    }
    return value;
  }

  std::string absolute_path(const std::string& at)
  {
    auto value = text(at);
    const bool is_clean = value.starts_with('/') && value.find("/../") == std::string::npos &&
                          !value.ends_with("/..");
    if (outcome && !is_clean) refuse(at, "an absolute path without '..' is expected");
    return value;
  }

  std::map<std::string, std::string> texts(const std::string& at)
  {
    std::map<std::string, std::string> all;
    if (!has(at)) return all;
    if (!this->at(at).is_object()) refuse(at, "a mapping is expected here");
    if (!outcome) return all;
    for (const auto& [key, value] : this->at(at).items()) {
      if (!value.is_string())
        refuse(at + "/" + key, "must be a string (put it in quotes)");
      else
        all[key] = value.get<std::string>();
    }
    return all;
  }

  std::vector<std::string> list(const std::string& at)
  {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < size(at); ++i) all.push_back(text(fmt::format("{}/{}", at, i)));
    return all;
  }

  std::size_t size(const std::string& at)
  {
    if (!has(at) || !outcome) return 0;
    if (!this->at(at).is_array()) refuse(at, "a list is expected here");
    return outcome ? this->at(at).size() : 0;
  }

  void refuse(const std::string& at, std::string_view message)
  {
    if (outcome) outcome = document_.error_at(at, message);
  }

  Result<void> outcome;

 private:
  const Document& document_;
};

NodeFile read_file_entry(Reader& reader, const std::string& at)
{
  reader.keys(at, {"path", "link", "links_into", "text", "component", "binary", "mode"});
  NodeFile file;
  file.path = reader.absolute_path(at + "/path");
  file.link = reader.text_or(at + "/link", "");
  file.links_into = reader.text_or(at + "/links_into", "");
  file.text = reader.text_or(at + "/text", "");
  file.component = reader.text_or(at + "/component", "");
  file.binary = reader.text_or(at + "/binary", "");
  const auto mode = reader.text_or(at + "/mode", file.binary.empty() ? "0644" : "0755");
  if (mode.size() != 4 || mode.find_first_not_of("01234567") != std::string::npos)
    reader.refuse(at + "/mode", "a mode is four octal digits in quotes, as '0644'");
  else
    file.mode = static_cast<unsigned>(std::stoul(mode, nullptr, 8));
  const int kinds = static_cast<int>(reader.has(at + "/link")) +
                    static_cast<int>(reader.has(at + "/links_into")) +
                    static_cast<int>(reader.has(at + "/text")) +
                    static_cast<int>(reader.has(at + "/binary"));
  if (kinds != 1) reader.refuse(at, "a file needs exactly one of link, links_into, text, binary");
  if (file.binary.empty() != file.component.empty())
    reader.refuse(at, "component and binary go together");
  return file;
}

void read_parts(Reader& reader, Cell& cell)
{
  constexpr std::array<std::string_view, 6> needed = {"kubernetes", "containerd", "runc",
                                                      "cni",        "etcd",       "coredns"};
  reader.keys("/components", {"kubernetes", "containerd", "runc", "cni", "etcd", "coredns",
                              "device_plugin", "toolkit", "feature_discovery", "helm"});
  cell.components = reader.texts("/components");
  for (const auto part : needed)
    if (!cell.components.contains(std::string(part)))
      reader.refuse("/components", fmt::format("the part '{}' is missing", part));
  reader.keys("/driver", {"libraries", "binaries"});
  cell.driver = {reader.absolute_path("/driver/libraries"),
                 reader.absolute_path("/driver/binaries")};
  reader.keys("/containerd", {"config", "template", "socket", "root", "state"});
  cell.containerd = {
      reader.absolute_path("/containerd/config"), reader.text("/containerd/template"),
      reader.absolute_path("/containerd/socket"), reader.absolute_path("/containerd/root"),
      reader.absolute_path("/containerd/state")};
  for (std::size_t i = 0; i < reader.size("/files"); ++i)
    cell.files.push_back(read_file_entry(reader, fmt::format("/files/{}", i)));
  for (std::size_t i = 0; i < reader.size("/helm"); ++i) {
    const auto at = fmt::format("/helm/{}", i);
    reader.keys(at, {"release", "chart", "namespace", "values", "awaited_labels"});
    cell.helm.push_back({reader.text(at + "/release"), reader.text(at + "/chart"),
                         reader.text(at + "/namespace"),
                         reader.has(at + "/values") ? reader.at(at + "/values") : json::object(),
                         reader.list(at + "/awaited_labels")});
  }
}

void read_gpu(Reader& reader, Cell& cell)
{
  constexpr int most_gpus = 16;
  reader.keys("/gpu", {"profile", "count"});
  cell.gpu_profile = reader.text("/gpu/profile");
  if (!reader.has("/gpu/count")) return;
  const auto& count = reader.at("/gpu/count");
  if (!count.is_number_integer() || count.get<int>() < 1 || count.get<int>() > most_gpus)
    reader.refuse("/gpu/count", fmt::format("a number from 1 to {} is expected", most_gpus));
  else
    cell.gpu_count = count.get<int>();
}

}  // namespace

std::string_view word(GpuKind kind)
{
  return std::find_if(gpu_words.begin(), gpu_words.end(),
                      [kind](const auto& pair) { return pair.first == kind; })
      ->second;
}

Result<GpuKind> gpu_kind(std::string_view word)
{
  for (const auto& [kind, name] : gpu_words)
    if (name == word) return kind;
  const auto near = base::nearest(word, {"none", "simulated", "real"});
  return base::error(base::ErrorKind::invalid, "--gpu takes none, simulated or real, not '{}'{}",
                     base::printable(word), near.empty() ? "" : "; did you mean '" + near + "'?");
}

std::vector<std::string> cell_names(const std::filesystem::path& matrix)
{
  std::vector<std::string> names;
  std::error_code code;
  for (const auto& entry : std::filesystem::directory_iterator(matrix, code))
    if (entry.path().extension() == ".yaml" &&
        !expectations_file.ends_with("/" + entry.path().filename().string()))
      names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

Result<Cell> load_cell(const std::filesystem::path& matrix, const std::string& name)
{
  const auto names = cell_names(matrix);
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    const auto near = base::nearest(name, names);
    return base::error_with_hint(
        base::ErrorKind::not_found,
        fmt::format("there is no cell '{}' in {}", base::printable(name), matrix.string()),
        near.empty() ? "cells are: " + base::join(names, ", ") : "did you mean '" + near + "'?");
  }
  const auto path = matrix / (name + ".yaml");
  TRY_ASSIGN(text, base::read_file(path, base::largest_yaml_bytes));
  TRY_ASSIGN(cell, parse_cell(text, path.string()));
  if (cell.name != name)
    return base::error(base::ErrorKind::invalid, "{}: the cell calls itself '{}'", path.string(),
                       cell.name);
  return cell;
}

Result<Cell> parse_cell(std::string_view text, const std::string& source)
{
  TRY_ASSIGN(document, base::parse_yaml(text, source));
  Reader reader(document);
  reader.keys("", {"name", "summary", "distro", "provider", "gpu", "pod_security", "access",
                   "os_release", "components", "images", "driver", "containerd", "files",
                   "manifests", "helm", "expectations"});
  Cell cell;
  cell.name = reader.text("/name");
  if (reader.outcome && !base::is_label(cell.name))
    reader.refuse("/name", "a cell's name is made of a-z, 0-9 and '-'");
  cell.summary = reader.text("/summary");
  cell.distro = reader.one_of("/distro", {"nixos", "talos", "ubuntu", "k3s", "k3s-docker", "kind"});
  cell.provider = reader.one_of("/provider", {"existing", "lab", "kind", "k3d", "k3s", "talosctl"});
  cell.pod_security = reader.one_of("/pod_security", {"privileged", "baseline", "restricted"});
  cell.access = reader.one_of("/access", {"plain", "cdi", "runtime-class", "nixos-mounts"});
  cell.os_release = reader.texts("/os_release");
  read_gpu(reader, cell);
  read_parts(reader, cell);
  cell.images = reader.list("/images");
  cell.manifests = reader.list("/manifests");
  TRY(reader.outcome);
  if (reader.has("/expectations")) {
    TRY_ASSIGN(expectations, read_expectations(document, "/expectations"));
    cell.expectations = std::move(expectations);
  }
  return cell;
}

Result<std::string> fill_in(std::string_view text, const std::map<std::string, std::string>& values)
{
  std::string filled;
  while (true) {
    const auto open = text.find('{');
    filled += text.substr(0, open);
    if (open == std::string_view::npos) return filled;
    text.remove_prefix(open);
    const auto close = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", 1);
    if (close == std::string_view::npos || text[close] != '}' || close == 1) {
      filled += '{';
      text.remove_prefix(1);
      continue;
    }
    const std::string key(text.substr(1, close - 1));
    const auto found = values.find(key);
    if (found == values.end())
      return base::error(base::ErrorKind::invalid, "nothing is known for the placeholder {{{}}}",
                         key);
    filled += found->second;
    text.remove_prefix(close + 1);
  }
}

}  // namespace coroner::cell
