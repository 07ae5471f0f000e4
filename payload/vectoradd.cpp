// SPDX-License-Identifier: Apache-2.0
// Opens the driver once and lets each wanted GPU add.
#include "payload/vectoradd.h"

#include <cstdlib>

#include "payload/addition.h"

namespace coroner::payload {
namespace {

class Run {
 public:
  explicit Run(Worker& worker) : worker_(worker), cuda_(worker) {}

  int all()
  {
    int count = 0;
    if (!begin(count)) {
      worker_.emit(worker_.line(false).merge(cuda_.failure()));
      return exit_failed;
    }
    const Options& options = worker_.options();
    if (!options.all_devices) return one(options.device, count);
    int code = count > 0 ? exit_ok : exit_failed;
    for (unsigned device = 0; static_cast<int>(device) < count && device < max_gpus; ++device) {
      if (one(device, count) != exit_ok) code = exit_failed;
    }
    // A driver that starts and counts nothing; one() is not there to say so.
    if (count <= 0) one(0, count);
    return code;
  }

 private:
  bool begin(int& count)
  {
    // The time to compile is measured, and nothing is left behind in the home folder.
    setenv("CUDA_CACHE_DISABLE", "1", 1);
    if (!cuda_.open()) return false;
    const CudaFunctions& functions = cuda_.functions();
    Stopwatch watch;
    if (!cuda_.call("cuInit", functions.init, 0U)) return false;
    init_s_ = watch.lap_s();
    return cuda_.call("cuDriverGetVersion", functions.driver_version, &version_) &&
           cuda_.call("cuDeviceGetCount", functions.device_count, &count);
  }

  int one(unsigned device, int count)
  {
    if (static_cast<int>(device) >= count) {
      worker_.emit(worker_.line(false)
                       .text("error", "no_such_device")
                       .number("device", device)
                       .number("count", count));
      return exit_failed;
    }
    Stopwatch watch;
    Addition addition(cuda_, worker_.options(), device);
    const bool is_ok = addition.run();
    const JsonObject result = addition.result();
    JsonObject line = worker_.line(is_ok);
    if (!is_ok) line.merge(addition.failure());
    line.number("count", count)
        .text("cuda_version",
              std::to_string(version_ / 1000) + "." + std::to_string(version_ % 1000 / 10))
        .decimal("init_s", init_s_)
        .decimal("total_s", init_s_ + watch.lap_s())
        .merge(result);
    worker_.emit(line);
    return is_ok ? exit_ok : exit_failed;
  }

  Worker& worker_;
  Cuda cuda_;
  int version_ = 0;
  double init_s_ = 0;
};

}  // namespace

int vectoradd(Worker& worker)
{
  return Run(worker).all();
}

}  // namespace coroner::payload
