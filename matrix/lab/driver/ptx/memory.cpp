// SPDX-License-Identifier: Apache-2.0
// Backs a simulated GPU's allocations with anonymous pages, which cost nothing until touched.
#include "matrix/lab/driver/ptx/memory.h"

#include <algorithm>

#include <sys/mman.h>

namespace coroner::driver::ptx {
namespace {

constexpr std::uint64_t page_bytes = 1ULL << page_bits;

std::uint64_t page_count(std::uint64_t bytes)
{
  return (bytes + page_bytes - 1) / page_bytes;
}

}  // namespace

Memory::~Memory()
{
  for (const auto& [page, allocation] : by_page_) munmap(allocation.host, allocation.bytes);
}

std::optional<std::uint64_t> Memory::find_pages(std::uint64_t count) const
{
  std::uint64_t page = 0;
  for (const auto& [first, allocation] : by_page_) {
    if (first - page >= count) return page;
    page = first + page_count(allocation.bytes);
  }
  return page + count <= most_pages ? std::optional(page) : std::nullopt;
}

std::optional<std::uint64_t> Memory::allocate(std::uint64_t bytes)
{
  if (bytes == 0 || bytes > capacity_bytes_ - used_bytes_) return {};
  const auto first = find_pages(page_count(bytes));
  if (!first) return {};
  void* host = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (host == MAP_FAILED) return {};
  const Allocation allocation{first_device_address + (*first << page_bits), bytes,
                              static_cast<std::byte*>(host)};
  const std::uint64_t end = *first + page_count(bytes);
  if (pages_.size() < end) pages_.resize(end);
  std::fill(pages_.begin() + static_cast<std::ptrdiff_t>(*first),
            pages_.begin() + static_cast<std::ptrdiff_t>(end), allocation);
  by_page_.emplace(*first, allocation);
  used_bytes_ += bytes;
  return allocation.address;
}

bool Memory::release(std::uint64_t address)
{
  const std::uint64_t page = (address - first_device_address) >> page_bits;
  const auto found = by_page_.find(page);
  if (found == by_page_.end() || found->second.address != address) return false;
  const Allocation allocation = found->second;
  const std::uint64_t end = page + page_count(allocation.bytes);
  std::fill(pages_.begin() + static_cast<std::ptrdiff_t>(page),
            pages_.begin() + static_cast<std::ptrdiff_t>(end), Allocation{});
  munmap(allocation.host, allocation.bytes);
  used_bytes_ -= allocation.bytes;
  by_page_.erase(found);
  return true;
}

}  // namespace coroner::driver::ptx
