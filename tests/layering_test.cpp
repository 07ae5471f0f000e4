// SPDX-License-Identifier: Apache-2.0
// Holds the #includes of every room against the arrows that its CMake target states.
#include <filesystem>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "harness/base/files.h"
#include "harness/base/text.h"

namespace coroner {
namespace {

namespace fs = std::filesystem;

struct Room {
  std::string folder;
  std::vector<std::string> sees;
};

std::map<std::string, Room> read_rooms()
{
  std::map<std::string, Room> rooms;
  const auto text = base::read_file(CORONER_ROOMS);
  for (const auto& line : base::split(text.value_or(""), '\n')) {
    const auto fields = base::split(line, '|');
    if (fields.size() != 3) continue;
    Room room{fields[1], {}};
    for (const auto& seen : base::split(fields[2], ' '))
      if (!seen.empty()) room.sees.push_back(seen);
    rooms[fields[0]] = room;
  }
  return rooms;
}

/// Every room that `name` may include, itself among them.
std::set<std::string> reachable(const std::map<std::string, Room>& rooms, const std::string& name)
{
  std::set<std::string> seen;
  std::vector<std::string> open = {name};
  while (!open.empty()) {
    const auto next = open.back();
    open.pop_back();
    if (!seen.insert(next).second || !rooms.contains(next)) continue;
    for (const auto& room : rooms.at(next).sees) open.push_back(room);
  }
  return seen;
}

std::vector<std::string> included_paths(const fs::path& file)
{
  std::vector<std::string> paths;
  for (const auto& line : base::split(base::read_file(file).value_or(""), '\n')) {
    constexpr std::string_view start = "#include \"";
    if (line.starts_with(start))
      paths.push_back(line.substr(start.size(), line.find('"', start.size()) - start.size()));
  }
  return paths;
}

std::string room_of(const std::map<std::string, Room>& rooms, const std::string& path)
{
  std::string best;
  std::size_t longest = 0;
  for (const auto& [name, room] : rooms) {
    if (!path.starts_with(room.folder + "/") || room.folder.size() < longest) continue;
    best = name;
    longest = room.folder.size();
  }
  return best;
}

TEST(Layering, every_include_follows_an_arrow_that_its_room_states)
{
  const auto rooms = read_rooms();
  ASSERT_GT(rooms.size(), 3U);
  std::size_t checked = 0;
  for (const auto& [name, room] : rooms) {
    const auto allowed = reachable(rooms, name);
    for (const auto& entry :
         fs::recursive_directory_iterator(fs::path(CORONER_SOURCE) / room.folder)) {
      const auto extension = entry.path().extension();
      if (extension != ".h" && extension != ".cpp") continue;
      const auto own = fs::relative(entry.path(), CORONER_SOURCE).string();
      if (room_of(rooms, own) != name) continue;
      const bool is_test =
          own.ends_with("_test.cpp") || own.ends_with("_test.h") || own.ends_with("_fuzz.cpp");
      for (const auto& path : included_paths(entry.path())) {
        const auto target = room_of(rooms, path);
        if (target.empty() || (is_test && target == "testing")) continue;
        EXPECT_TRUE(allowed.contains(target)) << own << " includes " << path << ", but room '"
                                              << name << "' does not see '" << target << "'";
        ++checked;
      }
    }
  }
  EXPECT_GT(checked, 20U);
}

TEST(Layering, no_arrow_leads_back)
{
  const auto rooms = read_rooms();
  for (const auto& [name, room] : rooms)
    for (const auto& seen : room.sees)
      EXPECT_FALSE(reachable(rooms, seen).contains(name))
          << name << " and " << seen << " see each other";
}

TEST(Layering, what_is_said_offline_never_sees_the_network)
{
  const auto rooms = read_rooms();
  for (const std::string pure : {"graveyard", "report", "record", "evidence"}) {
    if (!rooms.contains(pure)) continue;
    EXPECT_FALSE(reachable(rooms, pure).contains("kube")) << pure;
  }
}

}  // namespace
}  // namespace coroner
