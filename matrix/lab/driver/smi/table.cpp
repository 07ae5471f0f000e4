// SPDX-License-Identifier: Apache-2.0
// nvidia-smi's default table, in the columns of 580.159.04.
#include <iomanip>
#include <sstream>

#include "matrix/lab/driver/smi/program.h"

namespace coroner::driver::smi {
namespace {

constexpr int inner_width = 89;

constexpr std::string_view outer_line =
    "+-----------------------------------------------------------------------------------------+\n";
constexpr std::string_view column_line =
    "+-----------------------------------------+------------------------+----------------------+\n";
constexpr std::string_view head =
    "| GPU  Name                 Persistence-M | Bus-Id          Disp.A | Volatile Uncorr. ECC |\n"
    "| Fan  Temp   Perf          Pwr:Usage/Cap |           Memory-Usage | GPU-Util  Compute M. |\n"
    "|                                         |                        |               MIG M. |\n"
    "|=========================================+========================+======================|\n";
constexpr std::string_view processes =
    "\n"
    "+-----------------------------------------------------------------------------------------+\n"
    "| Processes:                                                                              |\n"
    "|  GPU   GI   CI              PID   Type   Process name                        GPU Memory |\n"
    "|        ID   ID                                                               Usage      |\n"
    "|=========================================================================================|\n"
    "|  No running processes found                                                             |\n"
    "+-----------------------------------------------------------------------------------------+\n";

std::string left(std::string_view text, std::size_t width)
{
  std::string padded(text.substr(0, width));
  padded.resize(width, ' ');
  return padded;
}

std::string right(std::string_view text, std::size_t width)
{
  const std::string_view cut = text.substr(0, width);
  return std::string(width - cut.size(), ' ') + std::string(cut);
}

std::string row(std::string_view text)
{
  return "| " + left(text, inner_width - 1) + "|\n";
}

std::string cuda_text(int version)
{
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

std::string memory_text(const GpuState& gpu)
{
  return std::to_string(gpu.memory_used_mib) + "MiB / " + std::to_string(gpu.memory_total_mib) +
         "MiB";
}

std::string gpu_rows(const GpuState& gpu)
{
  std::ostringstream out;
  out << "| " << std::setw(3) << gpu.index << "  " << left(gpu.name, 30) << " On  | "
      << right(gpu.bus_id, 18) << " Off | " << right(gpu.has_ecc ? "0" : "N/A", 20) << " |\n";
  out << "| N/A   N/A    P0             N/A /  N/A  | " << right(memory_text(gpu), 22)
      << " |      0%      Default |\n";
  out << "|                                         |                        | "
      << right(gpu.has_mig ? "Disabled" : "N/A", 20) << " |\n";
  out << column_line;
  return out.str();
}

}  // namespace

std::string render_table(const MachineState& machine, const Surroundings& surroundings)
{
  std::string text = surroundings.date + "       \n";
  text += outer_line;
  text += row("NVIDIA-SMI " + left(surroundings.version, 22) +
              " Driver Version: " + left(machine.driver_version, 14) +
              " CUDA Version: " + left(cuda_text(machine.cuda_version), 8));
  text += row(simulated_line);
  text += column_line;
  text += head;
  for (const GpuState& gpu : machine.gpus) text += gpu_rows(gpu);
  text += processes;
  return text;
}

}  // namespace coroner::driver::smi
