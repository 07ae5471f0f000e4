// SPDX-License-Identifier: Apache-2.0
// Appending, locking and careful reading by system calls.
#include "harness/evidence/disk.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/files.h"

namespace coroner::evidence {
namespace {

using base::ErrorKind;
using base::Result;
namespace fs = std::filesystem;

constexpr mode_t file_mode = 0600;

/// Closes a descriptor at the end of a scope.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor()
  {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }

 private:
  int number_;
};

Result<void> write_all(int descriptor, std::string_view bytes, const fs::path& path)
{
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return tl::unexpected(base::file_error("write", path, errno));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

Result<AppendFile> AppendFile::open(const fs::path& path, bool is_new)
{
  const int flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW | (is_new ? O_CREAT | O_EXCL : 0);
  const int descriptor = ::open(path.c_str(), flags, file_mode);
  if (descriptor < 0 && errno == EEXIST)
    return base::error(ErrorKind::invalid, "{} exists already", path.string());
  if (descriptor < 0) return tl::unexpected(base::file_error("open", path, errno));
  AppendFile file(descriptor, path);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0)
    return base::error(ErrorKind::denied, "another writer has {} open", path.string());
  return file;
}

AppendFile::AppendFile(AppendFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_))
{}

AppendFile& AppendFile::operator=(AppendFile&& other) noexcept
{
  std::swap(descriptor_, other.descriptor_);
  std::swap(path_, other.path_);
  return *this;
}

AppendFile::~AppendFile()
{
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<void> AppendFile::append(std::string_view bytes)
{
  TRY(write_all(descriptor_, bytes, path_));
  if (::fdatasync(descriptor_) != 0) return tl::unexpected(base::file_error("flush", path_, errno));
  return {};
}

Result<void> AppendFile::cut(std::uint64_t size_bytes)
{
  if (::ftruncate(descriptor_, static_cast<off_t>(size_bytes)) != 0)
    return tl::unexpected(base::file_error("cut", path_, errno));
  return {};
}

Result<std::string> read_regular(const fs::path& path, std::size_t limit_bytes)
{
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file.is_open() && errno == ELOOP)
    return base::error(ErrorKind::invalid, "{} is a link", path.string());
  if (!file.is_open()) return tl::unexpected(base::file_error("open", path, errno));
  struct stat status = {};
  if (::fstat(file.number(), &status) != 0)
    return tl::unexpected(base::file_error("read", path, errno));
  if (!S_ISREG(status.st_mode))
    return base::error(ErrorKind::invalid, "{} is no regular file", path.string());
  std::string content;
  constexpr std::size_t piece_bytes = 64U << 10U;
  std::string piece(piece_bytes, '\0');
  while (true) {
    const ssize_t got = ::read(file.number(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return tl::unexpected(base::file_error("read", path, errno));
    if (got == 0) return content;
    content.append(piece, 0, static_cast<std::size_t>(got));
    if (content.size() > limit_bytes)
      return base::error(ErrorKind::invalid, "{} is larger than {} bytes", path.string(),
                         limit_bytes);
  }
}

Result<void> put_file(const fs::path& path, std::string_view content)
{
  TRY(base::make_directories(path.parent_path()));
  const fs::path aside = path.parent_path() / ".aside";
  {
    const Descriptor file(
        ::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, file_mode));
    if (!file.is_open()) return tl::unexpected(base::file_error("write", aside, errno));
    TRY(write_all(file.number(), content, path));
  }
  if (::rename(aside.c_str(), path.c_str()) != 0)
    return tl::unexpected(base::file_error("write", path, errno));
  return {};
}

Result<void> flush_below(const fs::path& folder)
{
  const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.is_open() || ::syncfs(directory.number()) != 0)
    return tl::unexpected(base::file_error("flush", folder, errno));
  return {};
}

Result<std::vector<std::string>> files_below(const fs::path& folder, std::size_t most)
{
  std::vector<std::string> paths;
  std::error_code problem;
  auto walk = fs::recursive_directory_iterator(folder, problem);
  for (; !problem && walk != fs::recursive_directory_iterator(); walk.increment(problem)) {
    std::error_code unknown;
    if (!fs::is_regular_file(walk->symlink_status(unknown)) || unknown) continue;
    paths.push_back(walk->path().lexically_relative(folder).generic_string());
    if (paths.size() > most)
      return base::error(ErrorKind::invalid, "{} holds more than {} files", folder.string(), most);
  }
  if (problem) return tl::unexpected(base::file_error("list", folder, problem.value()));
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace coroner::evidence
