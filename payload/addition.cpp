// SPDX-License-Identifier: Apache-2.0
// Addends go in and sums come out in chunks, so that little host memory is needed.
#include "payload/addition.h"

#include <algorithm>
#include <bit>

#include "payload/gpu.h"
#include "payload/kernel.h"
#include "payload/text.h"

namespace coroner::payload {
namespace {

// No sum has these bits, as a float (NaN) or as a number.
constexpr std::uint32_t never_written = 0xFFFFFFFFU;

std::uint32_t whole_number(float value)
{
  constexpr float first_too_large = 16777216.0F;  // 2^24
  if (!(value >= 0 && value < first_too_large)) return never_written;
  const auto whole = static_cast<std::uint32_t>(value);
  return static_cast<float>(whole) == value ? whole : never_written;
}

}  // namespace

Addition::Addition(Cuda& cuda, const Options& options, unsigned device)
    : cuda_(cuda),
      functions_(cuda.functions()),
      device_(device),
      seed_(proof::seed_of(options.nonce, device)),
      elements_(options.elements.value_or(0))
{}

Addition::~Addition()
{
  // Frees everything that was made in it; what it says comes too late to matter.
  if (context_ != nullptr) cuda_.call("cuCtxDestroy_v2", functions_.destroy_context, context_);
}

bool Addition::run()
{
  return describe() && build() && allocate() && upload() && compute() && download() &&
         mismatches_ == 0;
}

bool Addition::describe()
{
  std::array<char, 256> text{};
  const int size = static_cast<int>(text.size());
  CudaUuid uuid{};
  int major = 0;
  int minor = 0;
  std::size_t memory = 0;
  if (!cuda_.call("cuDeviceGet", functions_.device, &handle_, static_cast<int>(device_)) ||
      !cuda_.call("cuDeviceGetName", functions_.device_name, text.data(), size, handle_) ||
      !cuda_.call("cuDeviceGetUuid", functions_.device_uuid, &uuid, handle_)) {
    return false;
  }
  gpu_.text("name", text.data()).text("uuid", uuid_text(uuid));
  is_simulated_ = is_simulated(uuid_text(uuid));
  if (elements_ == 0) elements_ = is_simulated_ ? default_simulated_elements : default_elements;
  if (!cuda_.call("cuDeviceGetPCIBusId", functions_.device_bus_id, text.data(), size, handle_) ||
      !cuda_.call("cuDeviceGetAttribute", functions_.device_attribute, &major,
                  cuda_attribute_capability_major, handle_) ||
      !cuda_.call("cuDeviceGetAttribute", functions_.device_attribute, &minor,
                  cuda_attribute_capability_minor, handle_) ||
      !cuda_.call("cuDeviceTotalMem_v2", functions_.device_memory, &memory, handle_)) {
    return false;
  }
  gpu_.text("pci_bus_id", text.data())
      .text("compute_capability", std::to_string(major) + "." + std::to_string(minor))
      .number("memory_bytes", memory);
  return true;
}

bool Addition::build()
{
  Stopwatch watch;
  if (!cuda_.call("cuCtxCreate_v2", functions_.create_context, &context_, 0U, handle_)) {
    return false;
  }
  seconds_.decimal("context", watch.lap_s());
  std::array<char, max_build_log_bytes> log{};
  std::array<int, 2> options = {cuda_jit_error_log_buffer, cuda_jit_error_log_bytes};
  std::array<void*, 2> values = {log.data(), std::bit_cast<void*>(log.size() - 1)};
  CudaHandle module = nullptr;
  if (!cuda_.call("cuModuleLoadDataEx", functions_.load_module, &module,
                  static_cast<const void*>(kernel_text), static_cast<unsigned>(options.size()),
                  options.data(), values.data())) {
    build_log_ = log.data();
    return false;
  }
  if (!cuda_.call("cuModuleGetFunction", functions_.module_function, &kernel_, module,
                  kernel_name)) {
    return false;
  }
  seconds_.decimal("jit", watch.lap_s());
  return true;
}

bool Addition::allocate()
{
  const std::size_t bytes = elements_ * sizeof(float);
  return cuda_.call("cuMemAlloc_v2", functions_.allocate, &left_, bytes) &&
         cuda_.call("cuMemAlloc_v2", functions_.allocate, &right_, bytes) &&
         cuda_.call("cuMemAlloc_v2", functions_.allocate, &sum_, bytes) &&
         cuda_.call("cuMemsetD32_v2", functions_.fill, sum_, never_written,
                    static_cast<std::size_t>(elements_));
}

bool Addition::upload()
{
  const std::uint64_t most = std::min(elements_, chunk_elements);
  std::vector<float> left(most);
  std::vector<float> right(most);
  proof::Stream stream(seed_);
  double copying_s = 0;
  for (std::uint64_t first = 0; first < elements_; first += most) {
    const std::uint64_t count = std::min(most, elements_ - first);
    for (std::uint64_t index = 0; index < count; ++index) {
      const proof::Pair pair = stream.next();
      left[index] = static_cast<float>(pair.a);
      right[index] = static_cast<float>(pair.b);
    }
    const std::size_t bytes = count * sizeof(float);
    const CudaAddress offset = first * sizeof(float);
    Stopwatch watch;
    if (!cuda_.call("cuMemcpyHtoD_v2", functions_.copy_in, left_ + offset,
                    static_cast<const void*>(left.data()), bytes) ||
        !cuda_.call("cuMemcpyHtoD_v2", functions_.copy_in, right_ + offset,
                    static_cast<const void*>(right.data()), bytes)) {
      return false;
    }
    copying_s += watch.lap_s();
  }
  seconds_.decimal("copy_in", copying_s);
  return true;
}

bool Addition::launch_once()
{
  auto scale = static_cast<float>(proof::scale_of(seed_));
  auto count = static_cast<std::uint32_t>(elements_);
  std::array<void*, 5> parameters = {&left_, &right_, &sum_, &scale, &count};
  const auto blocks =
      static_cast<unsigned>((elements_ + kernel_block_threads - 1) / kernel_block_threads);
  return cuda_.call("cuLaunchKernel", functions_.launch, kernel_, blocks, 1U, 1U,
                    kernel_block_threads, 1U, 1U, 0U, CudaHandle{nullptr}, parameters.data(),
                    static_cast<void**>(nullptr));
}

bool Addition::compute()
{
  launches_ = is_simulated_ ? timed_simulated_launches : timed_launches;
  CudaHandle begin = nullptr;
  CudaHandle end = nullptr;
  if (!cuda_.call("cuEventCreate", functions_.create_event, &begin, 0U) ||
      !cuda_.call("cuEventCreate", functions_.create_event, &end, 0U)) {
    return false;
  }
  // The first launch also loads the code, which is not the kernel's time.
  if (!is_simulated_ && !launch_once()) return false;
  if (!cuda_.call("cuCtxSynchronize", functions_.synchronize) ||
      !cuda_.call("cuEventRecord", functions_.record_event, begin, CudaHandle{nullptr})) {
    return false;
  }
  for (unsigned launch = 0; launch < launches_; ++launch) {
    if (!launch_once()) return false;
  }
  float elapsed_ms = 0;
  if (!cuda_.call("cuEventRecord", functions_.record_event, end, CudaHandle{nullptr}) ||
      !cuda_.call("cuEventSynchronize", functions_.wait_for_event, end) ||
      !cuda_.call("cuEventElapsedTime", functions_.elapsed_ms, &elapsed_ms, begin, end)) {
    return false;
  }
  constexpr double ms_per_second = 1000;
  kernel_s_ = static_cast<double>(elapsed_ms) / ms_per_second / launches_;
  seconds_.decimal("kernel", kernel_s_);
  return true;
}

bool Addition::download()
{
  const std::uint64_t most = std::min(elements_, chunk_elements);
  std::vector<float> found(most);
  proof::Stream stream(seed_);
  proof::Digest digest(seed_);
  double copying_s = 0;
  for (std::uint64_t first = 0; first < elements_; first += most) {
    found.resize(std::min(most, elements_ - first));
    Stopwatch watch;
    if (!cuda_.call("cuMemcpyDtoH_v2", functions_.copy_out, static_cast<void*>(found.data()),
                    sum_ + first * sizeof(float), found.size() * sizeof(float))) {
      return false;
    }
    copying_s += watch.lap_s();
    check(found, first, stream, digest);
  }
  seconds_.decimal("copy_out", copying_s);
  checksum_ = digest.value();
  has_result_ = true;
  return true;
}

void Addition::check(const std::vector<float>& found, std::uint64_t first, proof::Stream& stream,
                     proof::Digest& digest)
{
  const std::uint32_t scale = proof::scale_of(seed_);
  for (std::size_t index = 0; index < found.size(); ++index) {
    const std::uint32_t expected = proof::sum_of(stream.next(), scale);
    const std::uint32_t value = whole_number(found[index]);
    digest.add(value);
    if (value == expected) continue;
    if (mismatches_++ != 0) continue;
    first_mismatch_.number("index", first + index)
        .number("expected", expected)
        .decimal("found", static_cast<double>(found[index]));
  }
}

JsonObject Addition::result() const
{
  JsonObject result;
  result.number("device", device_).object("gpu", gpu_).flag("simulated", is_simulated_);
  if (!has_result_) return result;
  const std::uint64_t bytes = elements_ * 3 * sizeof(float);
  result.number("elements", elements_)
      .text("checksum", hexadecimal(checksum_, 16))
      .number("mismatches", mismatches_)
      .number("launches", launches_)
      .number("bytes_per_launch", bytes)
      .decimal("bytes_per_second", static_cast<double>(bytes) / kernel_s_)
      .object("seconds", seconds_);
  return result;
}

JsonObject Addition::failure() const
{
  if (has_result_) {
    return JsonObject().text("error", "wrong_result").object("first_mismatch", first_mismatch_);
  }
  JsonObject failure = cuda_.failure();
  if (!build_log_.empty()) failure.text("log", build_log_, max_build_log_bytes);
  return failure;
}

}  // namespace coroner::payload
