// SPDX-License-Identifier: Apache-2.0
// Functions of the simulated libcuda by name.
#pragma once

#include <string_view>

namespace coroner::driver::cuda {

// The function that `name` means for a program written for that CUDA version (12050 for 12.5); null
// where there is none.
void* find_entry_point(std::string_view name, int version);

}  // namespace coroner::driver::cuda
