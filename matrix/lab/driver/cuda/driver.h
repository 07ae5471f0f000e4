// SPDX-License-Identifier: Apache-2.0
// State of the simulated CUDA driver: devices, contexts, and what was made in them.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "matrix/lab/driver/cuda/abi.h"
#include "matrix/lab/driver/kernel.h"
#include "matrix/lab/driver/profile.h"
#include "matrix/lab/driver/ptx/assembler.h"
#include "matrix/lab/driver/ptx/machine.h"
#include "matrix/lab/driver/ptx/memory.h"

namespace coroner::driver::cuda {

struct Function {
  const ptx::Kernel* kernel = nullptr;
};

struct Module {
  ptx::Module code;
  std::vector<std::unique_ptr<Function>> functions;
};

struct Event {
  std::optional<std::chrono::steady_clock::time_point> recorded;
};

struct Stream {};

// A context and everything in it. After a kernel's fault every call in it gives that error, as on
// real hardware.
struct Context {
  Context(DeviceNumber number, std::uint64_t memory_bytes) : device(number), memory(memory_bytes) {}

  DeviceNumber device;
  ptx::Memory memory;
  Result sticky = Result::success;
  std::map<ModuleHandle, std::unique_ptr<Module>> modules;
  std::map<EventHandle, std::unique_ptr<Event>> events;
  std::map<StreamHandle, std::unique_ptr<Stream>> streams;
  unsigned primary_users = 0;

  [[nodiscard]] Function* find_function(FunctionHandle handle) const;
};

class Driver {
 public:
  Driver(Decoded profile, Kernel kernel);

  // As cuInit: asks the kernel for module, control node, uvm and each GPU's node;
  // CUDA_VISIBLE_DEVICES
  // (`visible`, null where unset) then chooses and orders.
  Result initialize(const char* visible);
  [[nodiscard]] bool is_initialized() const { return is_initialized_; }
  [[nodiscard]] const std::vector<const Gpu*>& devices() const { return devices_; }
  [[nodiscard]] const Profile* profile() const { return profile_ ? &*profile_ : nullptr; }

  Context& make_context(DeviceNumber device);
  // The device's primary context, made when it is missing.
  Context& primary_context(DeviceNumber device);
  [[nodiscard]] Context* find_primary(DeviceNumber device);
  [[nodiscard]] Context* find_context(ContextHandle handle);
  void destroy_context(ContextHandle handle);

  // Contexts that this thread made current, the last one on top.
  static std::vector<ContextHandle>& stack();

  // Held during every call of the API; kernels run under it too.
  std::mutex mutex;

 private:
  [[nodiscard]] Result look() const;

  Kernel kernel_;
  std::optional<Profile> profile_;
  bool is_initialized_ = false;
  std::vector<const Gpu*> devices_;
  std::map<ContextHandle, std::unique_ptr<Context>> contexts_;
  std::map<DeviceNumber, ContextHandle> primaries_;
};

// The one of this process, with the profile stamped into this file.
Driver& driver();

// The GPUs that CUDA_VISIBLE_DEVICES leaves, in its order: numbers or beginnings of UUIDs, up to
// the first that names none.
std::vector<const Gpu*> choose_visible(const std::vector<const Gpu*>& all, const char* visible);

}  // namespace coroner::driver::cuda
