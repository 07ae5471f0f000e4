// SPDX-License-Identifier: Apache-2.0
// What a GPU error looks like when no cause of the catalogue knows it; for this room only.
#pragma once

#include <array>
#include <string_view>

namespace coroner::graveyard {

/// Lines that are an error of the GPU stack in general.
inline constexpr auto error_patterns = std::to_array<std::string_view>({
    R"((?i)(?:nvml|nvidia|cuda|gpu|libnvidia|libcuda).{0,200}(?:fail|error|cannot|could not|unable|invalid|denied|not found|no such|unknown|refused|mismatch))",
    R"((?i)(?:fail|error|cannot|could not|unable|invalid|denied).{0,200}(?:nvml|nvidia|cuda|libnvidia|libcuda))",
    R"(NVRM: Xid)",
});

}  // namespace coroner::graveyard
