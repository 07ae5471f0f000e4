// SPDX-License-Identifier: Apache-2.0
// The table behind cuGetErrorName and cuGetErrorString.
#include "matrix/lab/driver/cuda/errors.h"

#include <algorithm>
#include <array>

namespace coroner::driver::cuda {
namespace {

constexpr std::array rows = {
    ErrorRow{Result::success, "CUDA_SUCCESS", "no error"},
    ErrorRow{Result::invalid_value, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    ErrorRow{Result::out_of_memory, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    ErrorRow{Result::not_initialized, "CUDA_ERROR_NOT_INITIALIZED", "initialization error"},
    ErrorRow{Result::no_device, "CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"},
    ErrorRow{Result::invalid_device, "CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"},
    ErrorRow{Result::invalid_image, "CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"},
    ErrorRow{Result::invalid_context, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context"},
    ErrorRow{Result::no_binary_for_gpu, "CUDA_ERROR_NO_BINARY_FOR_GPU",
             "no kernel image is available for execution on the device"},
    ErrorRow{Result::invalid_ptx, "CUDA_ERROR_INVALID_PTX", "a PTX JIT compilation failed"},
    ErrorRow{Result::unsupported_ptx_version, "CUDA_ERROR_UNSUPPORTED_PTX_VERSION",
             "the provided PTX was compiled with an unsupported toolchain."},
    ErrorRow{Result::invalid_handle, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"},
    ErrorRow{Result::not_found, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    ErrorRow{Result::not_ready, "CUDA_ERROR_NOT_READY", "device not ready"},
    ErrorRow{Result::illegal_address, "CUDA_ERROR_ILLEGAL_ADDRESS",
             "an illegal memory access was encountered"},
    ErrorRow{Result::launch_out_of_resources, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES",
             "too many resources requested for launch"},
    ErrorRow{Result::launch_timeout, "CUDA_ERROR_LAUNCH_TIMEOUT",
             "the launch timed out and was terminated"},
    ErrorRow{Result::primary_context_active, "CUDA_ERROR_PRIMARY_CONTEXT_ACTIVE",
             "cannot set while device is active in this process"},
    ErrorRow{Result::misaligned_address, "CUDA_ERROR_MISALIGNED_ADDRESS", "misaligned address"},
    ErrorRow{Result::not_supported, "CUDA_ERROR_NOT_SUPPORTED", "operation not supported"},
    ErrorRow{Result::system_driver_mismatch, "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH",
             "system has unsupported display driver / cuda driver combination"},
    ErrorRow{Result::unknown, "CUDA_ERROR_UNKNOWN", "unknown error"},
};

}  // namespace

const ErrorRow* find_error(Result result)
{
  const auto* row = std::ranges::find(rows, result, &ErrorRow::result);
  return row == rows.end() ? nullptr : row;
}

}  // namespace coroner::driver::cuda
