// SPDX-License-Identifier: Apache-2.0
// YAML to Profile with located errors, and the files of a driver.
#include "matrix/lab/driver/profile_yaml.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <system_error>

#include "harness/base/files.h"
#include "harness/base/yaml.h"
#include "matrix/lab/driver/stamp.h"

namespace coroner::driver {
namespace {

using base::Document;
using base::ErrorKind;
using base::Result;

const std::vector<std::string> profile_keys = {"driver_version", "cuda_version", "kernel_module",
                                               "gpus"};
const std::vector<std::string> gpu_keys = {"name",
                                           "brand",
                                           "architecture",
                                           "compute_capability",
                                           "memory_mib",
                                           "pci_device_id",
                                           "pci_subsystem_id",
                                           "pci_bus_id",
                                           "uuid",
                                           "minor",
                                           "serial",
                                           "multiprocessors",
                                           "mig_capable",
                                           "ecc"};

// FNV-1a, which is enough to tell GPUs apart and is the same everywhere.
std::uint64_t hash_of(std::string_view text, std::uint64_t seed)
{
  std::uint64_t hash = 0xcbf29ce484222325ULL ^ seed;
  for (const char letter : text) {
    hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3ULL;
  }
  return hash;
}

std::string make_uuid(const Gpu& gpu)
{
  const std::string text = gpu.name + "/" + gpu.pci_bus_id + "/" + std::to_string(gpu.minor);
  const std::uint64_t high = hash_of(text, 1);
  const std::uint64_t low = hash_of(text, 2);
  return fmt::format("{}{:04x}-{:04x}-{:04x}-{:012x}", simulated_uuid_prefix, high >> 48U,
                     (high >> 32U) & 0xffffU, (high >> 16U) & 0xffffU, low & 0xffffffffffffULL);
}

Result<Version> version_at(const Document& document, const std::string& pointer)
{
  TRY_ASSIGN(text, base::string_at(document, pointer));
  Version version;
  const char* end = text.data() + text.size();
  const auto major = std::from_chars(text.data(), end, version.major);
  if (major.ec == std::errc{} && major.ptr != end && *major.ptr == '.') {
    const auto minor = std::from_chars(major.ptr + 1, end, version.minor);
    if (minor.ec == std::errc{} && minor.ptr == end) return version;
  }
  return document.error_at(pointer, "must look like \"12.8\"");
}

Result<std::uint32_t> pci_id_at(const Document& document, const std::string& pointer)
{
  TRY_ASSIGN(text, base::string_at(document, pointer));
  std::uint32_t number = 0;
  if (text.size() == 10 && text.starts_with("0x")) {
    const auto [end, problem] = std::from_chars(text.data() + 2, text.data() + 10, number, 16);
    if (problem == std::errc{} && end == text.data() + 10) return number;
  }
  return document.error_at(pointer, "must be device and vendor in hex, such as \"0x2c0510de\"");
}

bool has(const Document& document, const std::string& pointer)
{
  return document.value.contains(nlohmann::json::json_pointer(pointer));
}

Result<std::string> text_at(const Document& document, const std::string& pointer,
                            std::string otherwise)
{
  if (!has(document, pointer)) return otherwise;
  return base::string_at(document, pointer);
}

Result<unsigned> number_at(const Document& document, const std::string& pointer, unsigned otherwise)
{
  if (!has(document, pointer)) return otherwise;
  const auto& value = document.value[nlohmann::json::json_pointer(pointer)];
  if (!value.is_number_integer() || value < 0 || value > 1'000'000'000) {
    return document.error_at(pointer, "must be a whole number, 0 or more");
  }
  return value.get<unsigned>();
}

Result<bool> flag_at(const Document& document, const std::string& pointer)
{
  if (!has(document, pointer)) return false;
  const auto& value = document.value[nlohmann::json::json_pointer(pointer)];
  if (!value.is_boolean()) return document.error_at(pointer, "must be true or false");
  return value.get<bool>();
}

Result<Gpu> read_gpu(const Document& document, const std::string& at)
{
  TRY(base::check_keys(document, at, gpu_keys));
  Gpu gpu;
  TRY_ASSIGN(name, base::string_at(document, at + "/name"));
  TRY_ASSIGN(brand, base::string_at(document, at + "/brand"));
  TRY_ASSIGN(architecture, base::string_at(document, at + "/architecture"));
  TRY_ASSIGN(capability, version_at(document, at + "/compute_capability"));
  TRY_ASSIGN(memory_mib, number_at(document, at + "/memory_mib", 0));
  TRY_ASSIGN(device_id, pci_id_at(document, at + "/pci_device_id"));
  TRY_ASSIGN(subsystem_id, pci_id_at(document, at + "/pci_subsystem_id"));
  TRY_ASSIGN(bus_id, base::string_at(document, at + "/pci_bus_id"));
  TRY_ASSIGN(minor, number_at(document, at + "/minor", 0));
  TRY_ASSIGN(serial, text_at(document, at + "/serial", ""));
  TRY_ASSIGN(multiprocessors, number_at(document, at + "/multiprocessors", 1));
  TRY_ASSIGN(mig_capable, flag_at(document, at + "/mig_capable"));
  TRY_ASSIGN(ecc, flag_at(document, at + "/ecc"));
  gpu = {name,   brand, architecture, capability, memory_mib,      device_id,   subsystem_id,
         bus_id, "",    minor,        serial,     multiprocessors, mig_capable, ecc};
  TRY_ASSIGN(uuid, text_at(document, at + "/uuid", make_uuid(gpu)));
  gpu.uuid = uuid;
  return gpu;
}

Result<void> write_links(const std::filesystem::path& directory, const std::string& name,
                         const std::string& version)
{
  for (const auto& [link, target] :
       {std::pair{name + ".1", name + "." + version}, std::pair{name, name + ".1"}}) {
    std::error_code problem;
    std::filesystem::remove(directory / link, problem);
    std::filesystem::create_symlink(target, directory / link, problem);
    if (problem) {
      return base::error(ErrorKind::internal, "cannot link {}: {}", (directory / link).string(),
                         problem.message());
    }
  }
  return {};
}

// The first bus that no GPU of the profile is on; there are more buses than GPUs.
std::string free_bus_id(const Profile& profile)
{
  unsigned bus = 1;
  const auto id = [&bus] { return fmt::format("00000000:{:02X}:00.0", bus); };
  while (std::ranges::find(profile.gpus, id(), &Gpu::pci_bus_id) != profile.gpus.end()) ++bus;
  return id();
}

// The head of the configuration space, with an empty list of capabilities.
std::string pci_config(const Gpu& gpu, std::size_t bytes)
{
  std::string config(bytes, '\0');
  for (std::size_t at = 0; at < 4; ++at) {
    const unsigned shift = static_cast<unsigned>(8 * at);
    config[at] = static_cast<char>((gpu.pci_device_id >> shift) & 0xffU);
    config[0x2c + at] = static_cast<char>((gpu.pci_subsystem_id >> shift) & 0xffU);
  }
  config[0x0b] = 0x03;
  config[0x0a] = gpu.brand == "GeForce" ? 0x00 : 0x02;
  return config;
}

}  // namespace

Result<Profile> read_profile(std::string_view text, std::string source)
{
  TRY_ASSIGN(document, base::parse_yaml(text, std::move(source)));
  TRY(base::check_keys(document, "", profile_keys));
  Profile profile;
  TRY_ASSIGN(driver_version, base::string_at(document, "/driver_version"));
  TRY_ASSIGN(cuda_version, version_at(document, "/cuda_version"));
  TRY_ASSIGN(kernel_module, base::string_at(document, "/kernel_module"));
  if (!has(document, "/gpus") || !document.value["gpus"].is_array()) {
    return document.error_at("", "gpus must be a list");
  }
  profile = {driver_version, cuda_version, kernel_module, {}};
  for (std::size_t index = 0; index < document.value["gpus"].size(); ++index) {
    TRY_ASSIGN(gpu, read_gpu(document, fmt::format("/gpus/{}", index)));
    profile.gpus.push_back(std::move(gpu));
  }
  if (auto problem = problem_of(profile); !problem.empty()) return document.error_at("", problem);
  return profile;
}

Result<Profile> with_copies(Profile profile, std::size_t count)
{
  if (count == 0 || count > most_gpus || profile.gpus.empty()) {
    return base::error(ErrorKind::invalid, "a simulated driver has 1 to {} GPUs, not {}", most_gpus,
                       count);
  }
  const std::vector<Gpu> models = profile.gpus;
  profile.gpus.resize(std::min(count, models.size()));
  for (std::size_t index = models.size(); index < count; ++index) {
    Gpu gpu = models[index % models.size()];
    gpu.minor = static_cast<unsigned>(index);
    gpu.pci_bus_id = free_bus_id(profile);
    gpu.uuid = make_uuid(gpu);
    profile.gpus.push_back(std::move(gpu));
  }
  if (auto problem = problem_of(profile); !problem.empty()) {
    return base::error(ErrorKind::invalid, "{} GPUs of this profile: {}", count, problem);
  }
  return profile;
}

Result<std::vector<std::filesystem::path>> install(const Profile& profile,
                                                   const Installation& installation)
{
  TRY(base::make_directories(installation.library_directory));
  TRY(base::make_directories(installation.binary_directory));
  std::vector<std::filesystem::path> written;
  for (const std::string name : {"libnvidia-ml.so", "libcuda.so", "nvidia-smi"}) {
    const std::filesystem::path from = installation.artifacts / name;
    TRY_ASSIGN(bytes, base::read_file(from));
    if (auto problem = stamp(bytes, profile); !problem.empty()) {
      return base::error(ErrorKind::invalid, "cannot stamp {}: {}", from.string(), problem);
    }
    const bool is_library = name.ends_with(".so");
    const std::filesystem::path to =
        is_library ? installation.library_directory / (name + "." + profile.driver_version)
                   : installation.binary_directory / name;
    TRY(base::write_file(to, bytes, 0755));
    if (is_library) TRY(write_links(installation.library_directory, name, profile.driver_version));
    written.push_back(to);
  }
  return written;
}

Result<void> write_pci_devices(const Profile& profile, const std::filesystem::path& directory)
{
  constexpr std::string_view display_controller = "0x030000\n";
  constexpr std::string_view compute_controller = "0x030200\n";
  constexpr std::size_t config_bytes = 256;
  constexpr int resources = 13;
  for (const Gpu& gpu : profile.gpus) {
    const std::filesystem::path folder = directory / gpu.pci_bus_id.substr(4);
    TRY(base::make_directories(folder));
    std::string regions;
    for (int at = 0; at < resources; ++at) {
      regions += "0x0000000000000000 0x0000000000000000 0x0000000000000000\n";
    }
    const std::string config = pci_config(gpu, config_bytes);
    const bool is_display = gpu.brand == "GeForce";
    const auto id = [](std::uint32_t number) {
      return fmt::format("0x{:04x}\n", number & 0xffffU);
    };
    const std::pair<const char*, std::string> files[] = {
        {"vendor", id(gpu.pci_device_id)},
        {"device", id(gpu.pci_device_id >> 16U)},
        {"subsystem_vendor", id(gpu.pci_subsystem_id)},
        {"subsystem_device", id(gpu.pci_subsystem_id >> 16U)},
        {"class", std::string(is_display ? display_controller : compute_controller)},
        {"revision", "0xa1\n"},
        {"numa_node", "-1\n"},
        {"resource", regions},
        {"config", config}};
    for (const auto& [name, content] : files) TRY(base::write_file(folder / name, content, 0444));
  }
  return {};
}

}  // namespace coroner::driver
