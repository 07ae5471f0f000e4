// SPDX-License-Identifier: Apache-2.0
// nvidia-smi's options, and what it says when NVML cannot be had.
#include "matrix/lab/driver/smi/program.h"

#include <optional>
#include <utility>

namespace coroner::driver::smi {
namespace {

using nvml::Status;

constexpr int exit_no_device = 6;
constexpr int exit_no_library = 12;
constexpr int exit_unknown = 255;

// What was asked for.
struct Request {
  bool wants_help = false;
  bool wants_version = false;
  bool wants_list = false;
  std::optional<std::string> fields;
  std::optional<std::string> gpu;
  CsvStyle style;
  std::string problem;
};

bool read_format(std::string_view format, CsvStyle& style)
{
  if (!format.starts_with("csv")) return false;
  style.has_header = format.find("noheader") == std::string_view::npos;
  style.has_units = format.find("nounits") == std::string_view::npos;
  return true;
}

Request unrecognized(std::string_view option)
{
  Request request;
  request.problem = "ERROR: Option " + std::string(option) +
                    " is not recognized. Please run 'nvidia-smi -h'.\n\n";
  return request;
}

Request parse(const std::vector<std::string>& arguments)
{
  Request request;
  for (std::size_t at = 0; at < arguments.size(); ++at) {
    const std::string& argument = arguments[at];
    const auto equals = argument.find('=');
    const std::string name = argument.substr(0, equals);
    std::optional<std::string> value;
    if (equals != std::string::npos) value = argument.substr(equals + 1);
    const bool takes_next = name == "-i" || name == "--id";
    if (takes_next && !value && at + 1 < arguments.size()) value = arguments[++at];

    if (name == "-h" || name == "--help") {
      request.wants_help = true;
    } else if (name == "--version") {
      request.wants_version = true;
    } else if (name == "-L" || name == "--list-gpus") {
      request.wants_list = true;
    } else if (takes_next && value) {
      request.gpu = *value;
    } else if (name == "--query-gpu" && value) {
      request.fields = *value;
    } else if (name != "--format" || !value || !read_format(*value, request.style)) {
      return unrecognized(argument);
    }
  }
  return request;
}

Outcome report_failure(const Reading& reading, const Surroundings& surroundings)
{
  if (!reading.has_library) {
    return {exit_no_library,
            "NVIDIA-SMI couldn't find libnvidia-ml.so library in your system. Please make sure "
            "that the NVIDIA Display Driver is properly installed and present in your system.\n"
            "Please also try adding directory that contains libnvidia-ml.so to your system "
            "PATH.\n"};
  }
  if (reading.status == Status::driver_not_loaded) {
    return {static_cast<int>(reading.status),
            "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make "
            "sure that the latest NVIDIA driver is installed and running.\n\n"};
  }
  std::string text = "Failed to initialize NVML: " + reading.error_text + "\n";
  if (reading.status == Status::version_mismatch) {
    text += "NVML library version: " + short_version(surroundings.version) + "\n";
  }
  const int number = static_cast<int>(reading.status);
  return {number > exit_unknown ? exit_unknown : number, std::move(text)};
}

Outcome list(const MachineState& machine)
{
  if (machine.gpus.empty()) return {0, "No devices found.\n"};
  std::string text;
  for (const GpuState& gpu : machine.gpus) {
    text += "GPU " + std::to_string(gpu.index) + ": " + gpu.name + " (UUID: " + gpu.uuid + ")\n";
  }
  return {0, std::move(text)};
}

Outcome versions(const MachineState& machine, const Surroundings& surroundings)
{
  return {0, "NVIDIA-SMI version  : " + surroundings.version +
                 "\nNVML version        : " + short_version(machine.driver_version) +
                 "\nDRIVER version      : " + machine.driver_version +
                 "\nCUDA Version        : " + std::to_string(machine.cuda_version / 1000) + "." +
                 std::to_string(machine.cuda_version % 1000 / 10) + "\n" +
                 std::string(simulated_line) + "\n"};
}

// Keeps the one GPU that -i names by index, UUID or bus id.
void select(MachineState& machine, const std::string& wanted)
{
  std::erase_if(machine.gpus, [&](const GpuState& gpu) {
    return std::to_string(gpu.index) != wanted && gpu.uuid != wanted && gpu.bus_id != wanted;
  });
}

}  // namespace

std::string short_version(std::string_view version)
{
  const auto first = version.find('.');
  const auto second = first == std::string_view::npos ? first : version.find('.', first + 1);
  return std::string(version.substr(0, second));
}

std::string usage(std::string_view version)
{
  return "NVIDIA System Management Interface -- v" + std::string(version) + "\n\n" +
         std::string(simulated_line) +
         "\n\n"
         "nvidia-smi [OPTION1 [ARG1]] [OPTION2 [ARG2]] ...\n\n"
         "    -h,   --help                Print usage information and exit.\n"
         "          --version             Print version information and exit.\n"
         "    -L,   --list-gpus           Display a list of GPUs connected to the system.\n"
         "    -i,   --id=                 Target a specific GPU: index, UUID or bus id.\n"
         "          --query-gpu=          Information about GPUs: a list of fields.\n"
         "          --format=             csv[,noheader][,nounits]\n";
}

Outcome run(const std::vector<std::string>& arguments, const Surroundings& surroundings)
{
  const Request request = parse(arguments);
  if (!request.problem.empty()) return {exit_unknown, request.problem};
  if (request.wants_help) return {0, usage(surroundings.version)};

  Reading reading = surroundings.read();
  if (reading.status != Status::success) return report_failure(reading, surroundings);
  MachineState& machine = reading.machine;
  if (request.wants_version) return versions(machine, surroundings);
  if (request.gpu) select(machine, *request.gpu);
  if (request.wants_list) return list(machine);
  if (request.fields) {
    Outcome outcome = render_query(machine, *request.fields, request.style);
    if (outcome.exit_code != 0 || !machine.gpus.empty()) return outcome;
  }
  if (machine.gpus.empty()) return {exit_no_device, "No devices were found\n"};
  return {0, render_table(machine, surroundings)};
}

}  // namespace coroner::driver::smi
