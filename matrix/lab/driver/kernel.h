// SPDX-License-Identifier: Apache-2.0
// The kernel's word: which driver module is loaded and which device nodes open.
#pragma once

#include <optional>
#include <string>

namespace coroner::driver {

inline constexpr unsigned gpu_device_major = 195;
inline constexpr unsigned control_device_minor = 255;
// The real major number of nvidia-uvm is given out at load time; this is what the H200 machine of
// the recorded runs had (driver 580.159.04), and the simulated cells use the same.
inline constexpr unsigned uvm_device_major = 238;

// What opening a device node came to. There is no module behind a simulated cell's nodes, so the
// kernel's ENXIO is its way to say "present, and you may".
enum class Access {
  granted,
  missing,    // no node, and none can be made
  forbidden,  // the file's mode refuses (EACCES)
  blocked,    // the device cgroup refuses (EPERM)
  failed,     // anything else
};

class Kernel {
 public:
  // The kernel of this process: /dev, and the UTS domain name.
  Kernel() = default;
  // For tests: nodes below another folder, and a given domain name.
  Kernel(std::string device_directory, std::string domain_name);

  // Version of the loaded module, from the domain name `nvidia-<version>.simulated`; empty where no
  // module is loaded.
  [[nodiscard]] std::string module_version() const;

  // Opens nvidiactl, nvidia<minor> or nvidia-uvm. A missing node is made first where the process
  // may do that, as NVIDIA's libraries do (seen with 580.159.04 on an H200: nodes appeared in an
  // empty /dev, and the first open of a pod without devices was refused by the device cgroup).
  [[nodiscard]] Access open_control() const;
  [[nodiscard]] Access open_gpu(unsigned minor) const;
  [[nodiscard]] Access open_uvm() const;

 private:
  [[nodiscard]] Access open_node(const std::string& name, unsigned major, unsigned minor) const;

  std::string device_directory_ = "/dev";
  std::optional<std::string> domain_name_;  // none: ask the kernel, each time anew
};

}  // namespace coroner::driver
