// SPDX-License-Identifier: Apache-2.0
// nvidia-smi as a function: arguments and a reading of NVML in, text and exit code out.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "matrix/lab/driver/smi/nvml_client.h"

namespace coroner::driver::smi {

// Stands in every table, so that nobody takes the output for a real card's.
inline constexpr std::string_view simulated_line = "simulated GPU: no hardware behind this output";

struct Surroundings {
  std::string version;            // of this nvidia-smi, from its own profile
  std::string date;               // "Fri Nov 20 21:56:41 2026"
  std::function<Reading()> read;  // called at most once
};

struct Outcome {
  int exit_code = 0;
  std::string output;
};

// Exit codes as the real one's: 0; 2 bad field; 6 no device; 12 no library; 255 bad option and
// unknown error; else NVML's error number.
Outcome run(const std::vector<std::string>& arguments, const Surroundings& surroundings);

// The default table for at least one GPU.
std::string render_table(const MachineState& machine, const Surroundings& surroundings);

// `--query-gpu=<fields>` as CSV; an exit code of 2 where a field is not known.
struct CsvStyle {
  bool has_header = true;
  bool has_units = true;
};
Outcome render_query(const MachineState& machine, std::string_view fields, CsvStyle style);

// The text of -h.
std::string usage(std::string_view version);

// "570.211" of "570.211.01": how nvidia-smi prints its library's version.
std::string short_version(std::string_view version);

}  // namespace coroner::driver::smi
