// SPDX-License-Identifier: Apache-2.0
// Asks the kernel through open(2), mknod(2) and uname(2), and decides nothing itself.
#include "matrix/lab/driver/kernel.h"

#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

namespace coroner::driver {
namespace {

struct Meaning {
  int error;
  Access access;
};
constexpr std::array meanings = {
    Meaning{ENXIO, Access::granted},    Meaning{ENODEV, Access::granted},
    Meaning{ENOENT, Access::missing},   Meaning{ENOTDIR, Access::missing},
    Meaning{EACCES, Access::forbidden}, Meaning{EPERM, Access::blocked},
};

Access meaning_of(int error)
{
  for (const Meaning& row : meanings) {
    if (row.error == error) return row.access;
  }
  return Access::failed;
}

Access open_once(const std::string& path)
{
  const int descriptor = open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0) return meaning_of(errno);
  close(descriptor);
  return Access::granted;
}

std::string current_domain_name()
{
  utsname names{};
  if (uname(&names) != 0) return {};
  return names.domainname;
}

}  // namespace

Kernel::Kernel(std::string device_directory, std::string domain_name)
    : device_directory_(std::move(device_directory)), domain_name_(std::move(domain_name))
{}

std::string Kernel::module_version() const
{
  constexpr std::string_view begin = "nvidia-";
  constexpr std::string_view end = ".simulated";
  const std::string text = domain_name_ ? *domain_name_ : current_domain_name();
  const std::string_view name = text;
  if (!name.starts_with(begin) || !name.ends_with(end)) return {};
  if (name.size() <= begin.size() + end.size()) return {};
  return std::string(name.substr(begin.size(), name.size() - begin.size() - end.size()));
}

Access Kernel::open_control() const
{
  return open_node("nvidiactl", gpu_device_major, control_device_minor);
}

Access Kernel::open_gpu(unsigned minor) const
{
  return open_node("nvidia" + std::to_string(minor), gpu_device_major, minor);
}

Access Kernel::open_uvm() const
{
  return open_node("nvidia-uvm", uvm_device_major, 0);
}

Access Kernel::open_node(const std::string& name, unsigned major, unsigned minor) const
{
  const std::string path = device_directory_ + "/" + name;
  const Access access = open_once(path);
  if (access != Access::missing) return access;
  if (mknod(path.c_str(), S_IFCHR | 0666, makedev(major, minor)) != 0) return Access::missing;
  chmod(path.c_str(), 0666);
  return open_once(path);
}

}  // namespace coroner::driver
