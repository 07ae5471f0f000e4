// SPDX-License-Identifier: Apache-2.0
#include "harness/base/random.h"

#include <chrono>

#include <sys/random.h>

namespace coroner::base {

std::uint32_t random_number()
{
  std::uint32_t number = 0;
  if (::getrandom(&number, sizeof number, 0) == static_cast<ssize_t>(sizeof number)) return number;
  return static_cast<std::uint32_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}

}  // namespace coroner::base
