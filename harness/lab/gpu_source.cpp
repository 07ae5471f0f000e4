// SPDX-License-Identifier: Apache-2.0
// Puts a driver's files where the distro of a cell keeps them.
#include "harness/lab/gpu_source.h"

#include <algorithm>
#include <array>
#include <fstream>

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "matrix/lab/driver/profile_yaml.h"

namespace coroner::lab {
namespace {

namespace fs = std::filesystem;
using base::error;
using base::ErrorKind;
using base::Result;

/// Where the node sees the folder that holds the driver's files.
constexpr const char* driver_inside = "/opt/coroner/driver";

/// Where the kernel shows the PCI bus; a machine may have none.
constexpr const char* pci_devices = "/sys/bus/pci/devices";

/// Majors of the real modules: 195 for the GPUs (fixed), nvidia-uvm's is dynamic; 238 was seen
/// with driver 580 on an H200.
constexpr unsigned gpu_major = 195;
constexpr unsigned control_minor = 255;
constexpr unsigned memory_major = 238;

std::vector<DeviceNode> simulated_nodes(const driver::Profile& profile)
{
  std::vector<DeviceNode> nodes = {{"/dev/nvidiactl", gpu_major, control_minor},
                                   {"/dev/nvidia-uvm", memory_major, 0},
                                   {"/dev/nvidia-uvm-tools", memory_major, 1}};
  for (const auto& gpu : profile.gpus)
    nodes.push_back({fmt::format("/dev/nvidia{}", gpu.minor), gpu_major, gpu.minor});
  return nodes;
}

/// What the kernel module shows below /proc/driver/nvidia, marked as simulated.
Result<void> write_proc(const fs::path& folder, const driver::Profile& profile)
{
  const auto base = folder / "nvidia";
  TRY(base::make_directories(base));
  const auto flavour = profile.kernel_module == "open" ? "UNIX Open Kernel Module for x86_64"
                                                       : "UNIX x86_64 Kernel Module";
  TRY(base::write_file(base / "version", fmt::format("NVRM version: NVIDIA {}  {}  (simulated)\n",
                                                     flavour, profile.driver_version)));
  for (const auto& gpu : profile.gpus) {
    auto bus = gpu.pci_bus_id;
    constexpr std::size_t long_domain_digits = 4;
    if (bus.size() > long_domain_digits) bus.erase(0, long_domain_digits);
    TRY(base::make_directories(base / "gpus" / bus));
    TRY(base::write_file(base / "gpus" / bus / "information",
                         fmt::format("Model: \t\t {} (simulated)\nGPU UUID: \t {}\nBus Location: "
                                     "\t {}\nDevice Minor: \t {}\n",
                                     gpu.name, gpu.uuid, bus, gpu.minor)));
  }
  return {};
}

/// Binds whole folders where the distro has one of its own, copies files where it shares /usr.
Result<void> place_driver(const GpuRequest& request, GpuSource& source)
{
  const std::map<std::string, std::string> words = {{"driver_version", source.driver_version}};
  TRY_ASSIGN(libraries, cell::fill_in(request.place.libraries, words));
  TRY_ASSIGN(binaries, cell::fill_in(request.place.binaries, words));
  source.binds.push_back({request.directory.string(), driver_inside, true});
  for (const auto& [own, place] :
       {std::pair{std::string("lib"), libraries}, std::pair{std::string("bin"), binaries}}) {
    const auto folder = request.directory / own;
    if (!place.starts_with("/usr/") || place.starts_with("/usr/local/glibc")) {
      source.binds.push_back({folder.string(), place, true});
      continue;
    }
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(folder, code)) {
      cell::NodeFile file;
      file.path = place + "/" + entry.path().filename().string();
      if (entry.is_symlink()) {
        file.link = fs::read_symlink(entry.path(), code);
      } else {
        file.binary = fmt::format("{}/{}/{}", driver_inside, own, entry.path().filename().string());
        file.mode = 0755;
      }
      source.files.push_back(file);
    }
  }
  return {};
}

Result<GpuSource> simulated(const Places& places, const GpuRequest& request)
{
  const auto path = places.matrix / "lab" / "driver" / "profiles" / (request.profile + ".yaml");
  auto text = base::read_file(path, base::largest_yaml_bytes);
  if (!text) {
    std::vector<std::string> known;
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(path.parent_path(), code))
      known.push_back(entry.path().stem().string());
    std::sort(known.begin(), known.end());
    return base::error_with_hint(
        ErrorKind::not_found,
        fmt::format("there is no GPU profile '{}'", base::printable(request.profile)),
        "profiles are: " + base::join(known, ", "));
  }
  TRY_ASSIGN(single, driver::read_profile(*text, path.string()));
  TRY_ASSIGN(profile, driver::with_copies(single, static_cast<std::size_t>(request.count)));
  const driver::Installation installation{places.driver, request.directory / "lib",
                                          request.directory / "bin"};
  auto installed = driver::install(profile, installation);
  if (!installed)
    return base::pass_on(std::move(installed).error(), "while installing the simulated driver");
  GpuSource source;
  source.count = request.count;
  source.driver_version = profile.driver_version;
  source.domain_name = fmt::format("nvidia-{}.simulated", profile.driver_version);
  source.devices = simulated_nodes(profile);
  TRY(write_proc(request.directory / "proc", profile));
  source.binds.push_back({(request.directory / "proc").string(), "/proc/driver", true});
  if (has_pci_bus()) {
    TRY(driver::write_pci_devices(profile, request.directory / "pci"));
    source.binds.push_back({(request.directory / "pci").string(), pci_devices, true});
  }
  TRY(place_driver(request, source));
  return source;
}

constexpr std::array<const char*, 7> library_folders = {"/usr/lib/x86_64-linux-gnu",
                                                        "/usr/lib64",
                                                        "/usr/lib",
                                                        "/usr/local/nvidia/lib64",
                                                        "/usr/local/nvidia/lib",
                                                        "/run/opengl-driver/lib",
                                                        "/usr/lib/wsl/lib"};
constexpr std::array<const char*, 4> program_folders = {
    "/usr/bin", "/usr/local/nvidia/bin", "/run/current-system/sw/bin", "/usr/local/bin"};

/// Copies the driver's own libraries: what carries its version in its name, and links to those.
Result<void> copy_libraries(const fs::path& from, const std::string& version, const fs::path& to)
{
  TRY(base::make_directories(to));
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(from, code)) {
    const auto name = entry.path().filename().string();
    if (name.find(".so") == std::string::npos) continue;
    const auto real = fs::canonical(entry.path(), code);
    if (code || !real.filename().string().ends_with(".so." + version)) continue;
    if (name == real.filename().string())
      TRY(base::copy_file(real, to / name));
    else
      fs::create_symlink(real.filename(), to / name, code);
  }
  return {};
}

Result<std::vector<DeviceNode>> real_nodes()
{
  std::vector<DeviceNode> nodes;
  std::error_code code;
  for (const auto& entry : fs::directory_iterator("/dev", code)) {
    const auto name = entry.path().filename().string();
    struct stat status = {};
    if (!name.starts_with("nvidia") || ::stat(entry.path().c_str(), &status) != 0 ||
        !S_ISCHR(status.st_mode))
      continue;
    nodes.push_back({entry.path().string(), major(status.st_rdev), minor(status.st_rdev),
                     status.st_mode & 0777U});
  }
  if (nodes.empty())
    return error(ErrorKind::not_found, "this machine has no /dev/nvidia* device nodes");
  return nodes;
}

bool is_gpu(const DeviceNode& node)
{
  const auto suffix = node.path.substr(std::string_view("/dev/nvidia").size());
  return !suffix.empty() && suffix.find_first_not_of("0123456789") == std::string::npos;
}

/// An ELF file: a script that stands for nvidia-smi (seen on an H200) calls what a cell lacks.
bool is_program(const fs::path& path)
{
  std::ifstream file(path, std::ios::binary);
  std::array<char, 4> head{};
  return file.read(head.data(), head.size()) && std::string_view(head.data(), 4) == "\x7f\x45LF";
}

Result<GpuSource> real(const GpuRequest& request)
{
  TRY_ASSIGN(nodes, real_nodes());
  std::error_code code;
  for (const auto* folder : library_folders) {
    const auto library = fs::path(folder) / "libnvidia-ml.so.1";
    if (!fs::exists(library, code)) continue;
    const auto name = fs::canonical(library, code).filename().string();
    constexpr std::string_view stem = "libnvidia-ml.so.";
    GpuSource source;
    source.driver_version = name.substr(stem.size());
    TRY(copy_libraries(fs::canonical(library, code).parent_path(), source.driver_version,
                       request.directory / "lib"));
    TRY(base::make_directories(request.directory / "bin"));
    for (const auto* programs : program_folders) {
      const auto program = fs::path(programs) / "nvidia-smi";
      if (!is_program(program)) continue;
      TRY(base::copy_file(fs::canonical(program, code), request.directory / "bin" / "nvidia-smi"));
      break;
    }
    source.devices = nodes;
    source.count = static_cast<int>(std::count_if(nodes.begin(), nodes.end(), is_gpu));
    TRY(place_driver(request, source));
    return source;
  }
  std::string looked;
  for (const auto* folder : library_folders) looked += fmt::format(" {}", folder);
  return base::error_with_hint(
      ErrorKind::not_found,
      "this machine has GPUs but no libnvidia-ml.so.1 was found, looked in:" + looked,
      "install the driver, or use --gpu simulated");
}

}  // namespace

Result<GpuSource> provide_gpus(const Places& places, const GpuRequest& request)
{
  switch (request.kind) {
    case cell::GpuKind::none:
      return GpuSource{};
    case cell::GpuKind::simulated:
      return simulated(places, request);
    case cell::GpuKind::real:
      return real(request);
  }
  return GpuSource{};
}

bool has_pci_bus()
{
  std::error_code code;
  return fs::exists(pci_devices, code);
}

}  // namespace coroner::lab
