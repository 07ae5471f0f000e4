// SPDX-License-Identifier: Apache-2.0
// NVML's functions that say how a device is: memory, modes, load. A simulated GPU is always idle.
#include "matrix/lab/driver/nvml/answer.h"

using coroner::driver::nvml::answer;
using coroner::driver::nvml::Device;
using coroner::driver::nvml::DeviceHandle;
using coroner::driver::nvml::library;
using coroner::driver::nvml::Memory;
using coroner::driver::nvml::MemoryV2;
using coroner::driver::nvml::Status;
using coroner::driver::nvml::structure_version;
using coroner::driver::nvml::Utilization;

namespace {

constexpr unsigned long long mebibyte = 1024ULL * 1024ULL;
constexpr unsigned disabled = 0;
constexpr unsigned enabled = 1;
constexpr unsigned highest_performance = 0;
constexpr unsigned topology_same_node = 40;
constexpr unsigned p2p_not_supported = 5;

Memory memory_of(const Device& device)
{
  const unsigned long long total = device.gpu->memory_mib * mebibyte;
  return {total, total, 0};
}

template <unsigned number>
Status answer_number(DeviceHandle device, unsigned* value)
{
  return answer(device, value, [](const Device& /*one*/) { return number; });
}

// Lists of processes: the caller's count comes back as 0.
Status answer_no_processes(DeviceHandle device, unsigned* count)
{
  return answer_number<0>(device, count);
}

Status answer_pair_of_devices(DeviceHandle device, DeviceHandle other, unsigned* value,
                              unsigned number)
{
  Device second;
  if (const Status status = library().find(other, second); status != Status::success) return status;
  return answer(device, value, [number](const Device& /*one*/) { return number; });
}

}  // namespace

CORONER_NVML nvmlDeviceGetMemoryInfo(DeviceHandle device, Memory* memory)
{
  return answer(device, memory, memory_of);
}

CORONER_NVML nvmlDeviceGetMemoryInfo_v2(DeviceHandle device, MemoryV2* memory)
{
  if (memory == nullptr) return Status::invalid_argument;
  const unsigned version = memory->version;
  if (version != structure_version<MemoryV2>(2)) return Status::argument_version_mismatch;
  return answer(device, memory, [version](const Device& one) {
    const Memory simple = memory_of(one);
    return MemoryV2{version, simple.total, 0, simple.free, simple.used};
  });
}

CORONER_NVML nvmlDeviceGetBAR1MemoryInfo(DeviceHandle device, Memory* memory)
{
  return answer(device, memory, memory_of);
}

CORONER_NVML nvmlDeviceGetMigMode(DeviceHandle device, unsigned* current, unsigned* pending)
{
  if (pending == nullptr) return Status::invalid_argument;
  return answer(device, current, [pending](const Device& one) {
    if (one.gpu->mig_capable) *pending = disabled;
    return one.gpu->mig_capable ? std::optional(disabled) : std::nullopt;
  });
}

CORONER_NVML nvmlDeviceIsMigDeviceHandle(DeviceHandle device, unsigned* is_mig)
{
  return answer_number<0>(device, is_mig);
}

CORONER_NVML nvmlDeviceGetMaxMigDeviceCount(DeviceHandle device, unsigned* count)
{
  constexpr unsigned most_instances = 7;
  return answer(device, count,
                [](const Device& one) { return one.gpu->mig_capable ? most_instances : 0U; });
}

CORONER_NVML nvmlDeviceGetVirtualizationMode(DeviceHandle device, unsigned* mode)
{
  return answer_number<0>(device, mode);
}

CORONER_NVML nvmlDeviceGetPersistenceMode(DeviceHandle device, unsigned* mode)
{
  return answer_number<enabled>(device, mode);
}

CORONER_NVML nvmlDeviceGetDisplayMode(DeviceHandle device, unsigned* mode)
{
  return answer_number<disabled>(device, mode);
}

CORONER_NVML nvmlDeviceGetDisplayActive(DeviceHandle device, unsigned* mode)
{
  return answer_number<disabled>(device, mode);
}

CORONER_NVML nvmlDeviceGetComputeMode(DeviceHandle device, unsigned* mode)
{
  return answer_number<0>(device, mode);
}

CORONER_NVML nvmlDeviceGetPerformanceState(DeviceHandle device, unsigned* state)
{
  return answer_number<highest_performance>(device, state);
}

CORONER_NVML nvmlDeviceGetUtilizationRates(DeviceHandle device, Utilization* utilization)
{
  return answer(device, utilization, [](const Device& /*one*/) { return Utilization{0, 0}; });
}

CORONER_NVML nvmlDeviceGetEccMode(DeviceHandle device, unsigned* current, unsigned* pending)
{
  if (pending == nullptr) return Status::invalid_argument;
  return answer(device, current, [pending](const Device& one) {
    if (one.gpu->ecc) *pending = enabled;
    return one.gpu->ecc ? std::optional(enabled) : std::nullopt;
  });
}

CORONER_NVML nvmlDeviceGetTotalEccErrors(DeviceHandle device, unsigned /*kind*/,
                                         unsigned /*counter*/, unsigned long long* count)
{
  return answer(device, count, [](const Device& one) {
    return one.gpu->ecc ? std::optional(0ULL) : std::nullopt;
  });
}

CORONER_NVML nvmlDeviceGetComputeRunningProcesses(DeviceHandle device, unsigned* count, void*)
{
  return answer_no_processes(device, count);
}

CORONER_NVML nvmlDeviceGetComputeRunningProcesses_v2(DeviceHandle device, unsigned* count, void*)
{
  return answer_no_processes(device, count);
}

CORONER_NVML nvmlDeviceGetComputeRunningProcesses_v3(DeviceHandle device, unsigned* count, void*)
{
  return answer_no_processes(device, count);
}

CORONER_NVML nvmlDeviceGetGraphicsRunningProcesses(DeviceHandle device, unsigned* count, void*)
{
  return answer_no_processes(device, count);
}

CORONER_NVML nvmlDeviceGetGraphicsRunningProcesses_v2(DeviceHandle device, unsigned* count, void*)
{
  return answer_no_processes(device, count);
}

CORONER_NVML nvmlDeviceGetGraphicsRunningProcesses_v3(DeviceHandle device, unsigned* count, void*)
{
  return answer_no_processes(device, count);
}

CORONER_NVML nvmlDeviceGetTopologyCommonAncestor(DeviceHandle device, DeviceHandle other,
                                                 unsigned* level)
{
  return answer_pair_of_devices(device, other, level, device == other ? 0 : topology_same_node);
}

CORONER_NVML nvmlDeviceGetP2PStatus(DeviceHandle device, DeviceHandle other, unsigned /*kind*/,
                                    unsigned* status)
{
  return answer_pair_of_devices(device, other, status, p2p_not_supported);
}
