// SPDX-License-Identifier: Apache-2.0
// Looks in PATH first, since that is what a person's `nvidia-smi` would be.
#include "payload/smi.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include <unistd.h>

#include "payload/child.h"
#include "payload/text.h"

namespace coroner::payload {
namespace {

constexpr std::string_view program_name = "nvidia-smi";
constexpr std::array<std::string_view, 9> folders = {
    "/usr/bin",
    "/bin",
    "/run/current-system/sw/bin",  // NixOS
    "/run/opengl-driver/bin",      // NixOS
    "/usr/local/bin",              // Talos
    "/usr/local/nvidia/bin",       // GKE, and pods of the GPU Operator
    "/opt/nvidia/bin",
    "/usr/local/glibc/usr/bin",  // Talos
    "/usr/lib/wsl/lib",
};
constexpr std::string_view driver_library = "/run/opengl-driver/lib/libnvidia-ml.so.1";
constexpr std::string_view store = "/nix/store";
constexpr std::size_t max_store_hits = 8;

// The program may end a second before the whole payload must, so that its output is still told.
constexpr unsigned reserve_s = 1;

void add_folder(std::vector<std::string>& places, std::string_view folder)
{
  if (folder.empty() || folder.front() != '/') return;
  std::string path = std::string(folder) + "/" + std::string(program_name);
  if (std::find(places.begin(), places.end(), path) == places.end()) places.push_back(path);
}

// nixpkgs puts the program into an output of its own, nvidia-x11-<version>-bin, whose hash the
// library's path does not tell.
void add_store(std::vector<std::string>& places, const Root& root)
{
  std::size_t hits = 0;
  for (const std::string& name : names_in(root.path(store), max_store_entries)) {
    if (!contains(name, "-nvidia-x11-") || hits == max_store_hits) continue;
    const std::string folder = std::string(store) + "/" + name + "/bin";
    if (!exists(root.path(folder))) continue;
    add_folder(places, folder);
    ++hits;
  }
}

JsonObject describe(const ChildResult& child)
{
  return JsonObject()
      .number("exit_code", child.exit_code)
      .decimal("seconds", child.seconds)
      .text("output", child.output, max_program_output_bytes)
      .text("error_output", child.error_output, max_program_output_bytes)
      .flag("is_cut", child.is_cut);
}

int run(Worker& worker, const std::string& path, const JsonList& tried)
{
  worker.step(path);
  const unsigned timeout_s = worker.options().timeout_s;
  const Deadline deadline{std::chrono::milliseconds(
      timeout_s > reserve_s ? (timeout_s - reserve_s) * 1000 : timeout_s * 500)};
  const ChildResult child = run_program({path}, deadline, max_program_output_bytes);
  const bool is_ok = child.error == 0 && !child.has_timed_out && child.exit_code == 0;
  JsonObject line = worker.line(is_ok);
  if (child.error != 0) {
    line.text("error", "not_started").text("problem", error_name(child.error));
  } else if (child.has_timed_out) {
    line.text("error", "timed_out").text("step", path);
  } else if (!is_ok) {
    line.text("error", "exit_code");
  }
  line.text("path", path).merge(describe(child)).list("tried", tried);
  worker.emit(line);
  return is_ok ? exit_ok : exit_failed;
}

}  // namespace

std::vector<std::string> smi_places(const Root& root, std::string_view search_path)
{
  std::vector<std::string> places;
  for (const std::string_view folder : split(search_path, ':')) add_folder(places, folder);
  for (const std::string_view folder : folders) add_folder(places, folder);
  const std::string library = real_path(root.path(driver_library));
  if (!library.empty()) add_folder(places, directory_name(directory_name(library)) + "/bin");
  add_store(places, root);
  return places;
}

int smi(Worker& worker)
{
  worker.step("looking for nvidia-smi");
  const char* search_path = std::getenv("PATH");
  JsonList tried(max_links_bytes);
  for (const std::string& path : smi_places({}, search_path == nullptr ? "" : search_path)) {
    tried.add_text(path);
    if (access(path.c_str(), X_OK) == 0) return run(worker, path, tried);
  }
  worker.emit(worker.line(false).text("error", "not_found").list("tried", tried));
  return exit_failed;
}

}  // namespace coroner::payload
