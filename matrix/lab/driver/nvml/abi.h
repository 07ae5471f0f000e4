// SPDX-License-Identifier: Apache-2.0
// The part of NVML's binary interface that is served: numbers and layouts as nvml.h has them
// (go-nvml 0.13.0-1, pkg/nvml/nvml.h).
#pragma once

#include <cstddef>
#include <cstdint>

namespace coroner::driver::nvml {

enum class Status : int {
  success = 0,
  uninitialized = 1,
  invalid_argument = 2,
  not_supported = 3,
  no_permission = 4,
  not_found = 6,
  insufficient_size = 7,
  driver_not_loaded = 9,
  timeout = 10,
  gpu_blocked = 17,
  version_mismatch = 18,
  argument_version_mismatch = 25,
  unknown = 999,
};

// A device as the caller holds it; only this library looks behind it, after checking it.
using DeviceHandle = const void*;
using EventSetHandle = void*;

inline constexpr std::size_t legacy_bus_id_bytes = 16;
inline constexpr std::size_t bus_id_bytes = 32;

struct PciInfo {
  char bus_id_legacy[legacy_bus_id_bytes];
  unsigned domain;
  unsigned bus;
  unsigned device;
  unsigned pci_device_id;
  unsigned pci_subsystem_id;
  char bus_id[bus_id_bytes];
};
static_assert(sizeof(PciInfo) == 68);

// Before the long bus id was added (nvmlDeviceGetPciInfo and _v2).
struct LegacyPciInfo {
  char bus_id[legacy_bus_id_bytes];
  unsigned domain;
  unsigned bus;
  unsigned device;
  unsigned pci_device_id;
  unsigned pci_subsystem_id;
  unsigned reserved[4];
};

struct Memory {
  unsigned long long total;
  unsigned long long free;
  unsigned long long used;
};

struct MemoryV2 {
  unsigned version;
  unsigned long long total;
  unsigned long long reserved;
  unsigned long long free;
  unsigned long long used;
};

struct Utilization {
  unsigned gpu;
  unsigned memory;
};

struct EventData {
  DeviceHandle device;
  unsigned long long type;
  unsigned long long data;
  unsigned gpu_instance;
  unsigned compute_instance;
};

inline constexpr unsigned long long event_single_bit_ecc = 0x1;
inline constexpr unsigned long long event_double_bit_ecc = 0x2;
inline constexpr unsigned long long event_xid = 0x8;
inline constexpr unsigned long long event_clock = 0x10;

// NVML_STRUCT_VERSION: the size of the structure with its version in the highest byte.
template <typename Structure>
constexpr unsigned structure_version(unsigned version)
{
  return static_cast<unsigned>(sizeof(Structure)) | version << 24U;
}

}  // namespace coroner::driver::nvml
