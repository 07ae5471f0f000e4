// SPDX-License-Identifier: Apache-2.0
// The reading half of libarchive, with a bound on each thing that an archive can blow up.
#include "harness/archive/reader.h"

#include <array>
#include <cerrno>
#include <set>

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/archive/path.h"
#include "harness/base/files.h"
#include "harness/base/text.h"

namespace coroner::archive {
namespace {

using base::error;
using base::ErrorKind;
using base::Result;

constexpr std::size_t chunk_bytes = 64U << 10U;

struct FreeArchive {
  void operator()(::archive* owned) const { archive_read_free(owned); }
};

std::string_view kind_of(unsigned type)
{
  switch (type) {
    case AE_IFLNK:
      return "a symbolic link";
    case AE_IFCHR:
    case AE_IFBLK:
      return "a device";
    case AE_IFIFO:
      return "a pipe";
    case AE_IFSOCK:
      return "a socket";
    default:
      return "of an unknown kind";
  }
}

/// The name in the archive: as bytes where the locale can say them, else as UTF-8.
std::string_view name_of(archive_entry* entry)
{
  if (const char* name = archive_entry_pathname(entry); name != nullptr) return name;
  if (const char* name = archive_entry_pathname_utf8(entry); name != nullptr) return name;
  return {};
}

}  // namespace

struct Reader::State {
  State(std::string shown_name, const Bounds& limits) : name(std::move(shown_name)), bounds(limits)
  {}

  Result<std::optional<Item>> next();
  Result<std::string> content();
  Result<Item> judge(archive_entry* entry);
  Result<void> check_volume(std::uint64_t more_bytes);
  Result<void> drain(std::string* kept);
  tl::unexpected<base::Error> damaged();

  template <class... Arguments>
  tl::unexpected<base::Error> refuse(fmt::format_string<Arguments...> format,
                                     Arguments&&... arguments)
  {
    has_failed = true;
    return error(ErrorKind::invalid, "{}: {}", base::printable(name),
                 fmt::format(format, std::forward<Arguments>(arguments)...));
  }

  std::unique_ptr<::archive, FreeArchive> archive{archive_read_new()};
  std::string name;
  Bounds bounds;
  std::uint64_t archive_bytes = 0;
  std::uint64_t total_bytes = 0;
  std::size_t entries = 0;
  std::set<std::string> seen;
  Item current;
  bool is_open = false;  ///< Whether content of `current` may be left.
  bool has_failed = false;
};

tl::unexpected<base::Error> Reader::State::damaged()
{
  const char* reason = archive_error_string(archive.get());
  return refuse("it is damaged or no tar, tar.gz or tar.zst: {}",
                base::printable(reason != nullptr ? reason : "no reason given"));
}

/// Holds `more_bytes` and what came before against the bounds of the whole archive. What the
/// filters gave counts too, or headers without content could be packed without end.
Result<void> Reader::State::check_volume(std::uint64_t more_bytes)
{
  const auto filtered = archive_filter_bytes(archive.get(), 0);
  const auto unpacked = std::max(total_bytes + more_bytes,
                                 static_cast<std::uint64_t>(std::max<la_int64_t>(0, filtered)));
  if (unpacked > bounds.largest_total_bytes)
    return refuse("it holds more than {} bytes", bounds.largest_total_bytes);
  if (unpacked > ratio_free_bytes && unpacked / bounds.largest_ratio > archive_bytes)
    return refuse("it unpacks to more than {} times its size", bounds.largest_ratio);
  return {};
}

Result<Item> Reader::State::judge(archive_entry* entry)
{
  TRY(check_volume(0));
  if (++entries > bounds.most_entries)
    return refuse("it has more than {} entries", bounds.most_entries);
  auto path = normal_path(name_of(entry));
  if (!path) return refuse("{}", path.error().what);
  const auto shown = base::printable(*path);
  if (archive_entry_hardlink(entry) != nullptr || archive_entry_hardlink_utf8(entry) != nullptr)
    return refuse("the entry '{}' is a hard link", shown);
  const auto type = archive_entry_filetype(entry);
  if (type != AE_IFREG && type != AE_IFDIR)
    return refuse("the entry '{}' is {}", shown, kind_of(type));
  Item item{std::move(*path), 0, type == AE_IFDIR};
  const auto size = archive_entry_size(entry);
  if (size < 0) return refuse("the entry '{}' has a negative size", shown);
  if (!item.is_directory) item.size_bytes = static_cast<std::uint64_t>(size);
  if (item.size_bytes > bounds.largest_entry_bytes)
    return refuse("the entry '{}' is larger than {} bytes", shown, bounds.largest_entry_bytes);
  TRY(check_volume(item.size_bytes));
  if (item.path.empty() && !item.is_directory) return refuse("a file has no name");
  if (!item.path.empty() && !seen.insert(item.path).second)
    return refuse("the entry '{}' is there twice", shown);
  return item;
}

/// Reads what is left of the current item, counts it, and keeps it if asked to.
Result<void> Reader::State::drain(std::string* kept)
{
  is_open = false;
  std::array<char, chunk_bytes> chunk;
  std::uint64_t entry_bytes = 0;
  while (true) {
    const auto got = archive_read_data(archive.get(), chunk.data(), chunk.size());
    if (got < 0) return damaged();
    if (got == 0) break;
    entry_bytes += static_cast<std::uint64_t>(got);
    if (entry_bytes > current.size_bytes)
      return refuse("the entry '{}' is larger than it says", base::printable(current.path));
    TRY(check_volume(entry_bytes));
    if (kept != nullptr) kept->append(chunk.data(), static_cast<std::size_t>(got));
  }
  total_bytes += entry_bytes;
  if (entry_bytes < current.size_bytes)
    return refuse("the entry '{}' is shorter than it says", base::printable(current.path));
  return {};
}

Result<std::optional<Item>> Reader::State::next()
{
  if (has_failed) return refuse("it was refused before");
  while (true) {
    if (is_open) TRY(drain(nullptr));
    archive_entry* entry = nullptr;
    const int outcome = archive_read_next_header(archive.get(), &entry);
    if (outcome == ARCHIVE_EOF) return std::nullopt;
    if (outcome != ARCHIVE_OK && outcome != ARCHIVE_WARN) return damaged();
    if (archive_filter_count(archive.get()) > 2)  // one compression, and the plain bytes
      return refuse("it is compressed more than once");
    TRY_ASSIGN(item, judge(entry));
    current = item;
    is_open = !item.is_directory;
    if (!item.path.empty()) return item;
  }
}

Result<std::string> Reader::State::content()
{
  if (has_failed) return refuse("it was refused before");
  if (current.is_directory) return std::string();
  if (!is_open)
    return error(ErrorKind::internal, "{}: there is no content left to read",
                 base::printable(name));
  std::string kept;
  kept.reserve(static_cast<std::size_t>(current.size_bytes));
  TRY(drain(&kept));
  return kept;
}

Reader::Reader(std::unique_ptr<State> state) : state_(std::move(state)) {}
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;
Reader::~Reader() = default;

namespace {

void support_formats(::archive* archive)
{
  archive_read_support_format_tar(archive);
  archive_read_support_filter_gzip(archive);
  archive_read_support_filter_zstd(archive);
}

}  // namespace

Result<Reader> Reader::begin(std::unique_ptr<State> state, int outcome)
{
  if (outcome != ARCHIVE_OK) return state->damaged();
  return Reader(std::move(state));
}

Result<Reader> Reader::open(const std::filesystem::path& file, const Bounds& bounds)
{
  struct stat status = {};
  if (::stat(file.c_str(), &status) != 0)
    return tl::unexpected(base::file_error("open", file, errno));
  if (!S_ISREG(status.st_mode))
    return error(ErrorKind::invalid, "{} is no regular file", base::printable(file.string()));
  if (::access(file.c_str(), R_OK) != 0)
    return tl::unexpected(base::file_error("open", file, errno));
  auto state = std::make_unique<State>(file.string(), bounds);
  state->archive_bytes = static_cast<std::uint64_t>(status.st_size);
  support_formats(state->archive.get());
  const int outcome = archive_read_open_filename(state->archive.get(), file.c_str(), chunk_bytes);
  return begin(std::move(state), outcome);
}

Result<Reader> Reader::of_bytes(std::string_view bytes, std::string name, const Bounds& bounds)
{
  auto state = std::make_unique<State>(std::move(name), bounds);
  state->archive_bytes = bytes.size();
  support_formats(state->archive.get());
  const int outcome = archive_read_open_memory(state->archive.get(), bytes.data(), bytes.size());
  return begin(std::move(state), outcome);
}

Result<std::optional<Item>> Reader::next()
{
  return state_->next();
}

Result<std::string> Reader::content()
{
  return state_->content();
}

}  // namespace coroner::archive
