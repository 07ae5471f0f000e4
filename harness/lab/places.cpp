// SPDX-License-Identifier: Apache-2.0
// Finds the project's matrix/ folder from wherever the program was started.
#include "harness/lab/places.h"

#include <cstdlib>

#include "harness/base/files.h"
#include "harness/crypto/digest.h"

namespace coroner::lab {
namespace {

namespace fs = std::filesystem;

fs::path ancestor_with_matrix(fs::path from)
{
  std::error_code code;
  for (; from != from.parent_path(); from = from.parent_path())
    if (fs::exists(from / "matrix" / "lab" / "components.yaml", code)) return from;
  return {};
}

}  // namespace

std::string Places::cgroup(const std::string& name) const
{
  constexpr std::size_t digits = 4;
  return "coroner-" + name + "-" + crypto::sha256_hex(cache.string()).substr(0, digits);
}

base::Result<Places> find_places()
{
  std::error_code code;
  fs::path home;
  if (const char* named = std::getenv("CORONER_HOME"); named != nullptr)
    home = ancestor_with_matrix(fs::path(named) / ".");
  if (home.empty()) home = ancestor_with_matrix(fs::read_symlink("/proc/self/exe", code));
  if (home.empty()) home = ancestor_with_matrix(fs::current_path(code) / ".");
  if (home.empty())
    return base::error_with_hint(
        base::ErrorKind::not_found,
        "the folder matrix/ of the project is nowhere above this program or folder",
        "run from a checkout, or set CORONER_HOME to one");
  const auto program = fs::read_symlink("/proc/self/exe", code);
  return Places{home / "matrix", base::cache_directory() / "lab", program.parent_path(),
                program.parent_path().parent_path() / "driver"};
}

}  // namespace coroner::lab
