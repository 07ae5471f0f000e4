// SPDX-License-Identifier: Apache-2.0
// nvidia-smi's --query-gpu.
#include <algorithm>
#include <array>

#include "matrix/lab/driver/smi/program.h"

namespace coroner::driver::smi {
namespace {

struct Field {
  std::string_view name;
  std::string_view unit;  // empty: none
  std::string (*read)(const MachineState&, const GpuState&);
};

constexpr std::string (*not_available)(const MachineState&, const GpuState&) =
    [](const MachineState&, const GpuState&) -> std::string { return "[N/A]"; };

constexpr std::array fields = {
    Field{"name", "", [](const MachineState&, const GpuState& gpu) { return gpu.name; }},
    Field{"gpu_name", "", [](const MachineState&, const GpuState& gpu) { return gpu.name; }},
    Field{"uuid", "", [](const MachineState&, const GpuState& gpu) { return gpu.uuid; }},
    Field{"gpu_uuid", "", [](const MachineState&, const GpuState& gpu) { return gpu.uuid; }},
    Field{"driver_version", "",
          [](const MachineState& machine, const GpuState&) { return machine.driver_version; }},
    Field{"count", "",
          [](const MachineState& machine, const GpuState&) {
            return std::to_string(machine.gpus.size());
          }},
    Field{"index", "",
          [](const MachineState&, const GpuState& gpu) { return std::to_string(gpu.index); }},
    Field{"compute_cap", "",
          [](const MachineState&, const GpuState& gpu) {
            return std::to_string(gpu.compute_major) + "." + std::to_string(gpu.compute_minor);
          }},
    Field{"pci.bus_id", "", [](const MachineState&, const GpuState& gpu) { return gpu.bus_id; }},
    Field{"gpu_bus_id", "", [](const MachineState&, const GpuState& gpu) { return gpu.bus_id; }},
    Field{"serial", "", [](const MachineState&, const GpuState& gpu) { return gpu.serial; }},
    Field{"vbios_version", "", [](const MachineState&, const GpuState& gpu) { return gpu.vbios; }},
    Field{"memory.total", "MiB",
          [](const MachineState&, const GpuState& gpu) {
            return std::to_string(gpu.memory_total_mib);
          }},
    Field{"memory.used", "MiB",
          [](const MachineState&, const GpuState& gpu) {
            return std::to_string(gpu.memory_used_mib);
          }},
    Field{"memory.free", "MiB",
          [](const MachineState&, const GpuState& gpu) {
            return std::to_string(gpu.memory_total_mib - gpu.memory_used_mib);
          }},
    Field{"utilization.gpu", "%",
          [](const MachineState&, const GpuState&) -> std::string { return "0"; }},
    Field{"mig.mode.current", "",
          [](const MachineState&, const GpuState& gpu) -> std::string {
            return gpu.has_mig ? "Disabled" : "[N/A]";
          }},
    Field{"temperature.gpu", "", not_available},
    Field{"power.draw", "W", not_available},
};

std::vector<std::string_view> split(std::string_view text)
{
  std::vector<std::string_view> parts;
  while (true) {
    const auto comma = text.find(',');
    std::string_view part = text.substr(0, comma);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    parts.push_back(part);
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

template <typename Cell>
std::string line(const std::vector<const Field*>& asked, Cell cell)
{
  std::string text;
  for (const Field* field : asked) {
    if (!text.empty()) text += ", ";
    text += cell(*field);
  }
  return text + "\n";
}

}  // namespace

Outcome render_query(const MachineState& machine, std::string_view field_list, CsvStyle style)
{
  std::vector<const Field*> asked;
  for (const std::string_view name : split(field_list)) {
    const auto* field = std::ranges::find(fields, name, &Field::name);
    if (field == fields.end()) {
      return {2, "Field \"" + std::string(name) + "\" is not a valid field to query.\n\n"};
    }
    asked.push_back(field);
  }

  std::string text;
  if (style.has_header) {
    text += line(asked, [](const Field& field) {
      return std::string(field.name) +
             (field.unit.empty() ? "" : " [" + std::string(field.unit) + "]");
    });
  }
  for (const GpuState& gpu : machine.gpus) {
    text += line(asked, [&](const Field& field) {
      std::string value = field.read(machine, gpu);
      const bool has_unit = style.has_units && !field.unit.empty() && value != "[N/A]";
      return has_unit ? value + " " + std::string(field.unit) : value;
    });
  }
  return {0, std::move(text)};
}

}  // namespace coroner::driver::smi
