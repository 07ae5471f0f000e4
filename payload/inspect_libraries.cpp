// SPDX-License-Identifier: Apache-2.0
// The driver's libraries: what the loader finds, what lies about, and which links lead nowhere.
#include <array>
#include <cstdlib>

#include <sys/stat.h>

#include "payload/inspect.h"
#include "payload/library.h"

namespace coroner::payload {
namespace {

// Without the last one libcuda gives CUDA_ERROR_JIT_COMPILER_NOT_FOUND for PTX.
constexpr std::array<const char*, 3> library_names = {"libnvidia-ml.so.1", "libcuda.so.1",
                                                      "libnvidia-ptxjitcompiler.so.1"};

struct LibraryFolder {
  std::string_view path;
  bool is_the_drivers_own;  // any dangling link in it counts, not only those of the driver
};
constexpr std::array library_folders = {
    LibraryFolder{"/run/opengl-driver/lib", true},   // NixOS
    LibraryFolder{"/usr/local/nvidia/lib64", true},  // GKE and others
    LibraryFolder{"/usr/local/nvidia/lib", true},
    LibraryFolder{"/usr/local/glibc/usr/lib", false},   // Talos
    LibraryFolder{"/usr/lib/x86_64-linux-gnu", false},  // Debian, Ubuntu
    LibraryFolder{"/usr/lib/aarch64-linux-gnu", false},
    LibraryFolder{"/usr/lib/aarch64-linux-gnu/nvidia", true},  // Jetson
    LibraryFolder{"/usr/lib64", false},                        // Fedora and its like
    LibraryFolder{"/usr/lib", false},                          // Arch
    LibraryFolder{"/usr/lib/wsl/lib", true},
};

bool is_driver_library(std::string_view name)
{
  return name.starts_with("libnvidia") || name.starts_with("libcuda");
}

bool is_link(const std::string& path)
{
  struct stat status {};
  return lstat(path.c_str(), &status) == 0 && S_ISLNK(status.st_mode);
}

JsonObject resolved(const char* name)
{
  JsonObject result;
  Library library(name);
  result.text("name", name).flag("ok", library.is_open());
  if (!library.is_open()) return result.text("problem", library.problem());
  const std::string path = library.path();
  const std::string real = real_path(path);
  return result.text("path", path)
      .text("real_path", real)
      .text("version", version_suffix(real.empty() ? path : real));
}

class Folders {
 public:
  explicit Folders(const Root& root) : root_(root)
  {
    // The way into the first folder is itself a link on NixOS, into a store that must be mounted.
    look_at("/run/opengl-driver", true);
    for (const LibraryFolder& folder : library_folders) look_into(folder);
  }

  void write(JsonObject& object) const
  {
    object.list("on_disk", on_disk_).list("dangling_links", dangling_);
  }

 private:
  void look_into(const LibraryFolder& folder)
  {
    if (is_link(root_.path(folder.path))) look_at(folder.path, true);
    for (const std::string& name : names_in(root_.path(folder.path))) {
      const std::string path = std::string(folder.path) + "/" + name;
      look_at(path, folder.is_the_drivers_own || is_driver_library(name));
      for (const std::string_view wanted : library_names) {
        if (name == wanted && exists(root_.path(path))) on_disk_.add_text(path);
      }
    }
  }

  void look_at(std::string_view shown, bool is_wanted)
  {
    const std::string path = root_.path(shown);
    if (!is_wanted || !is_link(path) || exists(path)) return;
    dangling_.add(JsonObject().text("path", shown).text("target", link_target(path)));
  }

  const Root& root_;
  JsonList on_disk_{max_short_list_bytes};
  JsonList dangling_{max_links_bytes};
};

}  // namespace

JsonObject inspect_libraries(const Root& root, Worker& worker)
{
  JsonObject libraries;
  JsonList results(max_libraries_bytes);
  for (const char* name : library_names) {
    worker.step(std::string("dlopen ") + name);
    results.add(resolved(name));
  }
  worker.step("libraries on disk");
  libraries.list("resolved", results);
  Folders(root).write(libraries);
  libraries.flag("has_loader_cache", exists(root.path("/etc/ld.so.cache")));
  const char* library_path = std::getenv("LD_LIBRARY_PATH");
  return library_path == nullptr ? libraries.nothing("library_path")
                                 : libraries.text("library_path", library_path);
}

}  // namespace coroner::payload
