// SPDX-License-Identifier: Apache-2.0
// The writing half of libarchive.
#include "harness/archive/writer.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <memory>

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/archive/path.h"
#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/crypto/digest.h"

namespace coroner::archive {
namespace {

using base::error;
using base::ErrorKind;
using base::Result;
namespace fs = std::filesystem;

/// Bytes of a file that are in memory at once.
constexpr std::size_t chunk_bytes = 256U << 10U;
constexpr int block_bytes = 64 << 10;

struct FreeArchive {
  void operator()(::archive* owned) const { archive_write_free(owned); }
};
struct FreeEntry {
  void operator()(archive_entry* owned) const { archive_entry_free(owned); }
};

/// A file descriptor that closes itself.
struct Descriptor {
  explicit Descriptor(int opened) : number(opened) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor()
  {
    if (number >= 0) ::close(number);
  }
  int number;
};

/// Where the bytes go: into the file and into the digest.
struct Sink {
  int descriptor = -1;
  crypto::Sha256 digest;
  std::uint64_t size_bytes = 0;
};

la_ssize_t put(::archive* archive, void* context, const void* bytes, std::size_t count)
{
  auto* sink = static_cast<Sink*>(context);
  const auto* from = static_cast<const char*>(bytes);
  const auto written = ::write(sink->descriptor, from, count);
  if (written < 0) {
    if (errno == EINTR) return 0;
    archive_set_error(archive, errno, "%s", std::strerror(errno));
    return -1;
  }
  sink->digest.update({from, static_cast<std::size_t>(written)});
  sink->size_bytes += static_cast<std::uint64_t>(written);
  return written;
}

tl::unexpected<base::Error> failure(::archive* archive, const std::string& what)
{
  const char* reason = archive_error_string(archive);
  return error(ErrorKind::internal, "cannot write {}: {}", base::printable(what),
               reason != nullptr ? base::printable(reason) : "no reason given");
}

/// ARCHIVE_WARN says that a name is not text in the process's locale; it is written as bytes.
bool went_well(int outcome)
{
  return outcome == ARCHIVE_OK || outcome == ARCHIVE_WARN;
}

Result<void> choose_format(::archive* archive, Filter filter)
{
  int outcome = archive_write_set_format_pax_restricted(archive);
  // Names that are not ASCII would else be converted from the locale, which is not ours to know.
  if (went_well(outcome))
    outcome = archive_write_set_format_option(archive, "pax", "hdrcharset", "BINARY");
  if (went_well(outcome) && filter == Filter::gzip) {
    outcome = archive_write_add_filter_gzip(archive);
    if (went_well(outcome))
      outcome = archive_write_set_filter_option(archive, "gzip", "timestamp", nullptr);
  }
  if (went_well(outcome) && filter == Filter::zstd)
    outcome = archive_write_add_filter_zstd(archive);
  if (!went_well(outcome)) return failure(archive, "this kind of archive");
  archive_write_set_bytes_per_block(archive, block_bytes);
  archive_write_set_bytes_in_last_block(archive, 1);
  return {};
}

/// Copies exactly `size_bytes` of `file` into the entry that was begun last.
Result<void> copy(::archive* archive, int file, std::uint64_t size_bytes, const fs::path& path)
{
  std::vector<char> chunk(chunk_bytes);
  while (size_bytes > 0) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(chunk_bytes, size_bytes));
    const auto got = ::read(file, chunk.data(), wanted);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return tl::unexpected(base::file_error("read", path, errno));
    if (got == 0)
      return error(ErrorKind::invalid, "{} became shorter while it was read", path.string());
    if (archive_write_data(archive, chunk.data(), static_cast<std::size_t>(got)) != got)
      return failure(archive, path.string());
    size_bytes -= static_cast<std::uint64_t>(got);
  }
  return {};
}

/// Writes one entry; `visit` meets its kind.
class Putter {
 public:
  Putter(::archive* archive, const Entry& entry)
      : archive_(archive), entry_(entry), header_(archive_entry_new())
  {
    archive_entry_set_pathname(header_.get(), entry.path.c_str());
    archive_entry_set_perm(header_.get(), static_cast<mode_t>(entry.mode & 07777U));
    archive_entry_set_mtime(header_.get(), 0, 0);
    archive_entry_set_uid(header_.get(), 0);
    archive_entry_set_gid(header_.get(), 0);
  }

  Result<void> operator()(const Directory&) const
  {
    // A final '/' is how tar before ustar told folders; containerd and GNU tar write it too.
    archive_entry_set_pathname(header_.get(), (entry_.path + "/").c_str());
    return begin(AE_IFDIR, 0);
  }

  Result<void> operator()(const Link& link) const
  {
    archive_entry_set_symlink(header_.get(), link.target.c_str());
    return begin(AE_IFLNK, 0);
  }

  Result<void> operator()(const Bytes& bytes) const
  {
    const auto& content = bytes.content;
    TRY(begin(AE_IFREG, content.size()));
    if (!content.empty() && archive_write_data(archive_, content.data(), content.size()) !=
                                static_cast<la_ssize_t>(content.size()))
      return failure(archive_, entry_.path);
    return {};
  }

  Result<void> operator()(const DiskFile& disk) const
  {
    // Without O_NONBLOCK a pipe in the place of a file would be waited for.
    const Descriptor file(::open(disk.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file.number < 0) return tl::unexpected(base::file_error("open", disk.path, errno));
    struct stat status = {};
    if (::fstat(file.number, &status) != 0)
      return tl::unexpected(base::file_error("read", disk.path, errno));
    if (!S_ISREG(status.st_mode))
      return error(ErrorKind::invalid, "{} is no regular file",
                   base::printable(disk.path.string()));
    const auto size_bytes = static_cast<std::uint64_t>(status.st_size);
    TRY(begin(AE_IFREG, size_bytes));
    return copy(archive_, file.number, size_bytes, disk.path);
  }

 private:
  Result<void> begin(unsigned type, std::uint64_t size_bytes) const
  {
    archive_entry_set_filetype(header_.get(), type);
    archive_entry_set_size(header_.get(), static_cast<la_int64_t>(size_bytes));
    if (!went_well(archive_write_header(archive_, header_.get())))
      return failure(archive_, entry_.path);
    return {};
  }

  ::archive* archive_;
  const Entry& entry_;
  std::unique_ptr<archive_entry, FreeEntry> header_;
};

/// Paths made normal and sorted; refuses what a reader would have to guess about.
Result<void> put_in_order(std::vector<Entry>& entries)
{
  for (auto& entry : entries) {
    TRY_ASSIGN(path, normal_path(entry.path));
    if (path.empty()) return error(ErrorKind::invalid, "the root folder cannot be an entry");
    entry.path = std::move(path);
  }
  std::sort(entries.begin(), entries.end(),
            [](const Entry& left, const Entry& right) { return left.path < right.path; });
  std::map<std::string_view, bool> is_folder;
  for (const auto& entry : entries) {
    if (!is_folder.emplace(entry.path, std::holds_alternative<Directory>(entry.content)).second)
      return error(ErrorKind::invalid, "the entry '{}' is there twice",
                   base::printable(entry.path));
    const std::string_view path = entry.path;
    for (auto at = path.find('/'); at != path.npos; at = path.find('/', at + 1)) {
      const auto above = is_folder.find(path.substr(0, at));
      if (above != is_folder.end() && !above->second)
        return error(ErrorKind::invalid, "the entry '{}' lies below '{}', which is no folder",
                     base::printable(path), base::printable(above->first));
    }
  }
  return {};
}

Result<Written> write_to(int descriptor, const std::vector<Entry>& entries, Filter filter,
                         const fs::path& file)
{
  Sink sink;
  sink.descriptor = descriptor;
  const std::unique_ptr<::archive, FreeArchive> archive(archive_write_new());
  TRY(choose_format(archive.get(), filter));
  if (archive_write_open(archive.get(), &sink, nullptr, put, nullptr) != ARCHIVE_OK)
    return failure(archive.get(), file.string());
  for (const auto& entry : entries) TRY(std::visit(Putter(archive.get(), entry), entry.content));
  if (archive_write_close(archive.get()) != ARCHIVE_OK)
    return failure(archive.get(), file.string());
  return Written{sink.digest.hex(), sink.size_bytes};
}

}  // namespace

Result<Written> write_archive(std::vector<Entry> entries, const fs::path& file, Filter filter)
{
  constexpr unsigned mode = 0644;
  TRY(put_in_order(entries));
  const fs::path aside = file.string() + ".partial-" + crypto::random_hex(4);
  Result<Written> written;
  {
    const Descriptor output(
        ::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
    if (output.number < 0) return tl::unexpected(base::file_error("write", file, errno));
    written = write_to(output.number, entries, filter, file);
  }
  if (written && ::rename(aside.c_str(), file.c_str()) != 0)
    written = tl::unexpected(base::file_error("rename into place", file, errno));
  if (!written) ::unlink(aside.c_str());
  return written;
}

}  // namespace coroner::archive
