// SPDX-License-Identifier: Apache-2.0
#include "harness/base/random.h"

#include <set>

#include <gtest/gtest.h>

namespace coroner::base {
namespace {

TEST(RandomNumber, differs_from_call_to_call)
{
  std::set<std::uint32_t> numbers;
  for (int i = 0; i < 100; ++i) numbers.insert(random_number());
  EXPECT_GT(numbers.size(), 95U);
}

}  // namespace
}  // namespace coroner::base
