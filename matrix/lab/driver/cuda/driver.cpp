// SPDX-License-Identifier: Apache-2.0
// Initialises the simulated CUDA driver and keeps its contexts.
#include "matrix/lab/driver/cuda/driver.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "matrix/lab/driver/embedded.h"

namespace coroner::driver::cuda {
namespace {

constexpr std::uint64_t mebibyte = 1024ULL * 1024ULL;

const Gpu* find_gpu(const std::vector<const Gpu*>& all, std::string_view name)
{
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
  if (error == std::errc{} && end == name.data() + name.size()) {
    return index < all.size() ? all[index] : nullptr;
  }
  if (!name.starts_with("GPU-")) return nullptr;
  const auto found = std::ranges::find_if(
      all, [name](const Gpu* gpu) { return std::string_view(gpu->uuid).starts_with(name); });
  return found == all.end() ? nullptr : *found;
}

}  // namespace

std::vector<const Gpu*> choose_visible(const std::vector<const Gpu*>& all, const char* visible)
{
  if (visible == nullptr) return all;
  std::vector<const Gpu*> chosen;
  std::string_view rest = visible;
  while (true) {
    const auto comma = rest.find(',');
    std::string_view name = rest.substr(0, comma);
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    const Gpu* gpu = find_gpu(all, name);
    if (gpu == nullptr || std::ranges::find(chosen, gpu) != chosen.end()) return chosen;
    chosen.push_back(gpu);
    if (comma == std::string_view::npos) return chosen;
    rest.remove_prefix(comma + 1);
  }
}

Function* Context::find_function(FunctionHandle handle) const
{
  for (const auto& [key, module] : modules) {
    for (const auto& function : module->functions) {
      if (function.get() == handle) return function.get();
    }
  }
  return nullptr;
}

Driver::Driver(Decoded profile, Kernel kernel)
    : kernel_(std::move(kernel)), profile_(std::move(profile.profile))
{
  if (profile_) std::ranges::sort(profile_->gpus, {}, &Gpu::pci_bus_id);
}

// In the real driver's order (580.159.04 on an H200): control node, then uvm, then the GPUs. A
// refused control node gives 100, a refused uvm 999.
Result Driver::look() const
{
  if (!profile_) return Result::unknown;
  const std::string module = kernel_.module_version();
  if (module.empty() || kernel_.open_control() != Access::granted) return Result::no_device;
  if (module != profile_->driver_version) return Result::system_driver_mismatch;
  return kernel_.open_uvm() == Access::granted ? Result::success : Result::unknown;
}

Result Driver::initialize(const char* visible)
{
  if (is_initialized_) return Result::success;
  if (const Result result = look(); result != Result::success) return result;
  std::vector<const Gpu*> accessible;
  for (const Gpu& gpu : profile_->gpus) {
    if (kernel_.open_gpu(gpu.minor) == Access::granted) accessible.push_back(&gpu);
  }
  devices_ = choose_visible(accessible, visible);
  if (devices_.empty()) return Result::no_device;
  is_initialized_ = true;
  return Result::success;
}

Context& Driver::make_context(DeviceNumber device)
{
  const Gpu& gpu = *devices_[static_cast<std::size_t>(device)];
  auto made = std::make_unique<Context>(device, gpu.memory_mib * mebibyte);
  Context& context = *made;
  contexts_.emplace(&context, std::move(made));
  return context;
}

Context* Driver::find_primary(DeviceNumber device)
{
  const auto found = primaries_.find(device);
  return found == primaries_.end() ? nullptr : find_context(found->second);
}

Context& Driver::primary_context(DeviceNumber device)
{
  if (Context* context = find_primary(device)) return *context;
  Context& context = make_context(device);
  primaries_[device] = &context;
  return context;
}

Context* Driver::find_context(ContextHandle handle)
{
  const auto found = contexts_.find(handle);
  return found == contexts_.end() ? nullptr : found->second.get();
}

void Driver::destroy_context(ContextHandle handle)
{
  std::erase_if(primaries_, [handle](const auto& row) { return row.second == handle; });
  std::erase(stack(), handle);
  contexts_.erase(handle);
}

std::vector<ContextHandle>& Driver::stack()
{
  thread_local std::vector<ContextHandle> contexts;
  return contexts;
}

Driver& driver()
{
  // Never destroyed: other threads may still call while the process exits.
  static Driver& instance = *new Driver(embedded_profile(), Kernel());
  return instance;
}

}  // namespace coroner::driver::cuda
