// SPDX-License-Identifier: Apache-2.0
// State of the simulated NVML: initialised or not, and which GPUs this process may use.
#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <vector>

#include "matrix/lab/driver/kernel.h"
#include "matrix/lab/driver/nvml/abi.h"
#include "matrix/lab/driver/profile.h"

namespace coroner::driver::nvml {

struct Device {
  const Gpu* gpu = nullptr;
  unsigned index = 0;  // among the GPUs that this process may use, in order of their bus ids
};

class Library {
 public:
  Library(Decoded profile, Kernel kernel);

  // As nvmlInit and nvmlShutdown: counted, so that the last shutdown ends it.
  Status initialize();
  Status shut_down();

  [[nodiscard]] bool is_initialized() const;
  // Never null while initialised.
  [[nodiscard]] const Profile* profile() const;
  // The GPUs whose node opened when the library was initialised; empty before.
  [[nodiscard]] std::vector<Device> devices() const;
  // The device behind a handle; invalid_argument for any other pointer, uninitialized before init.
  Status find(DeviceHandle handle, Device& device) const;
  [[nodiscard]] static DeviceHandle handle_of(const Device& device) { return device.gpu; }

 private:
  Status look() const;

  Kernel kernel_;
  std::optional<Profile> profile_;
  mutable std::mutex mutex_;
  std::size_t users_ = 0;
  std::vector<Device> devices_;
};

// The one of this process, with the profile stamped into this file.
Library& library();

}  // namespace coroner::driver::nvml
