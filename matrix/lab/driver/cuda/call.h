// SPDX-License-Identifier: Apache-2.0
// The common shape of CUDA's functions: lock, check, do, and let no exception out.
#pragma once

#include <exception>
#include <mutex>
#include <new>

#include "matrix/lab/driver/cuda/driver.h"

namespace coroner::driver::cuda {

// Runs `action` with the driver locked, initialised or not.
template <typename Action>
Result with_driver(Action action)
{
  try {
    Driver& instance = driver();
    const std::scoped_lock lock(instance.mutex);
    return action(instance);
  } catch (const std::bad_alloc&) {
    return Result::out_of_memory;
  } catch (const std::exception&) {
    return Result::unknown;
  }
}

template <typename Action>
Result with_initialized_driver(Action action)
{
  return with_driver([&action](Driver& instance) {
    return instance.is_initialized() ? action(instance) : Result::not_initialized;
  });
}

// `action` takes the GPU of that number.
template <typename Action>
Result with_device(DeviceNumber number, Action action)
{
  return with_initialized_driver([&](Driver& instance) {
    const auto& devices = instance.devices();
    if (number < 0 || static_cast<std::size_t>(number) >= devices.size()) {
      return Result::invalid_device;
    }
    return action(*devices[static_cast<std::size_t>(number)]);
  });
}

// `action` takes this thread's current context, which no kernel has broken.
template <typename Action>
Result with_context(Action action)
{
  return with_initialized_driver([&](Driver& instance) {
    const auto& stack = Driver::stack();
    Context* context = stack.empty() ? nullptr : instance.find_context(stack.back());
    if (context == nullptr) return Result::invalid_context;
    if (context->sticky != Result::success) return context->sticky;
    return action(*context);
  });
}

}  // namespace coroner::driver::cuda
