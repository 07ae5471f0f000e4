// SPDX-License-Identifier: Apache-2.0
// Puts the parts together, with the environment, which is the one part that needs no file.
#include "payload/inspect.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <sys/utsname.h>
#include <unistd.h>

#include "payload/redact.h"

namespace coroner::payload {
namespace {

constexpr std::array<std::string_view, 4> important_prefixes = {"NVIDIA_", "CUDA_", "LD_", "PATH="};

bool is_important(std::string_view entry)
{
  return std::any_of(important_prefixes.begin(), important_prefixes.end(),
                     [entry](std::string_view prefix) { return entry.starts_with(prefix); });
}

JsonObject variable(std::string_view entry)
{
  const std::size_t equals = entry.find('=');
  const std::string_view name = entry.substr(0, equals);
  const std::string_view value =
      equals == std::string_view::npos ? std::string_view() : entry.substr(equals + 1);
  JsonObject result;
  result.text("name", name);
  if (is_secret(name, value)) return result.text("value", redacted).flag("redacted", true);
  return result.text("value", value, max_environment_value_bytes);
}

std::string domain_name()
{
  utsname names{};
  return uname(&names) == 0 ? &names.domainname[0] : "";
}

}  // namespace

JsonList inspect_environment(char** environment)
{
  std::vector<std::string_view> entries;
  for (char** entry = environment; entry != nullptr && *entry != nullptr; ++entry) {
    entries.emplace_back(*entry);
  }
  std::stable_partition(entries.begin(), entries.end(), is_important);
  JsonList list(max_environment_bytes);
  for (const std::string_view entry : entries) list.add(variable(entry));
  return list;
}

int inspect(Worker& worker)
{
  const Root root;
  JsonObject line = worker.line(true);
  worker.step("machine");
  line.object("machine", inspect_machine(root));
  worker.step("driver");
  line.object("driver", inspect_driver(root, domain_name()));
  worker.step("pci");
  line.object("pci", inspect_pci(root));
  worker.step("devices");
  line.list("devices", inspect_devices(root));
  worker.step("libraries");
  line.object("libraries", inspect_libraries(root, worker));
  worker.step("mounts");
  line.list("mounts", inspect_mounts(root));
  worker.step("confinement");
  line.object("confinement", inspect_confinement(root));
  worker.step("network");
  line.object("network", inspect_network(root));
  worker.step("environment");
  line.list("environment", inspect_environment(environ));
  worker.emit(line);
  return exit_ok;
}

}  // namespace coroner::payload
