// SPDX-License-Identifier: Apache-2.0
// A libcuda.so.1 for tests, that computes in host memory and goes wrong as FAKE_CUDA_FAULT says:
// hang, crash, noise, jit, wrong, stale, lost (and right for anything else).
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <unistd.h>

namespace {

constexpr int invalid_ptx = 218;
constexpr int device_lost = 719;  // CUDA_ERROR_LAUNCH_FAILED

bool has_fault(const char* name)
{
  const char* fault = std::getenv("FAKE_CUDA_FAULT");
  return fault != nullptr && std::strcmp(fault, name) == 0;
}

void* pointer(unsigned long long address)
{
  return reinterpret_cast<void*>(address);
}

}  // namespace

#define FAKE extern "C" [[gnu::visibility("default")]] int

FAKE cuInit(unsigned)
{
  if (has_fault("noise")) std::puts(R"({"schema":1,"kind":"vectoradd","ok":true})");
  if (has_fault("noise")) std::fflush(stdout);
  while (has_fault("hang")) pause();
  if (has_fault("crash")) std::raise(SIGSEGV);
  return 0;
}

FAKE cuDriverGetVersion(int* version)
{
  *version = 12040;
  return 0;
}

FAKE cuGetErrorName(int code, const char** text)
{
  *text = code == invalid_ptx ? "CUDA_ERROR_INVALID_PTX" : "CUDA_ERROR_LAUNCH_FAILED";
  return 0;
}

FAKE cuGetErrorString(int, const char** text)
{
  *text = "as the test asked";
  return 0;
}

FAKE cuDeviceGetCount(int* count)
{
  *count = has_fault("none") ? 0 : 1;
  return 0;
}

FAKE cuDeviceGet(int* device, int number)
{
  *device = number;
  return 0;
}

FAKE cuDeviceGetName(char* text, int size, int)
{
  std::snprintf(text, static_cast<std::size_t>(size), "fake");
  return 0;
}

FAKE cuDeviceGetUuid(unsigned char* bytes, int)
{
  std::memset(bytes, 0xAB, 16);
  return 0;
}

FAKE cuDeviceGetPCIBusId(char* text, int size, int)
{
  std::snprintf(text, static_cast<std::size_t>(size), "0000:00:00.0");
  return 0;
}

FAKE cuDeviceGetAttribute(int* value, int, int)
{
  *value = 9;
  return 0;
}

FAKE cuDeviceTotalMem_v2(std::size_t* bytes, int)
{
  *bytes = 1024;
  return 0;
}

FAKE cuCtxCreate_v2(void** context, unsigned, int)
{
  *context = context;
  return 0;
}

FAKE cuCtxDestroy_v2(void*)
{
  return 0;
}

FAKE cuCtxSynchronize()
{
  return has_fault("lost") ? device_lost : 0;
}

FAKE cuModuleLoadDataEx(void** module, const void*, unsigned, int*, void** values)
{
  *module = module;
  if (!has_fault("jit")) return 0;
  std::strcpy(static_cast<char*>(values[0]), "line 7: no such instruction");
  return invalid_ptx;
}

FAKE cuModuleGetFunction(void** function, void*, const char*)
{
  *function = function;
  return 0;
}

FAKE cuMemAlloc_v2(unsigned long long* address, std::size_t bytes)
{
  *address = reinterpret_cast<unsigned long long>(std::malloc(bytes));
  return 0;
}

FAKE cuMemsetD32_v2(unsigned long long address, unsigned value, std::size_t count)
{
  auto* words = static_cast<std::uint32_t*>(pointer(address));
  for (std::size_t index = 0; index < count; ++index) words[index] = value;
  return 0;
}

FAKE cuMemcpyHtoD_v2(unsigned long long address, const void* from, std::size_t bytes)
{
  std::memcpy(pointer(address), from, bytes);
  return 0;
}

FAKE cuMemcpyDtoH_v2(void* to, unsigned long long address, std::size_t bytes)
{
  std::memcpy(to, pointer(address), bytes);
  return 0;
}

FAKE cuLaunchKernel(void*, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned,
                    void*, void** parameters, void**)
{
  if (has_fault("stale")) return 0;
  const auto address = [parameters](int index) {
    return static_cast<float*>(pointer(*static_cast<unsigned long long*>(parameters[index])));
  };
  const float scale = *static_cast<float*>(parameters[3]);
  const std::uint32_t count = *static_cast<std::uint32_t*>(parameters[4]);
  for (std::uint32_t index = 0; index < count; ++index) {
    address(2)[index] = address(0)[index] + scale * address(1)[index];
  }
  if (has_fault("wrong")) address(2)[count - 1] += 1;
  return 0;
}

FAKE cuEventCreate(void** event, unsigned)
{
  *event = event;
  return 0;
}

FAKE cuEventRecord(void*, void*)
{
  return 0;
}

FAKE cuEventSynchronize(void*)
{
  return 0;
}

FAKE cuEventElapsedTime(float* elapsed_ms, void*, void*)
{
  *elapsed_ms = 10;
  return 0;
}
