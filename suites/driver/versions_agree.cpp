// SPDX-License-Identifier: Apache-2.0
// After an upgrade without a reboot the libraries are newer than the module that is still loaded.
#include "harness/objects/object.h"
#include "suites/questions.h"

namespace coroner::suites {
namespace {

using nlohmann::json;
using objects::text_at;

/// NVML_ERROR_LIB_RM_VERSION_MISMATCH of nvml.h.
constexpr long long version_mismatch = 18;

/// The version that the driver's libraries bear in the GPU pod; "" when none was found there.
std::string library_version(const json& line)
{
  const auto& resolved = objects::at(line, "/libraries/resolved");
  if (!resolved.is_array()) return {};
  for (const auto& each : resolved)
    if (const auto version = text_at(each, "/version"); version.find('.') != std::string::npos)
      return version;
  return {};
}

/// CUDA_VERSION of the image of the GPU pod, which NVIDIA's images set.
std::string image_cuda(const json& line)
{
  const auto& environment = objects::at(line, "/environment");
  if (!environment.is_array()) return {};
  for (const auto& each : environment)
    if (text_at(each, "/name") == "CUDA_VERSION") return text_at(each, "/value");
  return {};
}

engine::Judgement judge(const engine::Seen& seen)
{
  const auto line = inspect_line(seen);
  if (!line) return line.error();
  if (auto none = without_gpu(**line)) return *none;
  const auto simulated = simulated_driver(**line);
  auto kernel = simulated.empty() ? text_at(**line, "/driver/version") : simulated;
  if (kernel.empty()) kernel = text_at(**line, "/driver/module_version");
  if (kernel.empty()) return engine::fail("no kernel driver told its version: none is loaded");

  const auto& nvml = seen.payload_line("nvml", true);
  if (objects::number_at(nvml, "/code", 0) == version_mismatch)
    return engine::fail("NVML in the GPU pod: {}; the kernel module is {}", text_at(nvml, "/text"),
                        kernel);
  const auto& inside = seen.payload_line("inspect", true);
  auto libraries = library_version(inside);
  if (libraries.empty()) libraries = text_at(nvml, "/driver_version");
  if (libraries.empty())
    return engine::skip(
        "no GPU pod of this run saw the driver's libraries on this node, so there is "
        "nothing to compare {} with",
        kernel);
  if (libraries != kernel)
    return engine::fail("the libraries are {}, and the kernel module is {}", libraries, kernel);

  std::map<std::string, std::string> proof = {{"kernel_module", kernel}, {"libraries", libraries}};
  if (!simulated.empty()) proof["simulated"] = "true";
  const auto driver_cuda = text_at(nvml, "/cuda_version");
  const auto wanted_cuda = image_cuda(inside);
  const auto offered = version_of(driver_cuda);
  const auto wanted = version_of(wanted_cuda);
  // Within one major version a driver runs what newer toolkits of it built (minor compatibility).
  if (offered && wanted && offered->first < wanted->first)
    return engine::fail("the driver serves CUDA {}, and the image was built for CUDA {}",
                        driver_cuda, wanted_cuda);
  if (!driver_cuda.empty()) proof["driver_cuda"] = driver_cuda;
  if (!wanted_cuda.empty()) proof["image_cuda"] = wanted_cuda;
  return engine::pass(std::move(proof));
}

const engine::Case registered{{
    .id = "driver/versions_agree",
    .requirement =
        "The driver's libraries MUST be of the same version as its kernel module, and serve "
        "the image's CUDA.",
    .needs = {record::Need::gpu_hardware},
    .effect = record::Effect::runs_pods,
    .timeout = std::chrono::seconds(120),
    .source =
        "docs.nvidia.com: deploy/cuda-compatibility; nvml.h, NVML_ERROR_LIB_RM_VERSION_MISMATCH",
    .subject = engine::Subject::gpu_node,
    .manifest = "prerequisites/inspect",
    .container = "inspect",
    .judge = judge,
}};

}  // namespace
}  // namespace coroner::suites
