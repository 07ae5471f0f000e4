// SPDX-License-Identifier: Apache-2.0
// The room inside each artifact that holds its profile.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "matrix/lab/driver/profile.h"

namespace coroner::driver {

// Toolkit and CDI mount nothing but the library files into a container, so the profile must be in
// them: marker, length (4 bytes, little endian), the encoded profile, zeros.
inline constexpr std::size_t profile_room_bytes = 65536;
inline constexpr std::size_t profile_marker_bytes = 32;
inline constexpr std::size_t profile_length_bytes = 4;
inline constexpr std::size_t profile_header_bytes = profile_marker_bytes + profile_length_bytes;
inline constexpr std::size_t most_profile_bytes = profile_room_bytes - profile_header_bytes;

using ProfileMarker = std::array<char, profile_marker_bytes>;

// The marker, put together at run time so that its bytes stand in a file only where the room is.
ProfileMarker profile_marker();

// The profile stamped into this very file; a problem where it was never stamped.
Decoded embedded_profile();

}  // namespace coroner::driver
