// SPDX-License-Identifier: Apache-2.0
// CUDA's functions about memory: every range is checked against the allocations.
#include <cstring>

#include "matrix/lab/driver/cuda/call.h"

using namespace coroner::driver::cuda;

namespace {

Result copy_to_device(DeviceAddress to, const void* from, std::size_t bytes)
{
  return with_context([&](Context& context) {
    if (bytes == 0) return Result::success;
    std::byte* host = context.memory.resolve(to, bytes);
    if (host == nullptr || from == nullptr) return Result::invalid_value;
    std::memcpy(host, from, bytes);
    return Result::success;
  });
}

Result copy_to_host(void* to, DeviceAddress from, std::size_t bytes)
{
  return with_context([&](Context& context) {
    if (bytes == 0) return Result::success;
    const std::byte* host = context.memory.resolve(from, bytes);
    if (host == nullptr || to == nullptr) return Result::invalid_value;
    std::memcpy(to, host, bytes);
    return Result::success;
  });
}

template <typename Value>
Result fill(DeviceAddress address, Value value, std::size_t count)
{
  return with_context([&](Context& context) {
    if (count == 0) return Result::success;
    if (count > context.memory.capacity_bytes() || address % sizeof(Value) != 0) {
      return Result::invalid_value;
    }
    std::byte* host = context.memory.resolve(address, count * sizeof(Value));
    if (host == nullptr) return Result::invalid_value;
    for (std::size_t at = 0; at < count; ++at) {
      std::memcpy(host + at * sizeof(Value), &value, sizeof(Value));
    }
    return Result::success;
  });
}

}  // namespace

CORONER_CUDA cuMemAlloc_v2(DeviceAddress* address, std::size_t bytes)
{
  return with_context([&](Context& context) {
    if (address == nullptr || bytes == 0) return Result::invalid_value;
    const auto allocated = context.memory.allocate(bytes);
    if (!allocated) return Result::out_of_memory;
    *address = *allocated;
    return Result::success;
  });
}

CORONER_CUDA cuMemFree_v2(DeviceAddress address)
{
  return with_context([address](Context& context) {
    const bool is_done = address == 0 || context.memory.release(address);
    return is_done ? Result::success : Result::invalid_value;
  });
}

CORONER_CUDA cuMemGetInfo_v2(std::size_t* free_bytes, std::size_t* total_bytes)
{
  return with_context([&](Context& context) {
    if (free_bytes == nullptr || total_bytes == nullptr) return Result::invalid_value;
    *total_bytes = context.memory.capacity_bytes();
    *free_bytes = context.memory.capacity_bytes() - context.memory.used_bytes();
    return Result::success;
  });
}

CORONER_CUDA cuMemcpyHtoD_v2(DeviceAddress to, const void* from, std::size_t bytes)
{
  return copy_to_device(to, from, bytes);
}

CORONER_CUDA cuMemcpyHtoDAsync_v2(DeviceAddress to, const void* from, std::size_t bytes,
                                  StreamHandle /*stream*/)
{
  return copy_to_device(to, from, bytes);
}

CORONER_CUDA cuMemcpyDtoH_v2(void* to, DeviceAddress from, std::size_t bytes)
{
  return copy_to_host(to, from, bytes);
}

CORONER_CUDA cuMemcpyDtoHAsync_v2(void* to, DeviceAddress from, std::size_t bytes,
                                  StreamHandle /*stream*/)
{
  return copy_to_host(to, from, bytes);
}

CORONER_CUDA cuMemcpyDtoD_v2(DeviceAddress to, DeviceAddress from, std::size_t bytes)
{
  return with_context([&](Context& context) {
    if (bytes == 0) return Result::success;
    std::byte* target = context.memory.resolve(to, bytes);
    const std::byte* source = context.memory.resolve(from, bytes);
    if (target == nullptr || source == nullptr) return Result::invalid_value;
    std::memmove(target, source, bytes);
    return Result::success;
  });
}

CORONER_CUDA cuMemsetD8_v2(DeviceAddress address, unsigned char value, std::size_t count)
{
  return fill(address, value, count);
}

CORONER_CUDA cuMemsetD32_v2(DeviceAddress address, unsigned value, std::size_t count)
{
  return fill(address, value, count);
}
