// SPDX-License-Identifier: Apache-2.0
// Reads profiles/<name>.yaml on the harness side and puts a stamped driver into folders.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"
#include "matrix/lab/driver/profile.h"

namespace coroner::driver {

/// The profile of a YAML text. A GPU without `uuid` gets one made of its name and bus id, always
/// the same. ErrorKind::invalid with file, line and column for unknown or missing keys and values
/// out of range; all UUIDs must begin with simulated_uuid_prefix.
base::Result<Profile> read_profile(std::string_view text, std::string source);

/// The same profile with `count` GPUs: its own, repeated in turn, with bus ids, minors and UUIDs of
/// their own. ErrorKind::invalid unless count is 1 to most_gpus.
base::Result<Profile> with_copies(Profile profile, std::size_t count);

struct Installation {
  std::filesystem::path artifacts;          ///< Holds libnvidia-ml.so, libcuda.so, nvidia-smi.
  std::filesystem::path library_directory;  ///< Made if missing, as is the next.
  std::filesystem::path binary_directory;
};

/// Writes libnvidia-ml.so.<version>, libcuda.so.<version> with their .so.1 and .so links, and
/// nvidia-smi, all stamped with the profile. Returns the paths of the three files. Nothing is
/// undone on an error.
base::Result<std::vector<std::filesystem::path>> install(const Profile& profile,
                                                         const Installation& installation);

/// Writes what the kernel shows of the GPUs on the PCI bus below `directory`: one folder a GPU,
/// named 0000:01:00.0, with vendor, device, class, config, numa_node, resource, revision and the
/// subsystem's ids. A cell binds it over /sys/bus/pci/devices: GPU feature discovery 0.17.4 ends
/// without these files, and node feature discovery makes its PCI labels of them.
base::Result<void> write_pci_devices(const Profile& profile,
                                     const std::filesystem::path& directory);

}  // namespace coroner::driver
