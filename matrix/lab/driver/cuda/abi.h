// SPDX-License-Identifier: Apache-2.0
// The part of the CUDA driver API's binary interface that is served (numbers as cuda.h has them).
#pragma once

#include <cstdint>

namespace coroner::driver::cuda {

enum class Result : int {
  success = 0,
  invalid_value = 1,
  out_of_memory = 2,
  not_initialized = 3,
  no_device = 100,
  invalid_device = 101,
  invalid_image = 200,
  invalid_context = 201,
  no_binary_for_gpu = 209,
  invalid_ptx = 218,
  unsupported_ptx_version = 222,
  invalid_handle = 400,
  not_found = 500,
  not_ready = 600,
  illegal_address = 700,
  launch_out_of_resources = 701,
  launch_timeout = 702,
  primary_context_active = 708,
  misaligned_address = 716,
  not_supported = 801,
  system_driver_mismatch = 803,
  unknown = 999,
};

using DeviceNumber = int;
using DeviceAddress = unsigned long long;
using ContextHandle = void*;
using ModuleHandle = void*;
using FunctionHandle = void*;
using StreamHandle = void*;
using EventHandle = void*;

struct Uuid {
  unsigned char bytes[16];
};

// CUjit_option.
inline constexpr int jit_info_log_buffer = 3;
inline constexpr int jit_info_log_bytes = 4;
inline constexpr int jit_error_log_buffer = 5;
inline constexpr int jit_error_log_bytes = 6;

// CU_LAUNCH_PARAM_*.
inline constexpr std::uintptr_t launch_parameters_end = 0;
inline constexpr std::uintptr_t launch_parameters_buffer = 1;
inline constexpr std::uintptr_t launch_parameters_bytes = 2;

}  // namespace coroner::driver::cuda

// What a function of the CUDA driver API is declared with.
#define CORONER_CUDA extern "C" [[gnu::visibility("default")]] ::coroner::driver::cuda::Result
