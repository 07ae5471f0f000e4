// SPDX-License-Identifier: Apache-2.0
// Secrets from files, over plain system calls.
#include "harness/kube/secret_file.h"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/files.h"
#include "harness/base/text.h"

namespace coroner::kube {
namespace {

using base::ErrorKind;

struct Closing {
  int descriptor;
  ~Closing()
  {
    if (descriptor >= 0) ::close(descriptor);
  }
};

base::Result<std::string> read_open(int descriptor, const std::filesystem::path& path)
{
  constexpr std::size_t chunk_bytes = 16U << 10U;
  std::array<char, chunk_bytes> chunk = {};
  std::string content;
  while (true) {
    const auto got = ::read(descriptor, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return tl::unexpected(base::file_error("read", path, errno));
    if (got == 0) return content;
    content.append(chunk.data(), static_cast<std::size_t>(got));
    if (content.size() > largest_secret_bytes)
      return base::error(ErrorKind::invalid, "{} is larger than the {} bytes of a credential",
                         base::printable(path.string()), largest_secret_bytes);
  }
}

}  // namespace

base::Result<SecretFile> read_secret(const std::filesystem::path& path)
{
  const auto shown = base::printable(path.string());
  struct stat link = {};
  if (::lstat(path.c_str(), &link) != 0)
    return tl::unexpected(base::file_error("open", path, errno));
  if (S_ISLNK(link.st_mode) && link.st_uid != ::geteuid() && link.st_uid != 0)
    return base::error(ErrorKind::denied, "{} is a link that belongs to another user", shown);
  // O_NONBLOCK: a pipe in the place of a file must not hang the open.
  const int follow = S_ISLNK(link.st_mode) ? 0 : O_NOFOLLOW;
  const Closing file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | follow)};
  if (file.descriptor < 0) return tl::unexpected(base::file_error("open", path, errno));
  struct stat status = {};
  if (::fstat(file.descriptor, &status) != 0)
    return tl::unexpected(base::file_error("open", path, errno));
  if (!S_ISREG(status.st_mode))
    return base::error(ErrorKind::invalid, "{} is no regular file", shown);
  TRY_ASSIGN(content, read_open(file.descriptor, path));
  constexpr unsigned others_bits = S_IRWXG | S_IRWXO;
  SecretFile secret{std::move(content), {}};
  if ((status.st_mode & others_bits) != 0)
    secret.warning = fmt::format("others can reach the secrets in {} (mode {:o}): chmod 600 {}",
                                 shown, status.st_mode & 07777U, shown);
  return secret;
}

}  // namespace coroner::kube
