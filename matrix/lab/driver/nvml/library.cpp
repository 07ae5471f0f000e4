// SPDX-License-Identifier: Apache-2.0
// Initialises the simulated NVML from the profile and the kernel's word.
#include "matrix/lab/driver/nvml/library.h"

#include <algorithm>
#include <utility>

#include "matrix/lab/driver/embedded.h"
#include "matrix/lab/driver/nvml/errors.h"

namespace coroner::driver::nvml {

Library::Library(Decoded profile, Kernel kernel)
    : kernel_(std::move(kernel)), profile_(std::move(profile.profile))
{
  if (profile_) std::ranges::sort(profile_->gpus, {}, &Gpu::pci_bus_id);
}

Status Library::look() const
{
  if (!profile_) return Status::unknown;
  const std::string module = kernel_.module_version();
  if (module.empty()) return Status::driver_not_loaded;
  if (const Status status = meaning_of(kernel_.open_control()); status != Status::success) {
    return status;
  }
  // The real library learns the module's version through nvidiactl, so this comes after its open.
  return module == profile_->driver_version ? Status::success : Status::version_mismatch;
}

Status Library::initialize()
{
  const std::scoped_lock lock(mutex_);
  if (users_ > 0) {
    ++users_;
    return Status::success;
  }
  if (const Status status = look(); status != Status::success) return status;
  devices_.clear();
  for (const Gpu& gpu : profile_->gpus) {
    if (kernel_.open_gpu(gpu.minor) != Access::granted) continue;
    devices_.push_back({&gpu, static_cast<unsigned>(devices_.size())});
  }
  users_ = 1;
  return Status::success;
}

Status Library::shut_down()
{
  const std::scoped_lock lock(mutex_);
  if (users_ == 0) return Status::uninitialized;
  if (--users_ == 0) devices_.clear();
  return Status::success;
}

bool Library::is_initialized() const
{
  const std::scoped_lock lock(mutex_);
  return users_ > 0;
}

const Profile* Library::profile() const
{
  return profile_ ? &*profile_ : nullptr;
}

std::vector<Device> Library::devices() const
{
  const std::scoped_lock lock(mutex_);
  return devices_;
}

Status Library::find(DeviceHandle handle, Device& device) const
{
  const std::scoped_lock lock(mutex_);
  if (users_ == 0) return Status::uninitialized;
  for (const Device& one : devices_) {
    if (handle_of(one) == handle) return device = one, Status::success;
  }
  return Status::invalid_argument;
}

Library& library()
{
  // Never destroyed: Go's threads may still call while the process exits.
  static Library& instance = *new Library(embedded_profile(), Kernel());
  return instance;
}

}  // namespace coroner::driver::nvml
