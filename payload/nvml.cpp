// SPDX-License-Identifier: Apache-2.0
// Numbers and layouts as nvml.h has them (go-nvml 0.13.0-1, pkg/nvml/nvml.h).
#include "payload/nvml.h"

#include <array>
#include <string>

#include "payload/gpu.h"
#include "payload/library.h"

namespace coroner::payload {
namespace {

using Device = void*;

constexpr int success = 0;
constexpr int not_supported = 3;

struct Memory {
  unsigned long long total;
  unsigned long long free;
  unsigned long long used;
};

struct PciInfo {
  std::array<char, 16> legacy_bus_id;
  std::array<unsigned, 5> numbers;
  std::array<char, 32> bus_id;
};
static_assert(sizeof(PciInfo) == 68);

struct StatusName {
  int code;
  std::string_view name;
};
constexpr std::array status_names = {
    StatusName{1, "NVML_ERROR_UNINITIALIZED"},
    StatusName{2, "NVML_ERROR_INVALID_ARGUMENT"},
    StatusName{3, "NVML_ERROR_NOT_SUPPORTED"},
    StatusName{4, "NVML_ERROR_NO_PERMISSION"},
    StatusName{6, "NVML_ERROR_NOT_FOUND"},
    StatusName{7, "NVML_ERROR_INSUFFICIENT_SIZE"},
    StatusName{8, "NVML_ERROR_INSUFFICIENT_POWER"},
    StatusName{9, "NVML_ERROR_DRIVER_NOT_LOADED"},
    StatusName{10, "NVML_ERROR_TIMEOUT"},
    StatusName{11, "NVML_ERROR_IRQ_ISSUE"},
    StatusName{12, "NVML_ERROR_LIBRARY_NOT_FOUND"},
    StatusName{13, "NVML_ERROR_FUNCTION_NOT_FOUND"},
    StatusName{14, "NVML_ERROR_CORRUPTED_INFOROM"},
    StatusName{15, "NVML_ERROR_GPU_IS_LOST"},
    StatusName{16, "NVML_ERROR_RESET_REQUIRED"},
    StatusName{17, "NVML_ERROR_OPERATING_SYSTEM"},
    StatusName{18, "NVML_ERROR_LIB_RM_VERSION_MISMATCH"},
    StatusName{19, "NVML_ERROR_IN_USE"},
    StatusName{20, "NVML_ERROR_MEMORY"},
    StatusName{999, "NVML_ERROR_UNKNOWN"},
};

std::string_view status_name(int code)
{
  for (const StatusName& row : status_names) {
    if (row.code == code) return row.name;
  }
  return "";
}

struct Functions {
  int (*init)();
  int (*shutdown)();
  const char* (*error_string)(int);
  int (*driver_version)(char*, unsigned);
  int (*cuda_version)(int*);
  int (*count)(unsigned*);
  int (*device)(unsigned, Device*);
  int (*name)(Device, char*, unsigned);
  int (*uuid)(Device, char*, unsigned);
  int (*memory)(Device, Memory*);
  int (*pci)(Device, PciInfo*);
  int (*capability)(Device, int*, int*);
  int (*mig_mode)(Device, unsigned*, unsigned*);
};

class Reading {
 public:
  explicit Reading(Worker& worker) : worker_(worker), library_("libnvidia-ml.so.1")
  {
    library_.keep();
  }

  int run()
  {
    const bool is_ok = open() && read_all();
    if (!is_ok && failure_.str() == "{}") failure_.text("error", "no_gpu");
    JsonObject line = worker_.line(is_ok);
    line.merge(failure_).merge(found_);
    worker_.emit(line);
    return is_ok ? exit_ok : exit_failed;
  }

 private:
  bool open();
  bool read_all();
  void read_versions();
  bool read_gpu(unsigned index, JsonObject& gpu, std::string& uuid);
  bool read_names(Device device, JsonObject& gpu, std::string& uuid);
  bool read_numbers(Device device, JsonObject& gpu);

  template <typename Function>
  bool find(const char* symbol, Function& function)
  {
    if (library_.find(symbol, function)) return true;
    failure_.text("error", "symbol_missing").text("call", symbol);
    return false;
  }

  // `failure` gets what went wrong.
  template <typename Function, typename... Arguments>
  bool call(JsonObject& failure, const char* name, Function function, Arguments... arguments)
  {
    worker_.step(name);
    const int code = function(arguments...);
    if (code == success) return true;
    const char* text = functions_.error_string(code);
    failure.text("call", name)
        .number("code", code)
        .text("name", status_name(code))
        .text("text", text == nullptr ? "" : text);
    return false;
  }

  Worker& worker_;
  Library library_;
  Functions functions_{};
  JsonObject failure_;
  JsonObject found_;
};

bool Reading::open()
{
  worker_.step("dlopen libnvidia-ml.so.1");
  if (!library_.is_open()) {
    failure_.text("error", "library_missing")
        .text("call", "dlopen")
        .text("library", library_.name())
        .text("problem", library_.problem());
    return false;
  }
  found_.text("library_path", library_.path());
  Functions& all = functions_;
  return find("nvmlInit_v2", all.init) && find("nvmlShutdown", all.shutdown) &&
         find("nvmlErrorString", all.error_string) &&
         find("nvmlSystemGetDriverVersion", all.driver_version) &&
         find("nvmlSystemGetCudaDriverVersion", all.cuda_version) &&
         find("nvmlDeviceGetCount_v2", all.count) &&
         find("nvmlDeviceGetHandleByIndex_v2", all.device) && find("nvmlDeviceGetName", all.name) &&
         find("nvmlDeviceGetUUID", all.uuid) && find("nvmlDeviceGetMemoryInfo", all.memory) &&
         find("nvmlDeviceGetPciInfo_v3", all.pci) &&
         find("nvmlDeviceGetCudaComputeCapability", all.capability) &&
         find("nvmlDeviceGetMigMode", all.mig_mode);
}

bool Reading::read_all()
{
  JsonObject problem;
  if (!call(problem, "nvmlInit_v2", functions_.init)) {
    failure_.text("error", "call_failed").merge(problem);
    return false;
  }
  read_versions();
  unsigned count = 0;
  if (!call(problem, "nvmlDeviceGetCount_v2", functions_.count, &count)) {
    failure_.text("error", "call_failed").merge(problem);
    return false;
  }
  bool are_all_ok = true;
  bool are_simulated = count > 0;
  JsonList gpus(max_gpus_bytes);
  for (unsigned index = 0; index < count && index < max_gpus; ++index) {
    JsonObject gpu;
    std::string uuid;
    are_all_ok = read_gpu(index, gpu.number("index", index), uuid) && are_all_ok;
    are_simulated = are_simulated && is_simulated(uuid);
    gpus.add(gpu);
  }
  found_.number("count", count).flag("simulated", are_simulated).list("gpus", gpus);
  if (!are_all_ok) failure_.text("error", "call_failed");
  JsonObject ignored;
  call(ignored, "nvmlShutdown", functions_.shutdown);
  return are_all_ok && count > 0;
}

void Reading::read_versions()
{
  JsonObject ignored;
  std::array<char, 96> version{};
  if (call(ignored, "nvmlSystemGetDriverVersion", functions_.driver_version, version.data(),
           static_cast<unsigned>(version.size()))) {
    found_.text("driver_version", version.data());
  }
  int cuda = 0;
  if (call(ignored, "nvmlSystemGetCudaDriverVersion", functions_.cuda_version, &cuda)) {
    found_.text("cuda_version",
                std::to_string(cuda / 1000) + "." + std::to_string(cuda % 1000 / 10));
  }
}

bool Reading::read_gpu(unsigned index, JsonObject& gpu, std::string& uuid)
{
  Device device = nullptr;
  return call(gpu, "nvmlDeviceGetHandleByIndex_v2", functions_.device, index, &device) &&
         read_names(device, gpu, uuid) && read_numbers(device, gpu);
}

bool Reading::read_names(Device device, JsonObject& gpu, std::string& uuid)
{
  std::array<char, 96> text{};
  const auto size = static_cast<unsigned>(text.size());
  if (!call(gpu, "nvmlDeviceGetName", functions_.name, device, text.data(), size)) return false;
  gpu.text("name", text.data());
  if (!call(gpu, "nvmlDeviceGetUUID", functions_.uuid, device, text.data(), size)) return false;
  uuid = text.data();
  gpu.text("uuid", uuid).flag("simulated", is_simulated(uuid));
  PciInfo pci{};
  if (!call(gpu, "nvmlDeviceGetPciInfo_v3", functions_.pci, device, &pci)) return false;
  pci.bus_id.back() = '\0';
  gpu.text("pci_bus_id", pci.bus_id.data());
  return true;
}

bool Reading::read_numbers(Device device, JsonObject& gpu)
{
  Memory memory{};
  JsonObject problem;
  // Boards whose memory is the machine's own (GB10, Jetson) do not tell it, and are none the worse.
  if (call(problem, "nvmlDeviceGetMemoryInfo", functions_.memory, device, &memory)) {
    gpu.number("memory_total_bytes", memory.total).number("memory_used_bytes", memory.used);
  } else {
    gpu.nothing("memory_total_bytes").nothing("memory_used_bytes");
  }
  int major = 0;
  int minor = 0;
  if (!call(gpu, "nvmlDeviceGetCudaComputeCapability", functions_.capability, device, &major,
            &minor)) {
    return false;
  }
  gpu.text("compute_capability", std::to_string(major) + "." + std::to_string(minor));
  unsigned current = 0;
  unsigned pending = 0;
  worker_.step("nvmlDeviceGetMigMode");
  const int code = functions_.mig_mode(device, &current, &pending);
  if (code != success) {
    gpu.text("mig_mode", code == not_supported ? "not_supported" : status_name(code));
  } else {
    gpu.text("mig_mode", current == 0 ? "disabled" : "enabled");
  }
  return true;
}

}  // namespace

int nvml(Worker& worker)
{
  return Reading(worker).run();
}

}  // namespace coroner::payload
