// SPDX-License-Identifier: Apache-2.0
// Kernel, libc, memory, disk and the driver's kernel module.
#include <array>
#include <optional>

#include <gnu/libc-version.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "payload/inspect.h"
#include "payload/proc.h"
#include "payload/redact.h"
#include "payload/text.h"

namespace coroner::payload {
namespace {

// cgroup v1 writes "no limit" as a number near 2^63.
constexpr std::uint64_t least_absurd_limit_bytes = std::uint64_t{1} << 60U;

void add_optional(JsonObject& object, std::string_view key, std::optional<std::uint64_t> value)
{
  value ? object.number(key, *value) : object.nothing(key);
}

void add_text_or_nothing(JsonObject& object, std::string_view key, std::string_view value)
{
  value.empty() ? object.nothing(key) : object.text(key, value);
}

std::optional<std::uint64_t> memory_limit_bytes(const Root& root)
{
  constexpr std::array<std::string_view, 2> places = {
      "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"};
  for (const std::string_view place : places) {
    const auto limit = number_of<std::uint64_t>(read_line(root.path(place)));
    if (limit && *limit < least_absurd_limit_bytes) return limit;
  }
  return std::nullopt;
}

bool is_gpu_module(std::string_view name)
{
  return name.starts_with("nvidia") || name.starts_with("nouveau") || name.starts_with("nova_");
}

}  // namespace

JsonObject inspect_machine(const Root& root)
{
  JsonObject machine;
  utsname names{};
  if (uname(&names) == 0) {
    machine.text("architecture", &names.machine[0])
        .text("kernel", &names.release[0])
        .text("kernel_build", &names.version[0])
        .text("host_name", &names.nodename[0]);
  }
  machine.text("glibc", gnu_get_libc_version()).number("processors", sysconf(_SC_NPROCESSORS_ONLN));
  const std::string memory = read_text(root.path("/proc/meminfo")).value_or("");
  add_optional(machine, "memory_total_bytes", kibibyte_field(memory, "MemTotal"));
  add_optional(machine, "memory_available_bytes", kibibyte_field(memory, "MemAvailable"));
  add_optional(machine, "memory_limit_bytes", memory_limit_bytes(root));
  struct statvfs disk {};
  if (statvfs(root.path("/").c_str(), &disk) == 0) {
    machine.number("disk_total_bytes", std::uint64_t{disk.f_blocks} * disk.f_frsize)
        .number("disk_free_bytes", std::uint64_t{disk.f_bavail} * disk.f_frsize);
  }
  std::string model = read_line(root.path("/proc/device-tree/model"));
  while (!model.empty() && model.back() == '\0') model.pop_back();
  add_text_or_nothing(machine, "device_tree_model", model);
  return machine.text("command_line", without_secrets(read_line(root.path("/proc/cmdline"))),
                      max_command_line_bytes);
}

JsonObject inspect_driver(const Root& root, std::string_view domain_name)
{
  JsonObject driver;
  const std::string text = read_line(root.path("/proc/driver/nvidia/version"));
  const std::string module_version = read_line(root.path("/sys/module/nvidia/version"));
  const DriverVersion found = parse_driver_version(text);
  const auto modules_file = read_text(root.path("/proc/modules"));
  const std::string modules_text = modules_file.value_or("");
  JsonList modules(max_modules_bytes);
  bool is_loaded = !text.empty() || !module_version.empty();
  for (const std::string_view line : split(modules_text, '\n')) {
    const auto module = parse_module(line);
    if (!module || !is_gpu_module(module->name)) continue;
    is_loaded = is_loaded || module->name == "nvidia";
    modules.add(JsonObject()
                    .text("name", module->name)
                    .number("bytes", module->bytes)
                    .number("uses", module->uses)
                    .text("state", module->state));
  }
  driver.flag("is_loaded", is_loaded);
  add_text_or_nothing(driver, "version", found.version);
  text.empty() ? driver.nothing("flavour") : driver.text("flavour", found.flavour);
  add_text_or_nothing(driver, "text", text.substr(0, text.find('\n')));
  add_text_or_nothing(driver, "module_version", module_version);
  add_text_or_nothing(driver, "simulated_driver", simulated_driver_version(domain_name));
  driver.flag("modules_are_readable", modules_file.has_value());
  return driver.list("modules", modules);
}

}  // namespace coroner::payload
