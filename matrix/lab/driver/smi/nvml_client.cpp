// SPDX-License-Identifier: Apache-2.0
// Reads the GPUs through dlopen and dlsym, as the real nvidia-smi does.
#include "matrix/lab/driver/smi/nvml_client.h"

#include <array>

#include <dlfcn.h>

namespace coroner::driver::smi {
namespace {

using nvml::DeviceHandle;
using nvml::Status;

class Client {
 public:
  Client() : library_(dlopen("libnvidia-ml.so.1", RTLD_LAZY)) {}
  ~Client()
  {
    if (library_ != nullptr) dlclose(library_);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  Client(Client&&) = delete;
  Client& operator=(Client&&) = delete;

  [[nodiscard]] bool is_open() const { return library_ != nullptr; }

  template <typename... Arguments>
  Status call(const char* name, Arguments... arguments) const
  {
    using Function = Status (*)(Arguments...);
    const auto function = reinterpret_cast<Function>(dlsym(library_, name));
    return function == nullptr ? Status::not_supported : function(arguments...);
  }

  [[nodiscard]] std::string error_text(Status status) const
  {
    using Function = const char* (*)(Status);
    const auto function = reinterpret_cast<Function>(dlsym(library_, "nvmlErrorString"));
    return function == nullptr ? "Unknown Error" : function(status);
  }

  std::string text(const char* name, DeviceHandle device) const
  {
    std::array<char, 96> buffer{};
    const Status status = call(name, device, buffer.data(), static_cast<unsigned>(buffer.size()));
    return status == Status::success ? buffer.data() : "[N/A]";
  }

 private:
  void* library_;
};

constexpr unsigned long long mebibyte = 1024ULL * 1024ULL;

GpuState read_gpu(const Client& client, unsigned index, DeviceHandle device)
{
  GpuState gpu;
  gpu.index = index;
  gpu.name = client.text("nvmlDeviceGetName", device);
  gpu.uuid = client.text("nvmlDeviceGetUUID", device);
  gpu.serial = client.text("nvmlDeviceGetSerial", device);
  gpu.vbios = client.text("nvmlDeviceGetVbiosVersion", device);
  nvml::PciInfo pci{};
  client.call("nvmlDeviceGetPciInfo_v3", device, &pci);
  gpu.bus_id = pci.bus_id;
  client.call("nvmlDeviceGetCudaComputeCapability", device, &gpu.compute_major, &gpu.compute_minor);
  nvml::Memory memory{};
  client.call("nvmlDeviceGetMemoryInfo", device, &memory);
  gpu.memory_total_mib = memory.total / mebibyte;
  gpu.memory_used_mib = memory.used / mebibyte;
  unsigned current = 0;
  unsigned pending = 0;
  gpu.has_ecc = client.call("nvmlDeviceGetEccMode", device, &current, &pending) == Status::success;
  gpu.has_mig = client.call("nvmlDeviceGetMigMode", device, &current, &pending) == Status::success;
  return gpu;
}

void read_all(const Client& client, MachineState& machine)
{
  std::array<char, 96> version{};
  client.call("nvmlSystemGetDriverVersion", version.data(), static_cast<unsigned>(version.size()));
  machine.driver_version = version.data();
  client.call("nvmlSystemGetCudaDriverVersion_v2", &machine.cuda_version);
  unsigned count = 0;
  client.call("nvmlDeviceGetCount_v2", &count);
  for (unsigned index = 0; index < count; ++index) {
    DeviceHandle device = nullptr;
    if (client.call("nvmlDeviceGetHandleByIndex_v2", index, &device) != Status::success) continue;
    machine.gpus.push_back(read_gpu(client, index, device));
  }
}

}  // namespace

Reading read_machine()
{
  Reading reading;
  const Client client;
  if (!client.is_open()) {
    reading.has_library = false;
    reading.status = Status::unknown;
    return reading;
  }
  reading.status = client.call("nvmlInit_v2");
  if (reading.status != Status::success) {
    reading.error_text = client.error_text(reading.status);
    return reading;
  }
  read_all(client, reading.machine);
  client.call("nvmlShutdown");
  return reading;
}

}  // namespace coroner::driver::smi
