// SPDX-License-Identifier: Apache-2.0
// CUDA's functions about the driver, its errors and its devices.
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "matrix/lab/driver/cuda/call.h"
#include "matrix/lab/driver/cuda/errors.h"

using coroner::driver::Gpu;
using coroner::driver::parse_pci_address;
using coroner::driver::PciAddress;
using coroner::driver::Profile;
using namespace coroner::driver::cuda;

namespace {

constexpr std::uint64_t mebibyte = 1024ULL * 1024ULL;

struct Attribute {
  int number;  // CUdevice_attribute
  int (*read)(const Gpu&);
};

template <int value>
int constant(const Gpu& /*gpu*/)
{
  return value;
}

template <std::uint32_t PciAddress::*part>
int pci_part(const Gpu& gpu)
{
  return static_cast<int>(parse_pci_address(gpu.pci_bus_id).value_or(PciAddress{}).*part);
}

constexpr std::array attributes = {
    Attribute{1, constant<1024>},  // threads in a block
    Attribute{2, constant<1024>},  // block x
    Attribute{3, constant<1024>},  // block y
    Attribute{4, constant<64>},    // block z
    Attribute{5, constant<2147483647>},
    Attribute{6, constant<65535>},
    Attribute{7, constant<65535>},
    Attribute{8, constant<49152>},   // shared memory of a block
    Attribute{9, constant<65536>},   // constant memory
    Attribute{10, constant<32>},     // warp
    Attribute{12, constant<65536>},  // registers of a block
    Attribute{16, [](const Gpu& gpu) { return static_cast<int>(gpu.multiprocessors); }},
    Attribute{32, [](const Gpu& gpu) { return gpu.ecc ? 1 : 0; }},
    Attribute{33, pci_part<&PciAddress::bus>},
    Attribute{34, pci_part<&PciAddress::device>},
    Attribute{39, constant<2048>},  // threads of a multiprocessor
    Attribute{41, constant<1>},     // unified addressing
    Attribute{50, pci_part<&PciAddress::domain>},
    Attribute{75, [](const Gpu& gpu) { return gpu.compute_capability.major; }},
    Attribute{76, [](const Gpu& gpu) { return gpu.compute_capability.minor; }},
};
// Attributes beyond the table are optional abilities, and none of them is simulated.
constexpr int last_attribute = 150;

Result copy_text(std::string_view text, char* buffer, int length)
{
  if (buffer == nullptr || length <= 0) return Result::invalid_value;
  const std::size_t count = std::min(text.size(), static_cast<std::size_t>(length) - 1);
  std::memcpy(buffer, text.data(), count);
  buffer[count] = '\0';
  return Result::success;
}

Uuid bytes_of(std::string_view text)
{
  Uuid uuid{};
  std::string digits(text.substr(std::min<std::size_t>(4, text.size())));
  std::erase(digits, '-');
  for (std::size_t at = 0; at < 16 && 2 * at + 2 <= digits.size(); ++at) {
    std::from_chars(digits.data() + 2 * at, digits.data() + 2 * at + 2, uuid.bytes[at], 16);
  }
  return uuid;
}

Result write_uuid(Uuid* uuid, DeviceNumber device)
{
  if (uuid == nullptr) return Result::invalid_value;
  return with_device(device, [uuid](const Gpu& gpu) {
    *uuid = bytes_of(gpu.uuid);
    return Result::success;
  });
}

Result write_error(Result result, const char** text, const char* ErrorRow::*member)
{
  if (text == nullptr) return Result::invalid_value;
  const ErrorRow* row = find_error(result);
  *text = row == nullptr ? nullptr : row->*member;
  return row == nullptr ? Result::invalid_value : Result::success;
}

}  // namespace

CORONER_CUDA cuInit(unsigned flags)
{
  if (flags != 0) return Result::invalid_value;
  return with_driver([](Driver& instance) {
    return instance.initialize(std::getenv("CUDA_VISIBLE_DEVICES"));  // NOLINT: read only
  });
}

CORONER_CUDA cuDriverGetVersion(int* version)
{
  if (version == nullptr) return Result::invalid_value;
  return with_driver([version](Driver& instance) {
    const Profile* profile = instance.profile();
    if (profile == nullptr) return Result::unknown;
    *version = profile->cuda_version.major * 1000 + profile->cuda_version.minor * 10;
    return Result::success;
  });
}

CORONER_CUDA cuGetErrorName(Result result, const char** name)
{
  return write_error(result, name, &ErrorRow::name);
}

CORONER_CUDA cuGetErrorString(Result result, const char** text)
{
  return write_error(result, text, &ErrorRow::text);
}

CORONER_CUDA cuDeviceGetCount(int* count)
{
  if (count == nullptr) return Result::invalid_value;
  return with_initialized_driver([count](Driver& instance) {
    *count = static_cast<int>(instance.devices().size());
    return Result::success;
  });
}

CORONER_CUDA cuDeviceGet(DeviceNumber* device, int ordinal)
{
  if (device == nullptr) return Result::invalid_value;
  return with_device(ordinal, [&](const Gpu& /*gpu*/) {
    *device = ordinal;
    return Result::success;
  });
}

// CUDA's names feed no labels, so this one says what it is.
CORONER_CUDA cuDeviceGetName(char* name, int length, DeviceNumber device)
{
  return with_device(
      device, [&](const Gpu& gpu) { return copy_text(gpu.name + " (simulated)", name, length); });
}

CORONER_CUDA cuDeviceGetUuid(Uuid* uuid, DeviceNumber device)
{
  return write_uuid(uuid, device);
}

CORONER_CUDA cuDeviceGetUuid_v2(Uuid* uuid, DeviceNumber device)
{
  return write_uuid(uuid, device);
}

CORONER_CUDA cuDeviceTotalMem_v2(std::size_t* bytes, DeviceNumber device)
{
  if (bytes == nullptr) return Result::invalid_value;
  return with_device(device, [bytes](const Gpu& gpu) {
    *bytes = gpu.memory_mib * mebibyte;
    return Result::success;
  });
}

CORONER_CUDA cuDeviceGetPCIBusId(char* bus_id, int length, DeviceNumber device)
{
  return with_device(device, [&](const Gpu& gpu) {
    return copy_text(std::string_view(gpu.pci_bus_id).substr(4), bus_id, length);
  });
}

CORONER_CUDA cuDeviceGetAttribute(int* value, int attribute, DeviceNumber device)
{
  if (value == nullptr || attribute < 1 || attribute > last_attribute) return Result::invalid_value;
  return with_device(device, [&](const Gpu& gpu) {
    const auto* row = std::ranges::find(attributes, attribute, &Attribute::number);
    *value = row == attributes.end() ? 0 : row->read(gpu);
    return Result::success;
  });
}

CORONER_CUDA cuDeviceComputeCapability(int* major, int* minor, DeviceNumber device)
{
  if (major == nullptr || minor == nullptr) return Result::invalid_value;
  return with_device(device, [&](const Gpu& gpu) {
    *major = gpu.compute_capability.major;
    *minor = gpu.compute_capability.minor;
    return Result::success;
  });
}
