// SPDX-License-Identifier: Apache-2.0
// The table of the simulated libcuda's functions. They are declared without their types here, so
// this file includes nothing that declares them with those.
#include "matrix/lab/driver/cuda/entry_points.h"

#include <array>

#define CORONER_ENTRY_POINT(name, symbol, since) extern "C" void symbol();
#include "matrix/lab/driver/cuda/entry_points.inc"
#undef CORONER_ENTRY_POINT

namespace coroner::driver::cuda {
namespace {

struct EntryPoint {
  std::string_view name;
  int since;
  void (*address)();
};

constexpr std::array entry_points = {
#define CORONER_ENTRY_POINT(name, symbol, since) EntryPoint{#name, since, symbol},
#include "matrix/lab/driver/cuda/entry_points.inc"
#undef CORONER_ENTRY_POINT
};

}  // namespace

void* find_entry_point(std::string_view name, int version)
{
  void* address = nullptr;
  for (const EntryPoint& row : entry_points) {
    if (row.name == name && row.since <= version) address = reinterpret_cast<void*>(row.address);
  }
  return address;
}

}  // namespace coroner::driver::cuda
