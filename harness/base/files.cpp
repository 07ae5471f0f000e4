// SPDX-License-Identifier: Apache-2.0
// Files over plain system calls, so that every errno reaches the reader.
#include "harness/base/files.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/text.h"

namespace coroner::base {
namespace {

namespace fs = std::filesystem;

/// An open file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor()
  {
    if (number_ >= 0) ::close(number_);
  }
  int get() const { return number_; }

 private:
  int number_;
};

ErrorKind kind_of(int code)
{
  switch (code) {
    case ENOENT:
    case ENOTDIR:
      return ErrorKind::not_found;
    case EACCES:
    case EPERM:
    case EROFS:
      return ErrorKind::denied;
    case EINVAL:
    case EISDIR:
    case ENAMETOOLONG:
      return ErrorKind::invalid;
    default:
      return ErrorKind::internal;
  }
}

Result<std::string> read_up_to(int descriptor, std::size_t limit_bytes, const fs::path& path)
{
  constexpr std::size_t chunk_bytes = 64U << 10U;
  std::string content;
  while (content.size() <= limit_bytes) {
    const auto before = content.size();
    content.resize(before + chunk_bytes);
    const auto got = ::read(descriptor, content.data() + before, chunk_bytes);
    if (got < 0 && errno == EINTR) {
      content.resize(before);
      continue;
    }
    if (got < 0) return tl::unexpected(file_error("read", path, errno));
    content.resize(before + static_cast<std::size_t>(got));
    if (got == 0) break;
  }
  return content;
}

Result<void> write_all(int descriptor, std::string_view content, const fs::path& path)
{
  while (!content.empty()) {
    const auto put = ::write(descriptor, content.data(), content.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return tl::unexpected(file_error("write", path, errno));
    content.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

}  // namespace

Error file_error(std::string_view verb, const fs::path& path, int code)
{
  Error error{kind_of(code),
              fmt::format("cannot {} {}: {}", verb, printable(path.string()), std::strerror(code)),
              {},
              {}};
  if (code == ENOSPC) error.hint = "the disk is full: free some space and run again";
  return error;
}

Result<std::string> read_file(const fs::path& path, std::size_t limit_bytes)
{
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return tl::unexpected(file_error("open", path, errno));
  TRY_ASSIGN(content, read_up_to(file.get(), limit_bytes, path));
  if (content.size() > limit_bytes)
    return error(ErrorKind::invalid, "{} is larger than the {} bytes that are read", path.string(),
                 limit_bytes);
  return content;
}

Result<std::string> read_tail(const fs::path& path, std::size_t limit_bytes)
{
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return tl::unexpected(file_error("open", path, errno));
  struct stat status = {};
  if (::fstat(file.get(), &status) == 0 && static_cast<std::size_t>(status.st_size) > limit_bytes)
    ::lseek(file.get(), -static_cast<off_t>(limit_bytes), SEEK_END);
  TRY_ASSIGN(content, read_up_to(file.get(), limit_bytes, path));
  if (content.size() > limit_bytes) content.erase(0, content.size() - limit_bytes);
  return content;
}

Result<void> write_file(const fs::path& path, std::string_view content, unsigned mode)
{
  const fs::path aside = path.string() + ".partial-" + std::to_string(::getpid());
  {
    const Descriptor file(::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
    if (file.get() < 0) return tl::unexpected(file_error("write", path, errno));
    auto written = write_all(file.get(), content, path);
    if (written && ::fchmod(file.get(), mode) != 0)
      written = tl::unexpected(file_error("set the mode of", path, errno));
    if (written && ::fdatasync(file.get()) != 0 && errno != EINVAL)
      written = tl::unexpected(file_error("flush", path, errno));
    if (!written) {
      ::unlink(aside.c_str());
      return written;
    }
  }
  if (::rename(aside.c_str(), path.c_str()) == 0) return {};
  const int code = errno;
  ::unlink(aside.c_str());
  return tl::unexpected(file_error("rename into place", path, code));
}

Result<void> write_in_place(const fs::path& path, std::string_view content)
{
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (file.get() < 0) return tl::unexpected(file_error("open", path, errno));
  return write_all(file.get(), content, path);
}

Result<void> make_directories(const fs::path& path)
{
  std::error_code code;
  fs::create_directories(path, code);
  if (code) return tl::unexpected(file_error("create", path, code.value()));
  return {};
}

namespace {

/// Removes `path` and what is below it on the same device; the first failure is kept.
void remove_below(const fs::path& path, dev_t device, Result<void>& outcome)
{
  struct stat status = {};
  if (::lstat(path.c_str(), &status) != 0) return;
  if (status.st_dev != device) {
    if (outcome) outcome = error(ErrorKind::internal, "{} is still mounted", path.string());
    return;
  }
  if (!S_ISDIR(status.st_mode)) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT && outcome)
      outcome = tl::unexpected(file_error("remove", path, errno));
    return;
  }
  std::error_code code;
  std::vector<fs::path> inside;
  for (fs::directory_iterator it(path, code), end; !code && it != end; it.increment(code))
    inside.push_back(it->path());
  for (const auto& entry : inside) remove_below(entry, device, outcome);
  if (::rmdir(path.c_str()) != 0 && errno != ENOENT && outcome)
    outcome = tl::unexpected(file_error("remove", path, errno));
}

}  // namespace

Result<void> remove_tree(const fs::path& path)
{
  struct stat status = {};
  if (::lstat(path.c_str(), &status) != 0) return {};
  Result<void> outcome;
  remove_below(path, status.st_dev, outcome);
  return outcome;
}

Result<void> copy_file(const fs::path& from, const fs::path& to)
{
  std::error_code code;
  fs::copy_file(from, to, fs::copy_options::overwrite_existing, code);
  if (code)
    return tl::unexpected(file_error(fmt::format("copy {} to", from.string()), to, code.value()));
  return {};
}

fs::path cache_directory()
{
  if (const char* own = std::getenv("CORONER_CACHE"); own != nullptr && *own != '\0') return own;
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache == '/')
    return fs::path(cache) / "coroner";
  if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/')
    return fs::path(home) / ".cache" / "coroner";
  const passwd* entry = ::getpwuid(::getuid());
  return fs::path(entry != nullptr ? entry->pw_dir : "/tmp") / ".cache" / "coroner";
}

Result<ScopedDirectory> ScopedDirectory::make(const fs::path& parent, std::string_view prefix)
{
  TRY(make_directories(parent));
  std::string pattern = (parent / prefix).string() + "XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr)
    return tl::unexpected(file_error("create a folder in", parent, errno));
  return ScopedDirectory(pattern);
}

ScopedDirectory& ScopedDirectory::operator=(ScopedDirectory&& other) noexcept
{
  std::swap(path_, other.path_);
  return *this;
}

ScopedDirectory::~ScopedDirectory()
{
  if (!path_.empty()) (void)remove_tree(path_);
}

}  // namespace coroner::base
