// SPDX-License-Identifier: Apache-2.0
// The CUDA driver API as libcuda.so.1 offers it here; each call names itself, and its failure.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "payload/json.h"
#include "payload/library.h"
#include "payload/worker.h"

namespace coroner::payload {

// Numbers and layouts as cuda.h has them.
using CudaAddress = unsigned long long;
using CudaHandle = void*;  // context, module, function, event, stream

struct CudaUuid {
  std::array<unsigned char, 16> bytes;
};

inline constexpr int cuda_attribute_capability_major = 75;
inline constexpr int cuda_attribute_capability_minor = 76;
inline constexpr int cuda_jit_error_log_buffer = 5;
inline constexpr int cuda_jit_error_log_bytes = 6;

struct CudaFunctions {
  int (*init)(unsigned);
  int (*driver_version)(int*);
  int (*error_name)(int, const char**);
  int (*error_string)(int, const char**);
  int (*device_count)(int*);
  int (*device)(int*, int);
  int (*device_name)(char*, int, int);
  int (*device_uuid)(CudaUuid*, int);
  int (*device_bus_id)(char*, int, int);
  int (*device_attribute)(int*, int, int);
  int (*device_memory)(std::size_t*, int);
  int (*create_context)(CudaHandle*, unsigned, int);
  int (*destroy_context)(CudaHandle);
  int (*synchronize)();
  int (*load_module)(CudaHandle*, const void*, unsigned, int*, void**);
  int (*module_function)(CudaHandle*, CudaHandle, const char*);
  int (*allocate)(CudaAddress*, std::size_t);
  int (*fill)(CudaAddress, unsigned, std::size_t);
  int (*copy_in)(CudaAddress, const void*, std::size_t);
  int (*copy_out)(void*, CudaAddress, std::size_t);
  int (*launch)(CudaHandle, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned,
                CudaHandle, void**, void**);
  int (*create_event)(CudaHandle*, unsigned);
  int (*record_event)(CudaHandle, CudaHandle);
  int (*wait_for_event)(CudaHandle);
  int (*elapsed_ms)(float*, CudaHandle, CudaHandle);
};

class Cuda {
 public:
  explicit Cuda(Worker& worker);

  /// Loads the library and its functions; false with failure() set.
  bool open();

  [[nodiscard]] const CudaFunctions& functions() const { return functions_; }
  [[nodiscard]] std::string library_path() const { return library_.path(); }

  /// Calls `function` under the step `name`; false with failure() set where it gives an error.
  template <typename Function, typename... Arguments>
  bool call(const char* name, Function function, Arguments... arguments)
  {
    worker_.step(name);
    return check(name, function(arguments...));
  }

  /// Of the last call that failed: {"error":"call_failed","call","code","name","text"}, or
  /// {"error":"library_missing","call":"dlopen","library","problem"}, or
  /// {"error":"symbol_missing","call"}.
  [[nodiscard]] const JsonObject& failure() const { return failure_; }

 private:
  bool check(const char* name, int code);
  bool find_functions();

  Worker& worker_;
  Library library_;
  CudaFunctions functions_{};
  JsonObject failure_;
};

/// "GPU-00112233-4455-6677-8899-aabbccddeeff".
std::string uuid_text(const CudaUuid& uuid);

}  // namespace coroner::payload
