// SPDX-License-Identifier: Apache-2.0
// SHA-256 of text, streams and files, and random names.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "harness/base/result.h"

struct evp_md_ctx_st;

namespace coroner::crypto {

/// SHA-256 of what update() was given so far.
class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&&) noexcept = default;
  Sha256& operator=(Sha256&&) noexcept = default;

  void update(std::string_view bytes);

  /// 64 lower case hexadecimal digits; more may be added afterwards.
  std::string hex() const;

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

/// SHA-256 of `bytes`: 64 lower case hexadecimal digits.
std::string sha256_hex(std::string_view bytes);

/// SHA-256 of a file, read in pieces of fixed size: 64 lower case hexadecimal digits.
/// ErrorKind::not_found, denied, or invalid (a directory).
base::Result<std::string> sha256_of_file(const std::filesystem::path& path);

/// `bytes` of the system's randomness as twice as many lower case hexadecimal digits.
std::string random_hex(std::size_t bytes);

}  // namespace coroner::crypto
