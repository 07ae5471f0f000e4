// SPDX-License-Identifier: Apache-2.0
// State files of a cell and the identity of its first process.
#include "harness/lab/state.h"

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/deadline.h"
#include "harness/base/files.h"
#include "harness/base/text.h"

namespace coroner::lab {
namespace {

using base::error;
using base::ErrorKind;
using base::Result;
using nlohmann::json;

Result<json> read_json(const std::filesystem::path& path)
{
  constexpr std::size_t limit_bytes = 1U << 20U;
  TRY_ASSIGN(text, base::read_file(path, limit_bytes));
  auto value = json::parse(text, nullptr, false);
  if (!value.is_object()) return error(ErrorKind::invalid, "{} is not JSON", path.string());
  return value;
}

}  // namespace

Result<ProcessIdentity> identify(pid_t pid)
{
  constexpr std::size_t start_field = 19;  // field 22, counted after "pid (comm) state"
  TRY_ASSIGN(stat, base::read_file(fmt::format("/proc/{}/stat", pid)));
  const auto fields = base::split(stat.substr(std::min(stat.size(), stat.rfind(')') + 2)), ' ');
  if (fields.size() <= start_field)
    return error(ErrorKind::not_found, "there is no process {}", pid);
  TRY_ASSIGN(boot, base::read_file("/proc/sys/kernel/random/boot_id"));
  return ProcessIdentity{pid, std::stoull(fields[start_field]), std::string(base::trim(boot))};
}

bool ProcessIdentity::is_alive() const
{
  if (pid <= 0) return false;
  const auto now = identify(pid);
  if (!now || now->start_ticks != start_ticks || now->boot_id != boot_id) return false;
  const auto stat = base::read_file(fmt::format("/proc/{}/stat", pid));
  return stat && stat->find(") Z ") == std::string::npos;
}

Result<State> read_state(const std::filesystem::path& cell_directory)
{
  TRY_ASSIGN(value, read_json(cell_directory / "state.json"));
  State state;
  try {
    state.name = value.at("name");
    state.cell = value.at("cell");
    state.gpu = value.at("gpu");
    state.gpu_count = value.at("gpu_count");
    state.port = value.at("port");
    const auto& init = value.at("init");
    state.init = {init.at("pid"), init.at("start_ticks"), init.at("boot_id")};
    state.is_complete = value.at("is_complete");
    state.cgroups = value.at("cgroups").get<std::vector<std::string>>();
    state.broken = value.at("broken").get<std::vector<std::string>>();
  } catch (const json::exception& exception) {
    return error(ErrorKind::invalid, "{}: {}", (cell_directory / "state.json").string(),
                 exception.what());
  }
  return state;
}

Result<void> write_state(const std::filesystem::path& cell_directory, const State& state)
{
  const json value = {{"name", state.name},
                      {"cell", state.cell},
                      {"gpu", state.gpu},
                      {"gpu_count", state.gpu_count},
                      {"port", state.port},
                      {"is_complete", state.is_complete},
                      {"cgroups", state.cgroups},
                      {"broken", state.broken},
                      {"init",
                       {{"pid", state.init.pid},
                        {"start_ticks", state.init.start_ticks},
                        {"boot_id", state.init.boot_id}}}};
  return base::write_file(cell_directory / "state.json", value.dump(2) + "\n");
}

Result<InitReport> read_init_report(const std::filesystem::path& cell_directory)
{
  TRY_ASSIGN(value, read_json(cell_directory / "init.json"));
  InitReport report;
  try {
    report.phase = value.at("phase");
    report.failure = value.at("failure");
    report.pids = value.at("pids").get<std::map<std::string, int>>();
    report.restarts = value.at("restarts").get<std::map<std::string, int>>();
  } catch (const json::exception& exception) {
    return error(ErrorKind::invalid, "{}: {}", (cell_directory / "init.json").string(),
                 exception.what());
  }
  return report;
}

Result<void> write_init_report(const std::filesystem::path& file, const InitReport& report)
{
  const json value = {{"phase", report.phase},
                      {"failure", report.failure},
                      {"pids", report.pids},
                      {"restarts", report.restarts}};
  return base::write_file(file, value.dump() + "\n");
}

namespace {

std::filesystem::path lock_of(const std::filesystem::path& cell)
{
  return cell.string() + ".lock";
}

/// A descriptor that holds the lock; -1 while another has it.
Result<int> try_to_lock(const std::filesystem::path& path)
{
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return tl::unexpected(base::file_error("open", path, errno));
  struct stat held = {};
  // Who held it before may have removed the name: a lock on that file would exclude nobody.
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0 && ::fstat(descriptor, &held) == 0 &&
      held.st_nlink > 0)
    return descriptor;
  ::close(descriptor);
  return -1;
}

}  // namespace

Result<CellLock> CellLock::take(const Places& places, const std::string& name)
{
  using namespace std::chrono_literals;
  TRY(base::make_directories(places.cells()));
  int descriptor = -1;
  TRY(base::poll_until(
      [&]() -> Result<bool> {
        TRY_ASSIGN(taken, try_to_lock(lock_of(places.cell(name))));
        descriptor = taken;
        return taken >= 0;
      },
      fmt::format("the end of another command on cell '{}'", name), 50ms,
      base::Deadline::in(120s)));
  return CellLock(descriptor, places.cell(name));
}

CellLock::~CellLock()
{
  if (descriptor_ < 0) return;
  std::error_code code;
  if (!std::filesystem::exists(cell_, code)) std::filesystem::remove(lock_of(cell_), code);
  ::close(descriptor_);
}

}  // namespace coroner::lab
