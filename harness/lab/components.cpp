// SPDX-License-Identifier: Apache-2.0
// `go build` with a cache of its own in front: what is there starts without asking Go.
#include "harness/lab/components.h"

#include <algorithm>

#include <unistd.h>

#include "harness/base/command.h"
#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/base/yaml.h"
#include "harness/crypto/digest.h"

namespace coroner::lab {
namespace {

namespace fs = std::filesystem;
using base::Document;
using base::error;
using base::ErrorKind;
using base::Result;
using nlohmann::json;

std::vector<std::string> strings(const json& list)
{
  std::vector<std::string> all;
  if (!list.is_array()) return all;
  for (const auto& each : list)
    if (each.is_string()) all.push_back(each.get<std::string>());
  return all;
}

Result<Component> read_component(const Document& document, const std::string& name,
                                 const fs::path& modules)
{
  const auto at = "/components/" + name;
  TRY(base::check_keys(document, at,
                       {"module", "binaries", "links", "cgo", "tags", "link_flags",
                        "needs_packages", "version_command", "version_says"}));
  const auto& entry = document.value.at(json::json_pointer(at));
  Component component;
  component.name = name;
  TRY_ASSIGN(module, base::string_at(document, at + "/module"));
  component.module = module;
  std::error_code code;
  if (!fs::exists(modules / module / "go.mod", code))
    return document.error_at(at + "/module",
                             fmt::format("there is no module {}", (modules / module).string()));
  if (!entry.contains("binaries") || !entry["binaries"].is_object())
    return document.error_at(at, "'binaries' is missing: {file name: package}");
  for (const auto& [file, package] : entry["binaries"].items()) {
    if (!package.is_string())
      return document.error_at(at + "/binaries/" + file, "a package is expected");
    component.binaries[file] = package.get<std::string>();
  }
  const auto links = entry.value("links", json::object());
  for (const auto& [file, names] : links.items()) component.links[file] = strings(names);
  component.needs_cgo = entry.value("cgo", false);
  component.tags = strings(entry.value("tags", json::array()));
  component.link_flags = strings(entry.value("link_flags", json::array()));
  return component;
}

Result<void> check_go()
{
  const auto said = base::output_of({.arguments = {"go", "version"}},
                                    base::Deadline::in(std::chrono::seconds(20)));
  if (said) return {};
  return base::error_with_hint(ErrorKind::not_found,
                               "the Go toolchain does not answer: " + said.error().what,
                               "the lab builds Kubernetes and NVIDIA's parts from source: install "
                               "Go 1.24 or newer (README.md says where from)");
}

std::string tags_flag(const Component& component)
{
  return "-tags=" + base::join(component.tags, ",");
}

/// What `go build` is called with for one component, but for the output and the packages. Without
/// inlining (but in Go's own packages, where it counts) and without the debugging information that
/// "-s -w" would drop in the end, client-go compiles in 70 % of the time (Go 1.26); a cell boots as
/// fast (docs/lab.md). Of two patterns that match a package the last one holds.
std::vector<std::string> build_flags(const Component& component)
{
  std::vector<std::string> flags = {"-trimpath", "-mod=readonly", "-buildvcs=false",
                                    "-gcflags=all=-dwarf=false -l", "-gcflags=std=-dwarf=false"};
  if (!component.tags.empty()) flags.push_back(tags_flag(component));
  flags.push_back("-ldflags=-s -w " + base::join(component.link_flags, " "));
  return flags;
}

base::Command go_command(const Places& places, const Component& component, const char* verb,
                         const std::vector<std::string>& flags)
{
  base::Command command{.arguments = {"go", verb},
                        .environment = {{"CGO_ENABLED", component.needs_cgo ? "1" : "0"},
                                        {"GOFLAGS", ""},
                                        {"GOWORK", "off"},
                                        {"GOTOOLCHAIN", "local"}},
                        .directory = places.matrix / "lab" / "modules" / component.module};
  command.arguments.insert(command.arguments.end(), flags.begin(), flags.end());
  return command;
}

base::Error explain(const Component& component, const std::string& said)
{
  constexpr std::size_t lines_shown = 8;
  base::Error failure{ErrorKind::internal,
                      fmt::format("{} did not build", component.name),
                      {base::printable(base::last_lines(said, lines_shown))},
                      {}};
  const bool is_download = said.find("dial tcp") != std::string::npos ||
                           said.find("no such host") != std::string::npos ||
                           said.find("module lookup disabled") != std::string::npos ||
                           said.find("reading http") != std::string::npos ||
                           said.find("i/o timeout") != std::string::npos;
  if (is_download) {
    failure.kind = ErrorKind::unreachable;
    failure.hint =
        "a Go module could not be downloaded: check the network and `go env GOPROXY`, then run the "
        "same command again; what was built stays";
  }
  if (said.find("no space left") != std::string::npos)
    failure.hint =
        "the disk is full: free some space (a cell's parts need about 4 GiB while they build) and "
        "run again";
  return failure;
}

Result<void> build_into(const Places& places, const Component& component, const fs::path& folder,
                        const std::stop_token& stop)
{
  const auto log = folder / "build.log";
  auto command = go_command(places, component, "build", build_flags(component));
  command.log = log;
  command.arguments.insert(command.arguments.end(), {"-o", folder.string() + "/"});
  for (const auto& [file, package] : component.binaries) command.arguments.push_back(package);
  TRY_ASSIGN(ended, base::run(command, base::Deadline::in(std::chrono::minutes(30)), stop));
  if (ended.exit_code != 0) {
    constexpr std::size_t log_bytes = 64U << 10U;
    return tl::unexpected(explain(component, base::read_tail(log, log_bytes).value_or("")));
  }
  std::error_code code;
  for (const auto& [file, package] : component.binaries)
    if (!fs::exists(folder / file, code))
      return error(ErrorKind::invalid, "components.yaml: building {} of {} gave no file '{}'",
                   package, component.name, file);
  for (const auto& [file, names] : component.links)
    for (const auto& name : names)
      if (::symlink(file.c_str(), (folder / name).c_str()) != 0)
        return tl::unexpected(base::file_error("link", folder / name, errno));
  return {};
}

}  // namespace

Result<std::map<std::string, Component>> load_components(const fs::path& matrix)
{
  const auto path = matrix / "lab" / "components.yaml";
  TRY_ASSIGN(text, base::read_file(path, base::largest_yaml_bytes));
  TRY_ASSIGN(document, base::parse_yaml(text, path.string()));
  TRY(base::check_keys(document, "", {"components", "charts"}));
  if (!document.value.contains("components") || !document.value["components"].is_object())
    return document.error_at("", "'components' is missing");
  std::map<std::string, Component> all;
  for (const auto& [name, entry] : document.value["components"].items()) {
    TRY_ASSIGN(component, read_component(document, name, matrix / "lab" / "modules"));
    all.emplace(name, std::move(component));
  }
  return all;
}

Result<std::string> component_key(const Places& places, const Component& component)
{
  crypto::Sha256 hash;
  hash.update(component.needs_cgo ? "cgo" : "static");
  for (const auto& flag : build_flags(component)) hash.update("\n" + flag);
  for (const auto& [file, package] : component.binaries) hash.update("\n" + file + "=" + package);
  for (const auto& [file, names] : component.links)
    hash.update("\n" + file + ":" + base::join(names, " "));
  std::vector<fs::path> files;
  for (const auto& entry :
       fs::recursive_directory_iterator(places.matrix / "lab" / "modules" / component.module))
    if (entry.is_regular_file()) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    TRY_ASSIGN(digest, crypto::sha256_of_file(file));
    hash.update("\n" + file.filename().string() + " " + digest);
  }
  constexpr std::size_t digits = 12;
  return component.name + "-" + hash.hex().substr(0, digits);
}

Result<std::optional<fs::path>> cached_component(const Places& places, const Component& component)
{
  TRY_ASSIGN(key, component_key(places, component));
  const auto folder = places.components() / key;
  std::error_code code;
  return fs::exists(folder, code) ? std::optional(folder) : std::nullopt;
}

void fetch_modules(const Places& places, const Component& component, const std::stop_token& stop)
{
  auto command =
      go_command(places, component, "list", {"-deps", "-mod=readonly", tags_flag(component)});
  for (const auto& [file, package] : component.binaries) command.arguments.push_back(package);
  // As many modules are asked for at once, and most of that time is the network's.
  command.environment["GOMAXPROCS"] = "8";
  std::ignore = base::run(command, base::Deadline::in(std::chrono::minutes(30)), stop);
}

Result<fs::path> provide_component(const Places& places, const Component& component,
                                   const Progress& progress, const std::stop_token& stop)
{
  TRY_ASSIGN(key, component_key(places, component));
  const auto finished = places.components() / key;
  std::error_code code;
  if (fs::exists(finished, code)) return finished;
  TRY(check_go());
  TRY_ASSIGN(scratch, base::ScopedDirectory::make(places.components(), ".building-"));
  progress(fmt::format("building {} ...", component.name));
  const auto begin = std::chrono::steady_clock::now();
  TRY(build_into(places, component, scratch.path(), stop));
  fs::permissions(scratch.path(), fs::perms(0755), code);
  fs::rename(scratch.path(), finished, code);
  if (code && !fs::exists(finished))
    return tl::unexpected(base::file_error("finish", finished, code.value()));
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begin)
          .count();
  progress(fmt::format("built {} in {} s", component.name, seconds));
  return finished;
}

}  // namespace coroner::lab
