// SPDX-License-Identifier: Apache-2.0
// Resolves the functions by the names under which cuda.h calls them.
#include "payload/cuda.h"

#include "payload/text.h"

namespace coroner::payload {
namespace {

class Finder {
 public:
  explicit Finder(const Library& library) : library_(library) {}

  template <typename Function>
  Finder& find(const char* symbol, Function& function)
  {
    if (!library_.find(symbol, function) && missing_.empty()) missing_ = symbol;
    return *this;
  }
  [[nodiscard]] const std::string& missing() const { return missing_; }

 private:
  const Library& library_;
  std::string missing_;  // the first
};

std::string text_of(int (*ask)(int, const char**), int code)
{
  const char* text = nullptr;
  return ask(code, &text) == 0 && text != nullptr ? text : "";
}

}  // namespace

Cuda::Cuda(Worker& worker)
    : worker_(worker), library_((worker.step("dlopen libcuda.so.1"), "libcuda.so.1"))
{
  library_.keep();
}

bool Cuda::open()
{
  if (library_.is_open()) return find_functions();
  failure_ = JsonObject()
                 .text("error", "library_missing")
                 .text("call", "dlopen")
                 .text("library", library_.name())
                 .text("problem", library_.problem());
  return false;
}

bool Cuda::find_functions()
{
  Finder finder(library_);
  CudaFunctions& all = functions_;
  finder.find("cuInit", all.init)
      .find("cuDriverGetVersion", all.driver_version)
      .find("cuGetErrorName", all.error_name)
      .find("cuGetErrorString", all.error_string)
      .find("cuDeviceGetCount", all.device_count)
      .find("cuDeviceGet", all.device)
      .find("cuDeviceGetName", all.device_name)
      .find("cuDeviceGetUuid", all.device_uuid)
      .find("cuDeviceGetPCIBusId", all.device_bus_id)
      .find("cuDeviceGetAttribute", all.device_attribute)
      .find("cuDeviceTotalMem_v2", all.device_memory)
      .find("cuCtxCreate_v2", all.create_context)
      .find("cuCtxDestroy_v2", all.destroy_context)
      .find("cuCtxSynchronize", all.synchronize)
      .find("cuModuleLoadDataEx", all.load_module)
      .find("cuModuleGetFunction", all.module_function)
      .find("cuMemAlloc_v2", all.allocate)
      .find("cuMemsetD32_v2", all.fill)
      .find("cuMemcpyHtoD_v2", all.copy_in)
      .find("cuMemcpyDtoH_v2", all.copy_out)
      .find("cuLaunchKernel", all.launch)
      .find("cuEventCreate", all.create_event)
      .find("cuEventRecord", all.record_event)
      .find("cuEventSynchronize", all.wait_for_event)
      .find("cuEventElapsedTime", all.elapsed_ms);
  if (finder.missing().empty()) return true;
  failure_ = JsonObject().text("error", "symbol_missing").text("call", finder.missing());
  return false;
}

bool Cuda::check(const char* name, int code)
{
  if (code == 0) return true;
  failure_ = JsonObject()
                 .text("error", "call_failed")
                 .text("call", name)
                 .number("code", code)
                 .text("name", text_of(functions_.error_name, code))
                 .text("text", text_of(functions_.error_string, code));
  return false;
}

std::string uuid_text(const CudaUuid& uuid)
{
  std::string text = "GPU";
  for (std::size_t index = 0; index < uuid.bytes.size(); ++index) {
    const bool begins_group = index == 0 || index == 4 || index == 6 || index == 8 || index == 10;
    if (begins_group) text += '-';
    text += hexadecimal(uuid.bytes[index], 2);
  }
  return text;
}

}  // namespace coroner::payload
