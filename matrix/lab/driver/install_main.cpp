// SPDX-License-Identifier: Apache-2.0
// Installs a simulated driver by hand: PROFILE.yaml COUNT|- ARTIFACTS LIBRARIES BINARIES.
#include <charconv>
#include <cstdio>
#include <cstring>
#include <string>

#include "harness/base/files.h"
#include "matrix/lab/driver/profile_yaml.h"

namespace {

namespace base = coroner::base;
namespace driver = coroner::driver;

base::Result<void> install(char** arguments)
{
  TRY_ASSIGN(text, base::read_file(arguments[1]));
  TRY_ASSIGN(profile, driver::read_profile(text, arguments[1]));
  if (std::strcmp(arguments[2], "-") != 0) {
    std::size_t count = 0;
    std::from_chars(arguments[2], arguments[2] + std::strlen(arguments[2]), count);
    TRY_ASSIGN(copies, driver::with_copies(profile, count));
    profile = copies;
  }
  TRY_ASSIGN(files, driver::install(profile, {arguments[3], arguments[4], arguments[5]}));
  for (const auto& file : files) std::printf("%s\n", file.c_str());
  return {};
}

}  // namespace

int main(int count, char** arguments)
{
  if (count != 6) {
    std::fputs("usage: driver_install PROFILE.yaml COUNT|- ARTIFACTS LIBRARIES BINARIES\n", stderr);
    return 2;
  }
  const auto done = install(arguments);
  if (!done) std::fprintf(stderr, "%s\n", done.error().text().c_str());
  return done ? 0 : 1;
}
