// SPDX-License-Identifier: Apache-2.0
// NVML's functions that say what a device is.
#include <algorithm>
#include <array>
#include <string_view>

#include "matrix/lab/driver/nvml/answer.h"

using coroner::driver::Gpu;
using coroner::driver::parse_pci_address;
using coroner::driver::PciAddress;
using coroner::driver::nvml::answer;
using coroner::driver::nvml::answer_text;
using coroner::driver::nvml::bus_id_bytes;
using coroner::driver::nvml::Device;
using coroner::driver::nvml::DeviceHandle;
using coroner::driver::nvml::legacy_bus_id_bytes;
using coroner::driver::nvml::LegacyPciInfo;
using coroner::driver::nvml::library;
using coroner::driver::nvml::PciInfo;
using coroner::driver::nvml::Status;

namespace {

struct Number {
  std::string_view name;
  unsigned value;
};
// nvmlBrandType_t and NVML_DEVICE_ARCH_* of nvml.h.
constexpr std::array brands = {Number{"Quadro", 1}, Number{"Tesla", 2},   Number{"GeForce", 5},
                               Number{"Titan", 6},  Number{"NVIDIA", 14}, Number{"NVIDIA RTX", 13}};
constexpr std::array architectures = {
    Number{"kepler", 2}, Number{"maxwell", 3}, Number{"pascal", 4},
    Number{"volta", 5},  Number{"turing", 6},  Number{"ampere", 7},
    Number{"ada", 8},    Number{"hopper", 9},  Number{"blackwell", 10}};
constexpr unsigned unknown_brand = 0;
constexpr unsigned unknown_architecture = 0xffffffff;

template <std::size_t size>
unsigned number_of(const std::array<Number, size>& table, std::string_view name, unsigned otherwise)
{
  const auto row = std::ranges::find(table, name, &Number::name);
  return row == table.end() ? otherwise : row->value;
}

PciAddress address_of(const Gpu& gpu)
{
  return parse_pci_address(gpu.pci_bus_id).value_or(PciAddress{});
}

void copy_id(std::string_view text, char* buffer, std::size_t size)
{
  const std::size_t length = std::min(text.size(), size - 1);
  std::ranges::copy(text.substr(0, length), buffer);
  buffer[length] = '\0';
}

PciInfo pci_info(const Device& device)
{
  const Gpu& gpu = *device.gpu;
  const PciAddress address = address_of(gpu);
  PciInfo info{};
  copy_id(std::string_view(gpu.pci_bus_id).substr(4), info.bus_id_legacy, legacy_bus_id_bytes);
  copy_id(gpu.pci_bus_id, info.bus_id, bus_id_bytes);
  info.domain = address.domain;
  info.bus = address.bus;
  info.device = address.device;
  info.pci_device_id = gpu.pci_device_id;
  info.pci_subsystem_id = gpu.pci_subsystem_id;
  return info;
}

LegacyPciInfo legacy_pci_info(const Device& device)
{
  const PciInfo info = pci_info(device);
  LegacyPciInfo legacy{};
  std::ranges::copy(info.bus_id_legacy, legacy.bus_id);
  legacy.domain = info.domain;
  legacy.bus = info.bus;
  legacy.device = info.device;
  legacy.pci_device_id = info.pci_device_id;
  legacy.pci_subsystem_id = info.pci_subsystem_id;
  return legacy;
}

constexpr auto simulated = [](const Device& /*device*/) { return "simulated"; };

}  // namespace

CORONER_NVML nvmlDeviceGetName(DeviceHandle device, char* name, unsigned length)
{
  return answer_text(device, name, length,
                     [](const Device& one) -> std::string_view { return one.gpu->name; });
}

CORONER_NVML nvmlDeviceGetUUID(DeviceHandle device, char* uuid, unsigned length)
{
  return answer_text(device, uuid, length,
                     [](const Device& one) -> std::string_view { return one.gpu->uuid; });
}

CORONER_NVML nvmlDeviceGetSerial(DeviceHandle device, char* serial, unsigned length)
{
  return answer_text(device, serial, length, [](const Device& one) {
    return one.gpu->serial.empty() ? std::nullopt : std::optional<std::string_view>("simulated");
  });
}

CORONER_NVML nvmlDeviceGetBoardPartNumber(DeviceHandle device, char* number, unsigned length)
{
  return answer_text(device, number, length, simulated);
}

CORONER_NVML nvmlDeviceGetVbiosVersion(DeviceHandle device, char* version, unsigned length)
{
  return answer_text(device, version, length, simulated);
}

CORONER_NVML nvmlDeviceGetInforomImageVersion(DeviceHandle device, char* version, unsigned length)
{
  return answer_text(device, version, length, simulated);
}

CORONER_NVML nvmlDeviceGetIndex(DeviceHandle device, unsigned* index)
{
  return answer(device, index, [](const Device& one) { return one.index; });
}

CORONER_NVML nvmlDeviceGetMinorNumber(DeviceHandle device, unsigned* minor)
{
  return answer(device, minor, [](const Device& one) { return one.gpu->minor; });
}

CORONER_NVML nvmlDeviceGetBrand(DeviceHandle device, unsigned* brand)
{
  return answer(device, brand,
                [](const Device& one) { return number_of(brands, one.gpu->brand, unknown_brand); });
}

CORONER_NVML nvmlDeviceGetArchitecture(DeviceHandle device, unsigned* architecture)
{
  return answer(device, architecture, [](const Device& one) {
    return number_of(architectures, one.gpu->architecture, unknown_architecture);
  });
}

CORONER_NVML nvmlDeviceGetCudaComputeCapability(DeviceHandle device, int* major, int* minor)
{
  if (minor == nullptr) return Status::invalid_argument;
  return answer(device, major, [minor](const Device& one) {
    *minor = one.gpu->compute_capability.minor;
    return one.gpu->compute_capability.major;
  });
}

CORONER_NVML nvmlDeviceGetPciInfo_v3(DeviceHandle device, PciInfo* info)
{
  return answer(device, info, pci_info);
}

CORONER_NVML nvmlDeviceGetPciInfo_v2(DeviceHandle device, LegacyPciInfo* info)
{
  return answer(device, info, legacy_pci_info);
}

CORONER_NVML nvmlDeviceGetPciInfo(DeviceHandle device, LegacyPciInfo* info)
{
  return answer(device, info, legacy_pci_info);
}

CORONER_NVML nvmlDeviceGetBoardId(DeviceHandle device, unsigned* board)
{
  return answer(device, board, [](const Device& one) { return address_of(*one.gpu).bus << 8U; });
}

CORONER_NVML nvmlDeviceGetMultiGpuBoard(DeviceHandle device, unsigned* is_multi)
{
  return answer(device, is_multi, [](const Device& /*one*/) { return 0U; });
}

CORONER_NVML nvmlDeviceOnSameBoard(DeviceHandle device, DeviceHandle other, int* is_same)
{
  Device second;
  if (const Status status = library().find(other, second); status != Status::success) return status;
  return answer(device, is_same, [&](const Device& one) { return one.gpu == second.gpu ? 1 : 0; });
}
