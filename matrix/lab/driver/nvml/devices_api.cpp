// SPDX-License-Identifier: Apache-2.0
// NVML's functions that count and find devices.
#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

#include "matrix/lab/driver/nvml/answer.h"

using coroner::driver::nvml::Device;
using coroner::driver::nvml::DeviceHandle;
using coroner::driver::nvml::Library;
using coroner::driver::nvml::library;
using coroner::driver::nvml::Status;

namespace {

Status count_devices(unsigned* count)
{
  if (!library().is_initialized()) return Status::uninitialized;
  if (count == nullptr) return Status::invalid_argument;
  *count = static_cast<unsigned>(library().devices().size());
  return Status::success;
}

template <typename Predicate>
Status find_device(DeviceHandle* handle, Status otherwise, Predicate predicate)
{
  if (!library().is_initialized()) return Status::uninitialized;
  if (handle == nullptr) return Status::invalid_argument;
  for (const Device& device : library().devices()) {
    if (!predicate(device)) continue;
    *handle = Library::handle_of(device);
    return Status::success;
  }
  return otherwise;
}

Status find_by_index(unsigned index, DeviceHandle* handle)
{
  return find_device(handle, Status::invalid_argument,
                     [index](const Device& device) { return device.index == index; });
}

// "0000:01:00.0", "01:00.0" and the full form name the same device to NVML.
Status find_by_bus_id(const char* text, DeviceHandle* handle)
{
  if (text == nullptr) return Status::invalid_argument;
  std::string wanted(text);
  std::ranges::transform(wanted, wanted.begin(), [](unsigned char letter) {
    return static_cast<char>(std::toupper(letter));
  });
  if (wanted.size() == 7) wanted.insert(0, "00000000:");
  if (wanted.size() == 12) wanted.insert(0, "0000");
  return find_device(handle, Status::not_found,
                     [&](const Device& device) { return device.gpu->pci_bus_id == wanted; });
}

}  // namespace

CORONER_NVML nvmlDeviceGetCount_v2(unsigned* count)
{
  return count_devices(count);
}

CORONER_NVML nvmlDeviceGetCount(unsigned* count)
{
  return count_devices(count);
}

CORONER_NVML nvmlUnitGetCount(unsigned* count)
{
  if (!library().is_initialized()) return Status::uninitialized;
  if (count == nullptr) return Status::invalid_argument;
  *count = 0;
  return Status::success;
}

CORONER_NVML nvmlDeviceGetHandleByIndex_v2(unsigned index, DeviceHandle* handle)
{
  return find_by_index(index, handle);
}

CORONER_NVML nvmlDeviceGetHandleByIndex(unsigned index, DeviceHandle* handle)
{
  return find_by_index(index, handle);
}

CORONER_NVML nvmlDeviceGetHandleByUUID(const char* uuid, DeviceHandle* handle)
{
  if (uuid == nullptr) return Status::invalid_argument;
  return find_device(handle, Status::not_found,
                     [uuid](const Device& device) { return device.gpu->uuid == uuid; });
}

CORONER_NVML nvmlDeviceGetHandleByPciBusId_v2(const char* bus_id, DeviceHandle* handle)
{
  return find_by_bus_id(bus_id, handle);
}

CORONER_NVML nvmlDeviceGetHandleByPciBusId(const char* bus_id, DeviceHandle* handle)
{
  return find_by_bus_id(bus_id, handle);
}

CORONER_NVML nvmlDeviceGetHandleBySerial(const char* serial, DeviceHandle* handle)
{
  if (serial == nullptr || *serial == '\0') return Status::invalid_argument;
  return find_device(handle, Status::not_found,
                     [serial](const Device& device) { return device.gpu->serial == serial; });
}
