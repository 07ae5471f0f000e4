// SPDX-License-Identifier: Apache-2.0
// Reading files that hold secrets, with care for links, pipes and who else can read them.
#pragma once

#include <filesystem>
#include <string>

#include "harness/base/result.h"

namespace coroner::kube {

/// Bound of one secret file: certificates, keys, tokens.
inline constexpr std::size_t largest_secret_bytes = 1U << 20U;

struct SecretFile {
  std::string content;
  std::string warning;  ///< One sentence when others than the owner can read it; else "".
};

/// The whole file. Only regular files are read; a link is followed only when it belongs to this
/// user or to root (mounted tokens are links). ErrorKind::not_found, denied or invalid.
base::Result<SecretFile> read_secret(const std::filesystem::path& path);

}  // namespace coroner::kube
