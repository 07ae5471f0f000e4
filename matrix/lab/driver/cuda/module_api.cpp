// SPDX-License-Identifier: Apache-2.0
// CUDA's functions about modules: PTX in, kernels out, and the compiler's log.
#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

#include "matrix/lab/driver/cuda/call.h"
#include "matrix/lab/driver/ptx/tokens.h"

using coroner::driver::Gpu;
using namespace coroner::driver::cuda;
namespace ptx = coroner::driver::ptx;

namespace {

struct Binary {
  std::string_view magic;
};
// ELF (cubin) and the two forms of fat binaries: machine code, which cannot be simulated.
constexpr std::array binaries = {Binary{"\x7f"
                                        "ELF"},
                                 Binary{"\x50\xed\x55\xba"}, Binary{"\xb1\x43\x62\x46"}};

// The caller's log buffers among the options of cuModuleLoadDataEx.
class Logs {
 public:
  Logs(unsigned count, const int* options, void** values)
  {
    if (options == nullptr || values == nullptr) return;
    for (unsigned at = 0; at < count; ++at) {
      if (options[at] == jit_info_log_bytes) info_bytes_ = &values[at];
      if (options[at] == jit_error_log_buffer) error_buffer_ = static_cast<char*>(values[at]);
      if (options[at] == jit_error_log_bytes) error_bytes_ = &values[at];
    }
  }

  // Writes the text as far as the buffer goes, and its length into the options, as the real one.
  void write(std::string_view text) const
  {
    if (info_bytes_ != nullptr) set(info_bytes_, 0);
    if (error_bytes_ == nullptr) return;
    const auto size = static_cast<std::size_t>(reinterpret_cast<std::uintptr_t>(*error_bytes_));
    std::size_t length = 0;
    if (error_buffer_ != nullptr && size > 0) {
      length = std::min(text.size(), size - 1);
      std::memcpy(error_buffer_, text.data(), length);
      error_buffer_[length] = '\0';
    }
    set(error_bytes_, length);
  }

 private:
  static void set(void** value, std::size_t number)
  {
    *value = reinterpret_cast<void*>(number);  // NOLINT: CUDA passes numbers as pointers
  }

  void** info_bytes_ = nullptr;
  char* error_buffer_ = nullptr;
  void** error_bytes_ = nullptr;
};

Result result_of(ptx::ProblemKind kind)
{
  switch (kind) {
    case ptx::ProblemKind::not_ptx:
      return Result::invalid_image;
    case ptx::ProblemKind::unsupported_version:
      return Result::unsupported_ptx_version;
    case ptx::ProblemKind::invalid:
      break;
  }
  return Result::invalid_ptx;
}

bool is_binary(const char* image)
{
  return std::ranges::any_of(binaries, [image](const Binary& binary) {
    return std::strncmp(image, binary.magic.data(), binary.magic.size()) == 0;
  });
}

Result load(ModuleHandle* handle, const void* image, const Logs& logs)
{
  if (handle == nullptr || image == nullptr) return Result::invalid_value;
  return with_context([&](Context& context) {
    const char* text = static_cast<const char*>(image);
    if (is_binary(text)) {
      logs.write("simulated driver: machine code cannot be run here, only PTX");
      return Result::no_binary_for_gpu;
    }
    const Driver& instance = driver();
    const Gpu& gpu = *instance.devices()[static_cast<std::size_t>(context.device)];
    const std::string_view source(text, strnlen(text, ptx::most_text_bytes + 1));
    auto code = ptx::assemble(
        source, {ptx::newest_version(instance.profile()->cuda_version), gpu.compute_capability});
    if (!code) {
      logs.write(code.error().log);
      return result_of(code.error().kind);
    }
    logs.write("");
    auto module = std::make_unique<Module>();
    module->code = std::move(*code);
    for (const ptx::Kernel& kernel : module->code.kernels) {
      module->functions.push_back(std::make_unique<Function>(Function{&kernel}));
    }
    *handle = module.get();
    context.modules.emplace(*handle, std::move(module));
    return Result::success;
  });
}

}  // namespace

CORONER_CUDA cuModuleLoadData(ModuleHandle* handle, const void* image)
{
  return load(handle, image, Logs(0, nullptr, nullptr));
}

CORONER_CUDA cuModuleLoadDataEx(ModuleHandle* handle, const void* image, unsigned count,
                                const int* options, void** values)
{
  return load(handle, image, Logs(count, options, values));
}

CORONER_CUDA cuModuleUnload(ModuleHandle handle)
{
  return with_context([handle](Context& context) {
    return context.modules.erase(handle) > 0 ? Result::success : Result::invalid_handle;
  });
}

CORONER_CUDA cuModuleGetFunction(FunctionHandle* function, ModuleHandle handle, const char* name)
{
  if (function == nullptr || name == nullptr) return Result::invalid_value;
  return with_context([&](Context& context) {
    const auto found = context.modules.find(handle);
    if (found == context.modules.end()) return Result::invalid_handle;
    for (const auto& one : found->second->functions) {
      if (one->kernel->name != name) continue;
      *function = one.get();
      return Result::success;
    }
    return Result::not_found;
  });
}

CORONER_CUDA cuFuncGetAttribute(int* value, int attribute, FunctionHandle function)
{
  constexpr int most_threads_per_block = 0;
  constexpr int registers = 4;
  constexpr int last = 15;
  if (value == nullptr || attribute < 0 || attribute > last) return Result::invalid_value;
  return with_context([&](Context& context) {
    const Function* found = context.find_function(function);
    if (found == nullptr) return Result::invalid_handle;
    *value = 0;
    if (attribute == most_threads_per_block) *value = 1024;
    if (attribute == registers) *value = static_cast<int>(found->kernel->register_count);
    return Result::success;
  });
}
