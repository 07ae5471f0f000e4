// SPDX-License-Identifier: Apache-2.0
// What both GPU libraries say of GPUs alike: their UUID, and by it whether they are simulated.
#pragma once

#include <string_view>

namespace coroner::payload {

/// Every simulated GPU's UUID begins so (matrix/lab/driver/README.md).
inline constexpr std::string_view simulated_uuid_prefix = "GPU-51517175";

inline bool is_simulated(std::string_view uuid)
{
  return uuid.starts_with(simulated_uuid_prefix);
}

}  // namespace coroner::payload
