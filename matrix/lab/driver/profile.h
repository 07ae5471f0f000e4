// SPDX-License-Identifier: Apache-2.0
// What a simulated driver pretends to be, and its text form that travels inside the ELF files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coroner::driver {

inline constexpr std::size_t most_gpus = 64;
inline constexpr std::size_t most_text_bytes = 256;
// First group of every simulated GPU's UUID: what tells it from a real one wherever it is printed.
inline constexpr std::string_view simulated_uuid_prefix = "GPU-51517175-";

struct Version {
  int major = 0;
  int minor = 0;

  auto operator<=>(const Version&) const = default;
};

// One GPU as NVML and CUDA describe it. Identifiers are in PCI's own form, device above vendor.
struct Gpu {
  std::string name;          // the real model name; GPU feature discovery makes labels of it
  std::string brand;         // "GeForce", "NVIDIA", "Tesla", "Quadro", "Titan"
  std::string architecture;  // "pascal", "hopper", "blackwell", …
  Version compute_capability;
  std::uint64_t memory_mib = 0;
  std::uint32_t pci_device_id = 0;  // 0x2c0510de
  std::uint32_t pci_subsystem_id = 0;
  std::string pci_bus_id;  // "00000000:01:00.0"
  std::string uuid;        // begins with simulated_uuid_prefix
  unsigned minor = 0;      // N of /dev/nvidiaN
  std::string serial;      // empty: NVML says "not supported", as GeForce cards do
  unsigned multiprocessors = 1;
  bool mig_capable = false;
  bool ecc = false;

  bool operator==(const Gpu&) const = default;
};

struct Profile {
  std::string driver_version;  // "570.211.01"
  Version cuda_version;        // {12, 8}
  std::string kernel_module;   // "open" or "proprietary"
  std::vector<Gpu> gpus;

  bool operator==(const Profile&) const = default;
};

// The parts of "00000000:01:00.0". Empty where the text has another form.
struct PciAddress {
  std::uint32_t domain = 0;
  std::uint32_t bus = 0;
  std::uint32_t device = 0;
};
std::optional<PciAddress> parse_pci_address(std::string_view text);

// The reason why a profile cannot be used, as a sentence; empty when it can.
std::string problem_of(const Profile& profile);

// The profile as a list of netstrings ("<length>:<bytes>,"): a head, then keys and values, where
// the key "gpu" begins the next GPU.
std::string encode(const Profile& profile);

// A profile read back. Any input is safe: wrong lengths, unknown keys, too many GPUs and values out
// of range give no profile, and `problem` says which.
struct Decoded {
  std::optional<Profile> profile;
  std::string problem;
};
Decoded decode(std::string_view text);

}  // namespace coroner::driver
