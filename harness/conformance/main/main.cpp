// SPDX-License-Identifier: Apache-2.0
// coroner-conformance: GoogleTest's main over the results of one probe.
#include <algorithm>
#include <cstdio>
#include <exception>

#include <gtest/gtest.h>

#include "harness/base/text.h"
#include "harness/conformance/conformance.h"

namespace {

constexpr const char* usage =
    "coroner-conformance: every case of a probe, on every node, as a GoogleTest\n"
    "  coroner-conformance --record DIR [--gtest_…]                 of a run that was saved\n"
    "  coroner-conformance [--probe PROGRAM] [--gtest_…] [-- ARGUMENTS of coroner probe]\n"
    "Exit codes: 0 good, 1 failures, 2 usage, 3 no record, 4 nothing selected, 6 leftovers,\n"
    "7 incomplete, 77 all skipped.\n";

int run(std::vector<std::string> line)
{
  using namespace coroner;
  auto words = conformance::take_words(line);
  if (!words) {
    std::fprintf(stderr, "coroner-conformance: %s\n", words.error().text().c_str());
    return 2;
  }
  std::vector<char*> pointers;
  for (auto& word : line) pointers.push_back(word.data());
  int count = static_cast<int>(pointers.size());
  pointers.push_back(nullptr);
  const bool asks_help = std::find(line.begin(), line.end(), "--help") != line.end();
  if (asks_help) std::fputs(usage, stdout);
  testing::InitGoogleTest(&count, pointers.data());  // prints its own options for --help
  if (asks_help) return 0;
  if (count > 1) {
    std::fprintf(stderr, "coroner-conformance: no option '%s'\n%s",
                 base::printable(pointers[1]).c_str(), usage);
    return 2;
  }
  const auto record = conformance::record_for(*words);
  if (!record) {
    std::fprintf(stderr, "coroner-conformance: %s\n",
                 base::printable(record.error().text()).c_str());
    return 3;
  }
  conformance::register_results(*record);
  return conformance::exit_code(*record, RUN_ALL_TESTS());
}

}  // namespace

int main(int count, char** words)
{
  try {
    return run({words, words + count});
  } catch (const std::exception& exception) {
    std::fprintf(stderr, "coroner-conformance: internal error: %s\n", exception.what());
    return 70;
  }
}
