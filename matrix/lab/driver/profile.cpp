// SPDX-License-Identifier: Apache-2.0
// Text form of a profile: written, and read back from bytes that nobody vouches for.
#include "matrix/lab/driver/profile.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>

namespace coroner::driver {
namespace {

constexpr std::string_view head = "simulated-driver-profile/1";

std::string netstring(std::string_view text)
{
  return std::to_string(text.size()) + ":" + std::string(text) + ",";
}

// Takes the next netstring from the front of `rest`; nothing where it is malformed.
std::optional<std::string_view> take(std::string_view& rest)
{
  std::size_t length = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), length);
  const auto digits = static_cast<std::size_t>(end - rest.data());
  if (error != std::errc{} || digits > 4 || digits >= rest.size() || rest[digits] != ':') return {};
  const std::size_t begin = digits + 1;
  if (length > most_text_bytes || length + 1 > rest.size() - begin) return {};
  if (rest[begin + length] != ',') return {};
  const std::string_view text = rest.substr(begin, length);
  rest.remove_prefix(begin + length + 1);
  return text;
}

template <typename Number>
bool read_number(std::string_view text, Number& number)
{
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

bool read_version(std::string_view text, Version& version)
{
  const auto dot = text.find('.');
  if (dot == std::string_view::npos) return false;
  return read_number(text.substr(0, dot), version.major) &&
         read_number(text.substr(dot + 1), version.minor) && version.major >= 0 &&
         version.minor >= 0 && version.major < 100 && version.minor < 100;
}

bool read_flag(std::string_view text, bool& flag)
{
  flag = text == "1";
  return text == "0" || text == "1";
}

std::string text_of(const Version& version)
{
  return std::to_string(version.major) + "." + std::to_string(version.minor);
}

// One key of a GPU: how its value is written and how it is read.
struct GpuKey {
  std::string_view name;
  std::string (*write)(const Gpu&);
  bool (*read)(std::string_view, Gpu&);
};

template <std::string Gpu::*member>
constexpr GpuKey text_key(std::string_view name)
{
  return {name, [](const Gpu& gpu) { return gpu.*member; },
          [](std::string_view text, Gpu& gpu) {
            gpu.*member = text;
            return true;
          }};
}

template <auto member>
constexpr GpuKey number_key(std::string_view name)
{
  return {name, [](const Gpu& gpu) { return std::to_string(gpu.*member); },
          [](std::string_view text, Gpu& gpu) { return read_number(text, gpu.*member); }};
}

template <bool Gpu::*member>
constexpr GpuKey flag_key(std::string_view name)
{
  return {name, [](const Gpu& gpu) { return std::string(gpu.*member ? "1" : "0"); },
          [](std::string_view text, Gpu& gpu) { return read_flag(text, gpu.*member); }};
}

constexpr std::array gpu_keys = {
    text_key<&Gpu::name>("name"),
    text_key<&Gpu::brand>("brand"),
    text_key<&Gpu::architecture>("architecture"),
    GpuKey{
        "compute_capability", [](const Gpu& gpu) { return text_of(gpu.compute_capability); },
        [](std::string_view text, Gpu& gpu) { return read_version(text, gpu.compute_capability); }},
    number_key<&Gpu::memory_mib>("memory_mib"),
    number_key<&Gpu::pci_device_id>("pci_device_id"),
    number_key<&Gpu::pci_subsystem_id>("pci_subsystem_id"),
    text_key<&Gpu::pci_bus_id>("pci_bus_id"),
    text_key<&Gpu::uuid>("uuid"),
    number_key<&Gpu::minor>("minor"),
    text_key<&Gpu::serial>("serial"),
    number_key<&Gpu::multiprocessors>("multiprocessors"),
    flag_key<&Gpu::mig_capable>("mig_capable"),
    flag_key<&Gpu::ecc>("ecc"),
};

bool read_key(std::string_view key, std::string_view value, Profile& profile)
{
  if (key == "driver_version") return profile.driver_version = value, true;
  if (key == "cuda_version") return read_version(value, profile.cuda_version);
  if (key == "kernel_module") return profile.kernel_module = value, true;
  if (key == "gpu") {
    profile.gpus.emplace_back();
    return profile.gpus.size() <= most_gpus;
  }
  const auto row = std::ranges::find(gpu_keys, key, &GpuKey::name);
  return row != gpu_keys.end() && !profile.gpus.empty() && row->read(value, profile.gpus.back());
}

bool is_version_text(std::string_view text)
{
  return !text.empty() && text.size() <= 32 && std::ranges::all_of(text, [](char letter) {
    return (letter >= '0' && letter <= '9') || letter == '.';
  });
}

bool is_plain_text(std::string_view text)
{
  return text.size() < 96 &&
         std::ranges::all_of(text, [](char letter) { return letter >= ' ' && letter <= '~'; });
}

std::string problem_of(const Gpu& gpu)
{
  if (gpu.name.empty()) return "a GPU has no name";
  for (const auto* text : {&gpu.name, &gpu.brand, &gpu.architecture, &gpu.serial}) {
    if (!is_plain_text(*text)) return "a text of " + gpu.name + " is too long or not plain ASCII";
  }
  if (!gpu.uuid.starts_with(simulated_uuid_prefix) || gpu.uuid.size() != 40) {
    return "the UUID of " + gpu.name + " must have 40 letters and begin with " +
           std::string(simulated_uuid_prefix);
  }
  if (!parse_pci_address(gpu.pci_bus_id)) {
    return "the bus id of " + gpu.name + " must look like 00000000:01:00.0";
  }
  if (gpu.memory_mib == 0 || gpu.memory_mib > 4'194'304) {
    return "the memory of " + gpu.name + " must be 1 to 4194304 MiB";
  }
  if (gpu.minor > 254) return "the minor number of " + gpu.name + " must be below 255";
  if (gpu.multiprocessors == 0 || gpu.multiprocessors > 1024) {
    return "the multiprocessors of " + gpu.name + " must be 1 to 1024";
  }
  return {};
}

}  // namespace

std::optional<PciAddress> parse_pci_address(std::string_view text)
{
  if (text.size() != 16 || text[8] != ':' || text[11] != ':' || text[14] != '.') return {};
  PciAddress address;
  const auto hex = [&](std::size_t begin, std::size_t length, std::uint32_t& number) {
    const char* first = text.data() + begin;
    const auto [end, error] = std::from_chars(first, first + length, number, 16);
    return error == std::errc{} && end == first + length;
  };
  std::uint32_t function = 0;
  if (!hex(0, 8, address.domain) || !hex(9, 2, address.bus) || !hex(12, 2, address.device) ||
      !hex(15, 1, function)) {
    return {};
  }
  return address;
}

std::string problem_of(const Profile& profile)
{
  if (!is_version_text(profile.driver_version)) return "driver_version must look like 570.211.01";
  if (profile.cuda_version.major == 0) return "cuda_version is missing";
  if (profile.kernel_module != "open" && profile.kernel_module != "proprietary") {
    return "kernel_module must be open or proprietary";
  }
  if (profile.gpus.empty() || profile.gpus.size() > most_gpus) {
    return "there must be 1 to " + std::to_string(most_gpus) + " GPUs";
  }
  for (std::size_t at = 0; at < profile.gpus.size(); ++at) {
    const Gpu& gpu = profile.gpus[at];
    if (auto problem = problem_of(gpu); !problem.empty()) return problem;
    for (std::size_t other = 0; other < at; ++other) {
      const Gpu& before = profile.gpus[other];
      if (before.minor == gpu.minor) return "two GPUs have the same minor number";
      if (before.uuid == gpu.uuid) return "two GPUs have the same UUID";
      if (before.pci_bus_id == gpu.pci_bus_id) return "two GPUs have the same bus id";
    }
  }
  return {};
}

std::string encode(const Profile& profile)
{
  std::string text = netstring(head);
  const auto put = [&text](std::string_view key, std::string_view value) {
    text += netstring(key) + netstring(value);
  };
  put("driver_version", profile.driver_version);
  put("cuda_version", text_of(profile.cuda_version));
  put("kernel_module", profile.kernel_module);
  for (const Gpu& gpu : profile.gpus) {
    put("gpu", "");
    for (const GpuKey& key : gpu_keys) put(key.name, key.write(gpu));
  }
  return text;
}

Decoded decode(std::string_view text)
{
  if (take(text) != head) return {{}, "the profile does not begin with its head"};
  Profile profile;
  while (!text.empty()) {
    const auto key = take(text);
    const auto value = key ? take(text) : std::nullopt;
    if (!value) return {{}, "a length in the profile is wrong"};
    if (!read_key(*key, *value, profile)) {
      return {{}, "the profile's key " + std::string(*key) + " cannot be read"};
    }
  }
  if (auto problem = problem_of(profile); !problem.empty()) return {{}, std::move(problem)};
  return {std::move(profile), {}};
}

}  // namespace coroner::driver
