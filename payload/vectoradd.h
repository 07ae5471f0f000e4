// SPDX-License-Identifier: Apache-2.0
// Computes on GPUs through the driver API, and proves it.
#pragma once

#include "payload/worker.h"

namespace coroner::payload {

/// Emits one line a GPU: {"count","cuda_version":"13.0","init_s","total_s","device","gpu":{"name",
/// "uuid","pci_bus_id","compute_capability","memory_bytes"},"simulated","elements","checksum",
/// "mismatches","launches","bytes_per_launch","bytes_per_second","seconds":{"context","jit",
/// "copy_in","kernel","copy_out"}}. `checksum` is that of payload/proof.h, in 16 hexadecimal
/// digits, of what the GPU returned; `seconds.kernel` is one launch's, by the GPU's own events,
/// after one launch that is not timed; bytes are those that the kernel reads and writes.
/// A failure has `error` and what Cuda::failure() says (payload/cuda.h), with `log` for a kernel
/// that would not build; or `wrong_result` with `first_mismatch`:{"index","expected","found"}; or
/// `no_such_device`. Gives exit_ok only where every GPU that was asked for gave the right result.
int vectoradd(Worker& worker);

}  // namespace coroner::payload
