// SPDX-License-Identifier: Apache-2.0
// CUDA's functions about contexts.
#include "matrix/lab/driver/cuda/call.h"

using coroner::driver::Gpu;
using namespace coroner::driver::cuda;

namespace {

Result create(ContextHandle* handle, DeviceNumber device)
{
  if (handle == nullptr) return Result::invalid_value;
  const Result known = with_device(device, [](const Gpu& /*gpu*/) { return Result::success; });
  if (known != Result::success) return known;
  return with_initialized_driver([&](Driver& instance) {
    *handle = &instance.make_context(device);
    Driver::stack().push_back(*handle);
    return Result::success;
  });
}

}  // namespace

CORONER_CUDA cuCtxCreate_v2(ContextHandle* handle, unsigned /*flags*/, DeviceNumber device)
{
  return create(handle, device);
}

CORONER_CUDA cuCtxCreate_v3(ContextHandle* handle, void* /*affinity*/, int /*count*/,
                            unsigned /*flags*/, DeviceNumber device)
{
  return create(handle, device);
}

CORONER_CUDA cuCtxCreate_v4(ContextHandle* handle, void* /*parameters*/, unsigned /*flags*/,
                            DeviceNumber device)
{
  return create(handle, device);
}

CORONER_CUDA cuCtxDestroy_v2(ContextHandle handle)
{
  return with_initialized_driver([handle](Driver& instance) {
    if (instance.find_context(handle) == nullptr) return Result::invalid_context;
    instance.destroy_context(handle);
    return Result::success;
  });
}

CORONER_CUDA cuCtxSetCurrent(ContextHandle handle)
{
  return with_initialized_driver([handle](Driver& instance) {
    auto& stack = Driver::stack();
    if (handle != nullptr && instance.find_context(handle) == nullptr)
      return Result::invalid_context;
    if (!stack.empty()) stack.pop_back();
    if (handle != nullptr) stack.push_back(handle);
    return Result::success;
  });
}

CORONER_CUDA cuCtxGetCurrent(ContextHandle* handle)
{
  if (handle == nullptr) return Result::invalid_value;
  return with_initialized_driver([handle](Driver& /*instance*/) {
    *handle = Driver::stack().empty() ? nullptr : Driver::stack().back();
    return Result::success;
  });
}

CORONER_CUDA cuCtxPushCurrent_v2(ContextHandle handle)
{
  return with_initialized_driver([handle](Driver& instance) {
    if (instance.find_context(handle) == nullptr) return Result::invalid_context;
    Driver::stack().push_back(handle);
    return Result::success;
  });
}

CORONER_CUDA cuCtxPopCurrent_v2(ContextHandle* handle)
{
  return with_initialized_driver([handle](Driver& /*instance*/) {
    auto& stack = Driver::stack();
    if (stack.empty()) return Result::invalid_context;
    if (handle != nullptr) *handle = stack.back();
    stack.pop_back();
    return Result::success;
  });
}

CORONER_CUDA cuCtxGetDevice(DeviceNumber* device)
{
  if (device == nullptr) return Result::invalid_value;
  return with_context([device](Context& context) {
    *device = context.device;
    return Result::success;
  });
}

// Kernels have run when their launch returns; what is left to say is how that went.
CORONER_CUDA cuCtxSynchronize()
{
  return with_context([](Context& /*context*/) { return Result::success; });
}

CORONER_CUDA cuDevicePrimaryCtxRetain(ContextHandle* handle, DeviceNumber device)
{
  if (handle == nullptr) return Result::invalid_value;
  const Result known = with_device(device, [](const Gpu& /*gpu*/) { return Result::success; });
  if (known != Result::success) return known;
  return with_initialized_driver([&](Driver& instance) {
    Context& context = instance.primary_context(device);
    ++context.primary_users;
    *handle = &context;
    return Result::success;
  });
}

CORONER_CUDA cuDevicePrimaryCtxRelease_v2(DeviceNumber device)
{
  return with_initialized_driver([device](Driver& instance) {
    Context* context = instance.find_primary(device);
    if (context == nullptr) return Result::invalid_context;
    if (--context->primary_users == 0) instance.destroy_context(context);
    return Result::success;
  });
}

CORONER_CUDA cuDevicePrimaryCtxReset_v2(DeviceNumber device)
{
  return with_initialized_driver([device](Driver& instance) {
    if (Context* context = instance.find_primary(device)) instance.destroy_context(context);
    return Result::success;
  });
}

CORONER_CUDA cuDevicePrimaryCtxGetState(DeviceNumber device, unsigned* flags, int* is_active)
{
  if (flags == nullptr || is_active == nullptr) return Result::invalid_value;
  return with_initialized_driver([&](Driver& instance) {
    *flags = 0;
    *is_active = instance.find_primary(device) == nullptr ? 0 : 1;
    return Result::success;
  });
}
