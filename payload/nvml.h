// SPDX-License-Identifier: Apache-2.0
// The GPUs as NVML tells them, read without nvidia-smi.
#pragma once

#include "payload/worker.h"

namespace coroner::payload {

/// Emits one line: {"driver_version","cuda_version":"13.0","count","simulated",
/// "gpus":[{"index","name","uuid","pci_bus_id","memory_total_bytes","memory_used_bytes",
/// "compute_capability":"9.0","mig_mode":"disabled|enabled|not_supported"}]}, or with `ok` false
/// what failed: `error` = `library_missing` (`library`, `problem`), `symbol_missing` (`call`),
/// `call_failed` (`call`, `code`, `name`, `text`), `no_gpu`. A GPU whose call failed has `call`,
/// `code`, `name`, `text` in its place in the list. Gives exit_ok or exit_failed.
int nvml(Worker& worker);

}  // namespace coroner::payload
