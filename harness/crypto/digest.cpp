// SPDX-License-Identifier: Apache-2.0
// SHA-256 over OpenSSL's EVP interface.
#include "harness/crypto/digest.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <vector>

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <unistd.h>

#include "harness/base/files.h"

namespace coroner::crypto {
namespace {

/// Bytes of a file that are in memory at once.
constexpr std::size_t chunk_bytes = 256U << 10U;

/// OpenSSL refuses these calls only when memory or the library itself is broken, where no digest
/// can be right and none may be made up.
void must(int outcome)
{
  if (outcome != 1) std::abort();
}

std::string hex_of(const unsigned char* bytes, std::size_t count)
{
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * count);
  for (std::size_t i = 0; i < count; ++i) {
    text += digits[bytes[i] >> 4U];
    text += digits[bytes[i] & 0xFU];
  }
  return text;
}

}  // namespace

void Sha256::Free::operator()(evp_md_ctx_st* context) const
{
  EVP_MD_CTX_free(context);
}

Sha256::Sha256() : context_(EVP_MD_CTX_new())
{
  must(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr));
}

void Sha256::update(std::string_view bytes)
{
  must(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()));
}

std::string Sha256::hex() const
{
  const std::unique_ptr<evp_md_ctx_st, Free> copy(EVP_MD_CTX_new());
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest = {};
  unsigned size = 0;
  must(EVP_MD_CTX_copy_ex(copy.get(), context_.get()));
  must(EVP_DigestFinal_ex(copy.get(), digest.data(), &size));
  return hex_of(digest.data(), size);
}

std::string sha256_hex(std::string_view bytes)
{
  Sha256 digest;
  digest.update(bytes);
  return digest.hex();
}

base::Result<std::string> sha256_of_file(const std::filesystem::path& path)
{
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return tl::unexpected(base::file_error("open", path, errno));
  Sha256 digest;
  std::vector<char> chunk(chunk_bytes);
  ssize_t got = 0;
  int code = 0;
  do {
    got = ::read(file, chunk.data(), chunk.size());
    code = errno;
    if (got > 0) digest.update({chunk.data(), static_cast<std::size_t>(got)});
  } while (got > 0 || (got < 0 && code == EINTR));
  ::close(file);
  if (got < 0) return tl::unexpected(base::file_error("read", path, code));
  return digest.hex();
}

std::string random_hex(std::size_t bytes)
{
  std::vector<unsigned char> random(bytes);
  must(RAND_bytes(random.data(), static_cast<int>(random.size())));
  return hex_of(random.data(), random.size());
}

}  // namespace coroner::crypto
