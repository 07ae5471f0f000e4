// SPDX-License-Identifier: Apache-2.0
// Device nodes as this container may open them, and controllers on the PCI bus.
#include <array>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "payload/inspect.h"
#include "payload/text.h"

namespace coroner::payload {
namespace {

// PCI classes (PCI Code and ID Assignment Specification): the first byte of the class code.
constexpr unsigned display_class = 0x03;
constexpr unsigned accelerator_class = 0x12;
constexpr unsigned other_bridge_class = 0x0680;  // with the sub-class: an NVSwitch
constexpr unsigned nvidia_vendor = 0x10DE;

constexpr unsigned permission_bits = 07777;

struct DevicePlace {
  std::string_view folder;
  std::string_view prefix;
};
constexpr std::array device_places = {
    DevicePlace{"/dev", "nvidia"},
    DevicePlace{"/dev/nvidia-caps", ""},
    DevicePlace{"/dev/nvidia-caps-imex-channels", ""},
    DevicePlace{"/dev/dri", ""},
    DevicePlace{"/dev", "nvgpu"},   // Jetson
    DevicePlace{"/dev", "nvhost-"}  // Jetson
};

std::string open_result(const std::string& path)
{
  const int descriptor = open(path.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0) return error_name(errno);
  close(descriptor);
  return "ok";
}

std::string mode_text(mode_t mode)
{
  std::string text(4, '0');
  unsigned rest = mode & permission_bits;
  for (std::size_t place = text.size(); place > 0; --place, rest >>= 3U) {
    text[place - 1] = static_cast<char>('0' + (rest & 7U));
  }
  return text;
}

std::string_view type_of(mode_t mode)
{
  if (S_ISCHR(mode)) return "character";
  return S_ISBLK(mode) ? "block" : "other";
}

// The number in a file such as `vendor`, written as 0x10de.
unsigned hexadecimal_file(const std::string& path)
{
  std::string text = read_line(path);
  if (text.starts_with("0x")) text.erase(0, 2);
  return number_of<unsigned>(text, 16).value_or(0);
}

bool is_wanted(unsigned vendor, unsigned device_class)
{
  const unsigned base = device_class >> 16U;
  if (base == display_class || base == accelerator_class) return true;
  return vendor == nvidia_vendor && device_class >> 8U == other_bridge_class;
}

}  // namespace

JsonList inspect_devices(const Root& root)
{
  JsonList devices(max_devices_bytes);
  for (const DevicePlace& place : device_places) {
    for (const std::string& name : names_in(root.path(place.folder))) {
      if (!name.starts_with(place.prefix)) continue;
      const std::string shown = std::string(place.folder) + "/" + name;
      const std::string path = root.path(shown);
      struct stat status {};
      if (stat(path.c_str(), &status) != 0) {
        devices.add(JsonObject().text("path", shown).text("open", error_name(errno)));
        continue;
      }
      if (S_ISDIR(status.st_mode)) continue;
      devices.add(JsonObject()
                      .text("path", shown)
                      .text("type", type_of(status.st_mode))
                      .number("major", major(status.st_rdev))
                      .number("minor", minor(status.st_rdev))
                      .text("mode", mode_text(status.st_mode))
                      .number("uid", status.st_uid)
                      .number("gid", status.st_gid)
                      .text("open", open_result(path)));
    }
  }
  return devices;
}

JsonObject inspect_pci(const Root& root)
{
  constexpr std::string_view folder = "/sys/bus/pci/devices";
  JsonList controllers(max_pci_bytes);
  for (const std::string& address : names_in(root.path(folder))) {
    const std::string path = root.path(folder) + "/" + address;
    const unsigned vendor = hexadecimal_file(path + "/vendor");
    const unsigned device_class = hexadecimal_file(path + "/class");
    if (!is_wanted(vendor, device_class)) continue;
    JsonObject controller;
    controller.text("address", address)
        .text("vendor", hexadecimal(vendor, 4))
        .text("device", hexadecimal(hexadecimal_file(path + "/device"), 4))
        .text("class", hexadecimal(device_class, 6));
    const std::string driver = link_target(path + "/driver");
    driver.empty() ? controller.nothing("driver") : controller.text("driver", base_name(driver));
    controllers.add(controller);
  }
  return JsonObject()
      .flag("is_readable", exists(root.path(folder)))
      .list("controllers", controllers);
}

}  // namespace coroner::payload
