// SPDX-License-Identifier: Apache-2.0
// What nvidia-smi reads from libnvidia-ml.so.1, found through the ordinary loader search path.
#pragma once

#include <string>
#include <vector>

#include "matrix/lab/driver/nvml/abi.h"

namespace coroner::driver::smi {

// One GPU as NVML described it. Texts that NVML does not support are "[N/A]".
struct GpuState {
  unsigned index = 0;
  std::string name;
  std::string uuid;
  std::string bus_id;
  std::string serial;
  std::string vbios;
  int compute_major = 0;
  int compute_minor = 0;
  unsigned long long memory_total_mib = 0;
  unsigned long long memory_used_mib = 0;
  bool has_ecc = false;
  bool has_mig = false;
};

struct MachineState {
  std::string driver_version;
  int cuda_version = 0;  // 12080
  std::vector<GpuState> gpus;
};

struct Reading {
  nvml::Status status = nvml::Status::success;
  std::string error_text;  // nvmlErrorString's, where status is no success
  bool has_library = true;
  MachineState machine;
};

// Loads the library, initialises it, reads everything and shuts it down.
Reading read_machine();

}  // namespace coroner::driver::smi
