// SPDX-License-Identifier: Apache-2.0
// Archives of other people, read entry by entry, within bounds and never unpacked to disk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "harness/base/result.h"

namespace coroner::archive {

/// How much an archive may hold.
struct Bounds {
  std::size_t most_entries = 10'000;
  std::uint64_t largest_total_bytes = 1ULL << 30U;  ///< Of all content together, unpacked.
  std::uint64_t largest_entry_bytes = 64ULL << 20U;
  unsigned largest_ratio = 100;  ///< Unpacked size over the archive's own; see ratio_free_bytes.
};

/// Up to this size the ratio is not asked: the blocks of a small tar are mostly padding.
inline constexpr std::uint64_t ratio_free_bytes = 1ULL << 20U;

/// A regular file or a folder inside an archive.
struct Item {
  std::string path;  ///< Relative, normal (see normal_path), never empty.
  std::uint64_t size_bytes = 0;
  bool is_directory = false;
};

/// Goes once through a tar, tar.gz or tar.zst. Everything in it is untrusted. ErrorKind::invalid,
/// naming the archive and the entry, for: absolute paths, "..", paths that come twice, links (hard
/// and symbolic), devices, pipes and sockets; more, larger or denser content than Bounds allow;
/// compression within compression; and whatever is no such archive or is damaged. After an error
/// every further call gives one.
class Reader {
 public:
  /// ErrorKind::not_found or denied when `file` cannot be opened, invalid when it is no regular
  /// file.
  static base::Result<Reader> open(const std::filesystem::path& file, const Bounds& bounds = {});

  /// Reads `bytes`, which the caller keeps until the reader is gone; `name` is for messages.
  static base::Result<Reader> of_bytes(std::string_view bytes, std::string name,
                                       const Bounds& bounds = {});

  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;
  ~Reader();

  /// The next item, passing over what is left of the one before; nullopt at the end.
  base::Result<std::optional<Item>> next();

  /// The whole content of the item that next() gave last, once; "" for a folder.
  base::Result<std::string> content();

 private:
  struct State;
  explicit Reader(std::unique_ptr<State> state);
  static base::Result<Reader> begin(std::unique_ptr<State> state, int outcome);
  std::unique_ptr<State> state_;
};

}  // namespace coroner::archive
