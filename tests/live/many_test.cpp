// SPDX-License-Identifier: Apache-2.0
// Four cells at once: none knows of the others, and what they cost is recorded.
#include <array>
#include <thread>

#include "tests/live/live.h"
#include <gmock/gmock.h>

#include "harness/base/text.h"

namespace coroner::live {
namespace {

constexpr std::size_t cell_count = 4;

/// Memory of every process of a cell, shared pages divided among those that share them.
long proportional_set_kilobytes(const std::string& cell)
{
  long sum = 0;
  for (const auto pid : processes_of(cell)) {
    const auto text = base::read_file(fmt::format("/proc/{}/smaps_rollup", pid)).value_or("");
    const auto at = text.find("\nPss:");
    if (at != std::string::npos) sum += std::strtol(text.c_str() + at + 5, nullptr, 10);
  }
  return sum;
}

class FourCells : public LiveTest {};

TEST_F(FourCells, boot_at_once_and_register_their_gpus)
{
  std::array<std::string, cell_count> names;
  for (std::size_t i = 0; i < cell_count; ++i) names.at(i) = own_name(fmt::format("four-{}", i));
  std::array<base::Finished, cell_count> ended;
  const auto begin = std::chrono::steady_clock::now();
  {
    std::vector<std::jthread> boots;
    for (std::size_t i = 0; i < cell_count; ++i)
      boots.emplace_back([&ended, &names, i] {
        ended.at(i) = coroner({"lab", "up", "nixos", "--name", names.at(i)});
      });
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  long kilobytes = 0;
  std::set<std::string> namespaces;
  for (std::size_t i = 0; i < cell_count; ++i) {
    ASSERT_EQ(ended.at(i).exit_code, 0) << ended.at(i).errors;
    EXPECT_THAT(ended.at(i).errors, testing::HasSubstr("device plugin"));
    kilobytes += proportional_set_kilobytes(names.at(i));
    const auto own = traces_of(names.at(i)).namespaces;
    for (const auto& each : own)
      EXPECT_TRUE(namespaces.insert(each).second) << each << " is shared";
  }
  RecordProperty("seconds_to_all_registered", fmt::format("{:.1f}", seconds.count()));
  RecordProperty("memory_of_all_megabytes", std::to_string(kilobytes / 1024));
  for (const auto& name : names) {
    const auto traces = traces_of(name);
    const auto end = coroner({"lab", "down", name});
    EXPECT_EQ(end.exit_code, 0) << end.errors;
    EXPECT_EQ(leftovers(traces), std::vector<std::string>{});
  }
}

}  // namespace
}  // namespace coroner::live
