// SPDX-License-Identifier: Apache-2.0
// Writes a profile into an artifact.
#pragma once

#include <string>
#include <string_view>

#include "matrix/lab/driver/profile.h"

namespace coroner::driver {

// Puts the profile into the room of an artifact's bytes. Returns the reason where that cannot be:
// the profile is not usable or too long, or the marker is missing or there more than once. The
// bytes are unchanged then.
[[nodiscard]] std::string stamp(std::string& artifact, const Profile& profile);

// The profile that an artifact's bytes hold.
Decoded stamped_profile(std::string_view artifact);

}  // namespace coroner::driver
