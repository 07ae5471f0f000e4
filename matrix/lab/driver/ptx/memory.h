// SPDX-License-Identifier: Apache-2.0
// The memory of a simulated GPU: allocations at addresses of its own, every access checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace coroner::driver::ptx {

// Every allocation begins a page of its own, so that one step leads from an address to it.
inline constexpr std::uint64_t first_device_address = 0x7f0000000000;
inline constexpr unsigned page_bits = 21;
inline constexpr std::uint64_t most_pages = 1U << 24U;

class Memory {
 public:
  explicit Memory(std::uint64_t capacity_bytes) : capacity_bytes_(capacity_bytes) {}
  ~Memory();
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  Memory(Memory&&) = delete;
  Memory& operator=(Memory&&) = delete;

  // The address of zeroed bytes; nothing where the GPU (or this machine) has no more.
  std::optional<std::uint64_t> allocate(std::uint64_t bytes);
  // False unless the address came from allocate().
  bool release(std::uint64_t address);

  // Where [address, address + bytes) lies in this process; null where any of it is not allocated.
  [[nodiscard]] std::byte* resolve(std::uint64_t address, std::uint64_t bytes) const
  {
    const std::uint64_t page = (address - first_device_address) >> page_bits;
    if (page >= pages_.size()) return nullptr;
    const Allocation& allocation = pages_[page];
    const std::uint64_t offset = address - allocation.address;
    if (allocation.host == nullptr || offset > allocation.bytes) return nullptr;
    return bytes <= allocation.bytes - offset ? allocation.host + offset : nullptr;
  }

  [[nodiscard]] std::uint64_t capacity_bytes() const { return capacity_bytes_; }
  [[nodiscard]] std::uint64_t used_bytes() const { return used_bytes_; }

 private:
  struct Allocation {
    std::uint64_t address = 0;
    std::uint64_t bytes = 0;
    std::byte* host = nullptr;
  };

  [[nodiscard]] std::optional<std::uint64_t> find_pages(std::uint64_t count) const;

  std::uint64_t capacity_bytes_;
  std::uint64_t used_bytes_ = 0;
  std::vector<Allocation> pages_;                // by page number; host is null where nothing is
  std::map<std::uint64_t, Allocation> by_page_;  // by first page
};

}  // namespace coroner::driver::ptx
