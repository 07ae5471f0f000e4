// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/parallel.h"

#include <thread>

namespace coroner::engine {
namespace {

constexpr std::size_t most_threads = 32;

}  // namespace

base::Result<void> in_parallel(const std::vector<Action>& actions)
{
  std::vector<base::Result<void>> results(actions.size());
  for (std::size_t begin = 0; begin < actions.size(); begin += most_threads) {
    std::vector<std::jthread> threads;
    for (auto i = begin; i < std::min(actions.size(), begin + most_threads); ++i)
      threads.emplace_back([&, i] { results[i] = actions[i](); });
  }
  for (auto& result : results)
    if (!result) return result;
  return {};
}

}  // namespace coroner::engine
