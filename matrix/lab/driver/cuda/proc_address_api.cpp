// SPDX-License-Identifier: Apache-2.0
// cuGetProcAddress.
#include "matrix/lab/driver/cuda/abi.h"
#include "matrix/lab/driver/cuda/entry_points.h"

using coroner::driver::cuda::Result;

namespace {

// CUdriverProcAddressQueryResult.
constexpr int found = 0;
constexpr int not_found = 1;

Result find(const char* name, int version, void** address, int* status)
{
  if (name == nullptr || address == nullptr) return Result::invalid_value;
  *address = coroner::driver::cuda::find_entry_point(name, version);
  if (status != nullptr) *status = *address == nullptr ? not_found : found;
  return *address == nullptr ? Result::not_found : Result::success;
}

}  // namespace

CORONER_CUDA cuGetProcAddress(const char* name, void** address, int version,
                              unsigned long long /*flags*/)
{
  return find(name, version, address, nullptr);
}

CORONER_CUDA cuGetProcAddress_v2(const char* name, void** address, int version,
                                 unsigned long long /*flags*/, int* status)
{
  return find(name, version, address, status);
}
