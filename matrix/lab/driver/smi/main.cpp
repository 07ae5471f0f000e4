// SPDX-License-Identifier: Apache-2.0
// The simulated nvidia-smi.
#include <array>
#include <cstdio>
#include <ctime>

#include "matrix/lab/driver/embedded.h"
#include "matrix/lab/driver/smi/program.h"

namespace {

std::string current_date()
{
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  localtime_r(&now, &parts);
  std::array<char, 64> text{};
  std::strftime(text.data(), text.size(), "%a %b %e %H:%M:%S %Y", &parts);
  return text.data();
}

}  // namespace

int main(int count, char** values)
{
  namespace driver = coroner::driver;
  const driver::Decoded own = driver::embedded_profile();
  const driver::smi::Surroundings surroundings{own.profile ? own.profile->driver_version : "0",
                                               current_date(), driver::smi::read_machine};
  const driver::smi::Outcome outcome = driver::smi::run({values + 1, values + count}, surroundings);
  std::fputs(outcome.output.c_str(), stdout);
  return outcome.exit_code;
}
