// SPDX-License-Identifier: Apache-2.0
// Reserves the profile's room in the artifact and reads it at run time.
#include "matrix/lab/driver/embedded.h"

#include <string>

namespace coroner::driver {
namespace {

struct Room {
  char marker[profile_marker_bytes];
  unsigned char length[profile_length_bytes];
  char text[most_profile_bytes];
};
static_assert(sizeof(Room) == profile_room_bytes);

// Volatile, because the compiler must not believe the zeros that it sees here: the file is changed
// after it was linked.
[[gnu::used, gnu::section("coroner_profile")]] const volatile Room room = {
    {'c', 'o', 'r', 'o', 'n', 'e', 'r', '-', 's', 'i', 'm', 'u', 'l', 'a', 't', 'e',
     'd', '-', 'd', 'r', 'i', 'v', 'e', 'r', '-', 'p', 'r', 'o', 'f', 'i', 'l', 'e'},
    {},
    {}};

}  // namespace

ProfileMarker profile_marker()
{
  ProfileMarker marker;
  for (std::size_t at = 0; at < marker.size(); ++at) marker[at] = room.marker[at];
  return marker;
}

Decoded embedded_profile()
{
  std::size_t length = 0;
  for (std::size_t at = profile_length_bytes; at-- > 0;) length = length * 256 + room.length[at];
  if (length == 0) return {{}, "this simulated driver was never given a profile"};
  if (length > most_profile_bytes) return {{}, "the profile is longer than its room"};
  std::string text(length, '\0');
  for (std::size_t at = 0; at < length; ++at) text[at] = room.text[at];
  return decode(text);
}

}  // namespace coroner::driver
