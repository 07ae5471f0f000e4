// SPDX-License-Identifier: Apache-2.0
// Finds the profile's room in an ELF file by its marker; no ELF structure is relied upon.
#include "matrix/lab/driver/stamp.h"

#include <algorithm>

#include "matrix/lab/driver/embedded.h"

namespace coroner::driver {
namespace {

struct Place {
  std::size_t at = std::string_view::npos;
  std::string problem;
};

Place find_room(std::string_view artifact)
{
  const ProfileMarker bytes = profile_marker();
  const std::string_view marker(bytes.data(), bytes.size());
  const std::size_t at = artifact.find(marker);
  if (at == std::string_view::npos) return {at, "the file has no room for a profile"};
  if (artifact.find(marker, at + 1) != std::string_view::npos) {
    return {at, "the file has the marker of the profile's room more than once"};
  }
  if (artifact.size() - at < profile_room_bytes) return {at, "the file ends inside the room"};
  return {at, {}};
}

}  // namespace

std::string stamp(std::string& artifact, const Profile& profile)
{
  if (auto problem = problem_of(profile); !problem.empty()) return problem;
  const std::string text = encode(profile);
  if (text.size() > most_profile_bytes) return "the profile is longer than its room";
  const auto [at, problem] = find_room(artifact);
  if (!problem.empty()) return problem;

  std::string room(profile_room_bytes - profile_marker_bytes, '\0');
  for (std::size_t byte = 0; byte < profile_length_bytes; ++byte) {
    room[byte] = static_cast<char>((text.size() >> (8 * byte)) & 0xff);
  }
  std::ranges::copy(text, room.begin() + profile_length_bytes);
  artifact.replace(at + profile_marker_bytes, room.size(), room);
  return {};
}

Decoded stamped_profile(std::string_view artifact)
{
  const auto [at, problem] = find_room(artifact);
  if (!problem.empty()) return {{}, problem};
  std::size_t length = 0;
  for (std::size_t byte = profile_length_bytes; byte-- > 0;) {
    length = length * 256 + static_cast<unsigned char>(artifact[at + profile_marker_bytes + byte]);
  }
  if (length > most_profile_bytes) return {{}, "the profile is longer than its room"};
  return decode(artifact.substr(at + profile_header_bytes, length));
}

}  // namespace coroner::driver
