// SPDX-License-Identifier: Apache-2.0
// CUDA's functions that launch kernels, and the streams and events around them.
#include <chrono>
#include <cstring>
#include <vector>

#include "matrix/lab/driver/cuda/call.h"

using namespace coroner::driver::cuda;
namespace ptx = coroner::driver::ptx;

namespace {

constexpr unsigned most_block_threads = 1024;
constexpr unsigned most_block_z = 64;
constexpr unsigned most_grid_x = 2147483647;
constexpr unsigned most_grid_yz = 65535;
constexpr unsigned most_shared_bytes = 49152;

bool is_possible(const ptx::Extent& grid, const ptx::Extent& block)
{
  if (grid.x == 0 || grid.y == 0 || grid.z == 0 || block.count() == 0) return false;
  if (grid.x > most_grid_x || grid.y > most_grid_yz || grid.z > most_grid_yz) return false;
  if (block.x > most_block_threads || block.y > most_block_threads) return false;
  return block.z <= most_block_z && block.count() <= most_block_threads;
}

// The parameter block, from an array of pointers or from the buffer that `extra` names.
bool gather(const ptx::Kernel& kernel, void** parameters, void** extra,
            std::vector<std::byte>& bytes)
{
  bytes.assign(kernel.parameter_bytes, std::byte{0});
  if (kernel.parameters.empty()) return true;
  if (parameters != nullptr) {
    for (std::size_t at = 0; at < kernel.parameters.size(); ++at) {
      if (parameters[at] == nullptr) return false;
      const ptx::Parameter& parameter = kernel.parameters[at];
      std::memcpy(bytes.data() + parameter.offset, parameters[at], parameter.bytes);
    }
    return true;
  }
  const void* buffer = nullptr;
  std::size_t size = 0;
  constexpr std::size_t most_entries = 4;
  for (std::size_t at = 0; extra != nullptr && at < 2 * most_entries; at += 2) {
    const auto kind = reinterpret_cast<std::uintptr_t>(extra[at]);
    if (kind == launch_parameters_end) break;
    if (kind == launch_parameters_buffer) buffer = extra[at + 1];
    if (kind == launch_parameters_bytes) std::memcpy(&size, extra[at + 1], sizeof(size));
  }
  if (buffer == nullptr || size < kernel.parameter_bytes) return false;
  std::memcpy(bytes.data(), buffer, kernel.parameter_bytes);
  return true;
}

Result result_of(ptx::Fault fault)
{
  switch (fault) {
    case ptx::Fault::none:
      return Result::success;
    case ptx::Fault::illegal_address:
      return Result::illegal_address;
    case ptx::Fault::misaligned_address:
      return Result::misaligned_address;
    case ptx::Fault::timeout:
      return Result::launch_timeout;
  }
  return Result::unknown;
}

// The default stream's three handles are always there.
bool is_stream(const Context& context, StreamHandle handle)
{
  constexpr std::uintptr_t last_special = 2;
  return reinterpret_cast<std::uintptr_t>(handle) <= last_special ||
         context.streams.contains(handle);
}

template <typename Map>
Result erase(Map Context::*map, void* handle)
{
  return with_context([&](Context& context) {
    return (context.*map).erase(handle) > 0 ? Result::success : Result::invalid_handle;
  });
}

template <typename Object, typename Map>
Result create(Map Context::*map, void** handle)
{
  if (handle == nullptr) return Result::invalid_value;
  return with_context([&](Context& context) {
    auto made = std::make_unique<Object>();
    *handle = made.get();
    (context.*map).emplace(*handle, std::move(made));
    return Result::success;
  });
}

}  // namespace

// A kernel's fault is no result of its launch: it shows in the next call, and in every one after
// it.
CORONER_CUDA cuLaunchKernel(FunctionHandle function, unsigned grid_x, unsigned grid_y,
                            unsigned grid_z, unsigned block_x, unsigned block_y, unsigned block_z,
                            unsigned shared_bytes, StreamHandle stream, void** parameters,
                            void** extra)
{
  return with_context([&](Context& context) {
    const Function* found = context.find_function(function);
    if (found == nullptr || !is_stream(context, stream)) return Result::invalid_handle;
    const ptx::Extent grid{grid_x, grid_y, grid_z};
    const ptx::Extent block{block_x, block_y, block_z};
    if (!is_possible(grid, block) || shared_bytes > most_shared_bytes) return Result::invalid_value;
    std::vector<std::byte> bytes;
    if (!gather(*found->kernel, parameters, extra, bytes)) return Result::invalid_value;
    context.sticky =
        result_of(ptx::run(*found->kernel, {grid, block, bytes}, context.memory, ptx::Budget{}));
    return Result::success;
  });
}

CORONER_CUDA cuStreamCreate(StreamHandle* handle, unsigned /*flags*/)
{
  return create<Stream>(&Context::streams, handle);
}

CORONER_CUDA cuStreamDestroy_v2(StreamHandle handle)
{
  return erase(&Context::streams, handle);
}

CORONER_CUDA cuStreamSynchronize(StreamHandle handle)
{
  return with_context([handle](Context& context) {
    return is_stream(context, handle) ? Result::success : Result::invalid_handle;
  });
}

CORONER_CUDA cuStreamQuery(StreamHandle handle)
{
  return with_context([handle](Context& context) {
    return is_stream(context, handle) ? Result::success : Result::invalid_handle;
  });
}

// What an event waits for has always happened.
CORONER_CUDA cuStreamWaitEvent(StreamHandle stream, EventHandle event, unsigned /*flags*/)
{
  return with_context([&](Context& context) {
    const bool is_known = is_stream(context, stream) && context.events.contains(event);
    return is_known ? Result::success : Result::invalid_handle;
  });
}

CORONER_CUDA cuEventCreate(EventHandle* handle, unsigned /*flags*/)
{
  return create<Event>(&Context::events, handle);
}

CORONER_CUDA cuEventDestroy_v2(EventHandle handle)
{
  return erase(&Context::events, handle);
}

CORONER_CUDA cuEventRecord(EventHandle handle, StreamHandle stream)
{
  return with_context([&](Context& context) {
    const auto found = context.events.find(handle);
    if (found == context.events.end() || !is_stream(context, stream)) return Result::invalid_handle;
    found->second->recorded = std::chrono::steady_clock::now();
    return Result::success;
  });
}

CORONER_CUDA cuEventSynchronize(EventHandle handle)
{
  return with_context([handle](Context& context) {
    return context.events.contains(handle) ? Result::success : Result::invalid_handle;
  });
}

CORONER_CUDA cuEventQuery(EventHandle handle)
{
  return with_context([handle](Context& context) {
    return context.events.contains(handle) ? Result::success : Result::invalid_handle;
  });
}

CORONER_CUDA cuEventElapsedTime(float* milliseconds, EventHandle begin, EventHandle end)
{
  if (milliseconds == nullptr) return Result::invalid_value;
  return with_context([&](Context& context) {
    const auto first = context.events.find(begin);
    const auto last = context.events.find(end);
    if (first == context.events.end() || last == context.events.end())
      return Result::invalid_handle;
    if (!first->second->recorded || !last->second->recorded) return Result::invalid_handle;
    const std::chrono::duration<float, std::milli> elapsed =
        *last->second->recorded - *first->second->recorded;
    *milliseconds = elapsed.count();
    return Result::success;
  });
}
