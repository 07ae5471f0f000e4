// SPDX-License-Identifier: Apache-2.0
// What this container is: everything about it that decides whether a GPU works in it.
#pragma once

#include "payload/files.h"
#include "payload/json.h"
#include "payload/worker.h"

namespace coroner::payload {

/// Emits one line with the keys "machine", "driver", "pci", "devices", "libraries", "mounts",
/// "confinement", "network", "environment", each as its part below has it. Always exit_ok: what is
/// missing is a finding, not a failure.
int inspect(Worker& worker);

// Its parts, each the value of the key of its name. What is read as a file is read below `root`.

/// {"architecture","kernel","kernel_build","host_name","glibc","processors",
///  "memory_total_bytes","memory_available_bytes","memory_limit_bytes"|null,"disk_total_bytes",
///  "disk_free_bytes","device_tree_model"|null,"command_line"}
JsonObject inspect_machine(const Root& root);

/// {"is_loaded","version"|null,"flavour":"open|proprietary|unknown"|null,"text"|null,
///  "module_version"|null,"simulated_driver"|null,"modules_are_readable",
///  "modules":[{"name","bytes","uses","state"}]}
JsonObject inspect_driver(const Root& root, std::string_view domain_name);

/// {"is_readable","controllers":[{"address","vendor","device","class","driver"|null}]}: display and
/// 3D controllers, accelerators, and NVIDIA's bridges (NVSwitch).
JsonObject inspect_pci(const Root& root);

/// [{"path","type":"character|block|other","major","minor","mode":"0666","uid","gid",
///   "open":"ok"|errno name}]
JsonList inspect_devices(const Root& root);

/// {"resolved":[{"name","ok","path","real_path","version"} or {"name","ok":false,"problem"}],
///  "on_disk":[path],"dangling_links":[{"path","target"}],"has_loader_cache","library_path"|null}
/// Loads the libraries, so `worker` names each before.
JsonObject inspect_libraries(const Root& root, Worker& worker);

/// [{"point","type","source","root","options"}]
JsonList inspect_mounts(const Root& root);

/// {"uid","gid","groups":[…],"capabilities_effective","capabilities_permitted",
///  "capabilities_bounding" (16 hexadecimal digits),"no_new_privileges",
///  "seccomp":"disabled|strict|filter|unknown","has_service_account_token","namespace"|null,
///  "cgroup":{"version","path"}}
JsonObject inspect_confinement(const Root& root);

/// {"servers":[…],"search":[…],"options","lookup":{"name","resolves","addresses":[…]} or
///  {"name","resolves":false,"problem"}}. Asks the resolver, in a child and for no longer than
/// name_lookup_timeout_s.
JsonObject inspect_network(const Root& root);

/// [{"name","value"}], with "redacted":true where the value is withheld; first what concerns GPUs.
JsonList inspect_environment(char** environment);

}  // namespace coroner::payload
