// SPDX-License-Identifier: Apache-2.0
// NVML's functions about the library, the driver and the whole machine.
#include <string>

#include "matrix/lab/driver/nvml/answer.h"
#include "matrix/lab/driver/nvml/errors.h"

using coroner::driver::Profile;
using coroner::driver::nvml::copy_text;
using coroner::driver::nvml::library;
using coroner::driver::nvml::Status;

namespace {

// NVML's own version is "<generation>.<driver version>"; the generation grows with CUDA's.
std::string library_version(const Profile& profile)
{
  return std::to_string(profile.cuda_version.major) + "." + profile.driver_version;
}

Status write_cuda_version(int* version)
{
  if (version == nullptr) return Status::invalid_argument;
  const Profile* profile = library().profile();
  if (profile == nullptr) return Status::unknown;
  *version = profile->cuda_version.major * 1000 + profile->cuda_version.minor * 10;
  return Status::success;
}

}  // namespace

CORONER_NVML nvmlInit_v2()
{
  return library().initialize();
}

CORONER_NVML nvmlInit()
{
  return library().initialize();
}

CORONER_NVML nvmlInitWithFlags(unsigned /*flags*/)
{
  return library().initialize();
}

CORONER_NVML nvmlShutdown()
{
  return library().shut_down();
}

extern "C" [[gnu::visibility("default")]] const char* nvmlErrorString(Status status)
{
  return coroner::driver::nvml::text_of(status);
}

CORONER_NVML nvmlSystemGetDriverVersion(char* version, unsigned length)
{
  if (!library().is_initialized()) return Status::uninitialized;
  return copy_text(library().profile()->driver_version, version, length);
}

// Answers before initialisation too, as the real one does.
CORONER_NVML nvmlSystemGetNVMLVersion(char* version, unsigned length)
{
  const Profile* profile = library().profile();
  return profile == nullptr ? Status::unknown
                            : copy_text(library_version(*profile), version, length);
}

CORONER_NVML nvmlSystemGetCudaDriverVersion(int* version)
{
  return write_cuda_version(version);
}

CORONER_NVML nvmlSystemGetCudaDriverVersion_v2(int* version)
{
  return write_cuda_version(version);
}

CORONER_NVML nvmlSystemGetProcessName(unsigned /*process*/, char* name, unsigned length)
{
  if (!library().is_initialized()) return Status::uninitialized;
  return copy_text("simulated", name, length);
}

CORONER_NVML nvmlSystemGetConfComputeState(void* /*state*/)
{
  return library().is_initialized() ? Status::not_supported : Status::uninitialized;
}
