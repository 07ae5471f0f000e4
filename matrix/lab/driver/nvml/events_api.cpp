// SPDX-License-Identifier: Apache-2.0
// NVML's event sets: nothing ever happens to a simulated GPU, but waiting takes its time.
#include <cerrno>
#include <chrono>
#include <ctime>
#include <mutex>
#include <set>

#include "matrix/lab/driver/nvml/answer.h"

using coroner::driver::nvml::answer;
using coroner::driver::nvml::Device;
using coroner::driver::nvml::DeviceHandle;
using coroner::driver::nvml::EventData;
using coroner::driver::nvml::EventSetHandle;
using coroner::driver::nvml::library;
using coroner::driver::nvml::Status;
namespace nvml = coroner::driver::nvml;

namespace {

constexpr std::size_t most_event_sets = 4096;

// The event sets that callers hold; a handle is a number that looks like a pointer.
class EventSets {
 public:
  Status create(EventSetHandle* handle)
  {
    const std::scoped_lock lock(mutex_);
    if (handle == nullptr) return Status::invalid_argument;
    if (live_.size() == most_event_sets) return Status::unknown;
    next_ += 16;
    live_.insert(next_);
    *handle = reinterpret_cast<EventSetHandle>(next_);  // NOLINT: never dereferenced
    return Status::success;
  }

  Status remove(EventSetHandle handle)
  {
    const std::scoped_lock lock(mutex_);
    const bool was_there = live_.erase(reinterpret_cast<std::uintptr_t>(handle)) > 0;
    return was_there ? Status::success : Status::invalid_argument;
  }

  bool contains(EventSetHandle handle)
  {
    const std::scoped_lock lock(mutex_);
    return live_.contains(reinterpret_cast<std::uintptr_t>(handle));
  }

 private:
  std::mutex mutex_;
  std::uintptr_t next_ = 0x51517175;
  std::set<std::uintptr_t> live_;
};

EventSets& event_sets()
{
  static EventSets& instance = *new EventSets;
  return instance;
}

unsigned long long supported_events(const Device& device)
{
  const unsigned long long ecc = nvml::event_single_bit_ecc | nvml::event_double_bit_ecc;
  return nvml::event_xid | nvml::event_clock | (device.gpu->ecc ? ecc : 0);
}

// The wait itself is the contract here: the device plugin's health check calls in a loop, and an
// early return would spin it.
Status wait_for_events(EventSetHandle set, EventData* data, unsigned timeout_ms)
{
  if (!library().is_initialized()) return Status::uninitialized;
  if (data == nullptr || !event_sets().contains(set)) return Status::invalid_argument;
  constexpr long nanoseconds_per_ms = 1'000'000;
  timespec until{};
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_sec += static_cast<std::time_t>(timeout_ms / 1000);
  until.tv_nsec += static_cast<long>(timeout_ms % 1000) * nanoseconds_per_ms;
  if (until.tv_nsec >= 1000 * nanoseconds_per_ms) {
    until.tv_nsec -= 1000 * nanoseconds_per_ms;
    ++until.tv_sec;
  }
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) == EINTR) {
  }
  return Status::timeout;
}

}  // namespace

CORONER_NVML nvmlEventSetCreate(EventSetHandle* set)
{
  return library().is_initialized() ? event_sets().create(set) : Status::uninitialized;
}

CORONER_NVML nvmlEventSetFree(EventSetHandle set)
{
  return library().is_initialized() ? event_sets().remove(set) : Status::uninitialized;
}

CORONER_NVML nvmlEventSetWait_v2(EventSetHandle set, EventData* data, unsigned timeout_ms)
{
  return wait_for_events(set, data, timeout_ms);
}

CORONER_NVML nvmlEventSetWait(EventSetHandle set, EventData* data, unsigned timeout_ms)
{
  return wait_for_events(set, data, timeout_ms);
}

CORONER_NVML nvmlDeviceGetSupportedEventTypes(DeviceHandle device, unsigned long long* types)
{
  return answer(device, types, supported_events);
}

CORONER_NVML nvmlDeviceRegisterEvents(DeviceHandle device, unsigned long long types,
                                      EventSetHandle set)
{
  Device one;
  if (const Status status = library().find(device, one); status != Status::success) return status;
  if (!event_sets().contains(set)) return Status::invalid_argument;
  return (types & ~supported_events(one)) == 0 ? Status::success : Status::not_supported;
}
