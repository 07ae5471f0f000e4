// SPDX-License-Identifier: Apache-2.0
// Every recorded example against every cause: its own first, all others below one half.
#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/evidence/observed.h"
#include "harness/graveyard/diagnose.h"

namespace coroner::graveyard {
namespace {

const std::filesystem::path folder = "graveyard";

TEST(Examples, each_names_its_own_cause_first_and_no_other_with_confidence)
{
  const auto catalogue = Catalogue::load(folder);
  ASSERT_TRUE(catalogue) << catalogue.error().text();
  for (const auto& cause : catalogue->causes())
    for (const auto& example : cause.examples) {
      const auto text = base::read_file(folder / "examples" / example);
      ASSERT_TRUE(text);
      const auto seen = evidence::observe_text(*text, example);
      ASSERT_TRUE(seen);
      const auto diagnosis = diagnose(*catalogue, *seen);
      ASSERT_TRUE(diagnosis) << diagnosis.error().text();
      ASSERT_FALSE(diagnosis->findings.empty()) << example;
      EXPECT_EQ(diagnosis->findings[0].cause, cause.id) << example;
      EXPECT_FALSE(diagnosis->findings[0].evidence.empty()) << example;
      for (std::size_t i = 1; i < diagnosis->findings.size(); ++i)
        EXPECT_LT(diagnosis->findings[i].confidence, record::least_certain)
            << example << " also gives " << diagnosis->findings[i].cause;
    }
}

TEST(Examples, every_file_belongs_to_a_cause)
{
  const auto catalogue = Catalogue::load(folder);
  ASSERT_TRUE(catalogue) << catalogue.error().text();
  std::set<std::string> known = {"README.md"};
  for (const auto& cause : catalogue->causes())
    known.insert(cause.examples.begin(), cause.examples.end());
  for (const auto& entry : std::filesystem::directory_iterator(folder / "examples"))
    EXPECT_TRUE(known.contains(entry.path().filename().string())) << entry.path();
}

/// What says one cause in the words of one component, beside the words that are recorded.
struct Words {
  std::string cause;
  std::string line;
};

TEST(Examples, variants_over_versions_are_known_from_the_source)
{
  const auto catalogue = Catalogue::load(folder);
  ASSERT_TRUE(catalogue) << catalogue.error().text();
  const Words variants[] = {
      {"GY002",
       R"(Warning  FailedCreatePodSandBox  kubelet  Failed to create pod sandbox: rpc error: code = Unknown desc = failed to create containerd task: failed to create shim task: OCI runtime create failed: unable to retrieve OCI runtime error (open /run/k3s/containerd/x/log.json: no such file or directory): fork/exec /usr/bin/nvidia-container-runtime.cdi: no such file or directory: unknown)"},
      {"GY002",
       R"(msg="RunPodSandbox failed" error="exec: \"nvidia-container-runtime\": executable file not found in $PATH: unknown")"},
      {"GY003", "error starting plugins: invalid --device-discovery-strategy option cdi-cri"},
      {"GY004",
       "failed to load plugin io.containerd.cri.v1.runtime error=\"invalid plugin config: no "
       "corresponding runtime configured in `containerd.runtimes` for `containerd` "
       "`default_runtime_name = \\\"nvidia-cdi\\\"\""},
      {"GY005", "W1120 factory.go:101] nvml init failed: ERROR_LIBRARY_NOT_FOUND"},
      {"GY005",
       "E1120 main.go:126] failed to create resource manager: unsupported strategy auto\n"
       "gpu-feature-discovery"},
      {"GY006", "E0128 factory.go:77] Failed to initialize NVML: ERROR_UNKNOWN."},
      {"GY006", "cuInit failed: CUDA_ERROR_NO_DEVICE: no CUDA-capable device is detected"},
  };
  for (const auto& [cause, line] : variants) {
    const auto diagnosis = diagnose(*catalogue, *evidence::observe_text(line, "pasted"));
    ASSERT_TRUE(diagnosis);
    ASSERT_FALSE(diagnosis->findings.empty()) << line;
    EXPECT_EQ(diagnosis->findings[0].cause, cause) << line;
  }
}

/// Said by a plugin whose NVML works, where CONTAINER_DRIVER_ROOT led nowhere (nixos cell, plugin
/// 0.17.4, DEVICE_LIST_STRATEGY=cdi-cri): mounting the libraries, as GY005 says, mends nothing.
TEST(Examples, a_cdi_generator_that_finds_no_libcuda_is_no_missing_nvml)
{
  const auto catalogue = Catalogue::load(folder);
  ASSERT_TRUE(catalogue) << catalogue.error().text();
  const auto seen = evidence::observe_text(
      "I1121 19:02:34.286588       1 factory.go:107] Detected NVML platform: found NVML library\n"
      "E1121 19:02:34.327645       1 main.go:173] error starting plugins: error creating plugin "
      "manager: failed to get libraries for driver version: failed to locate "
      "libcuda.so.570.211.01: "
      "pattern libcuda.so.570.211.01 not found\n",
      "plugin.log");
  const auto diagnosis = diagnose(*catalogue, *seen);
  ASSERT_TRUE(diagnosis);
  for (const auto& finding : diagnosis->findings)
    EXPECT_NE(finding.cause, "GY005") << finding.confidence;
}

TEST(Examples, healthy_words_name_nothing)
{
  const auto catalogue = Catalogue::load(folder);
  ASSERT_TRUE(catalogue) << catalogue.error().text();
  const auto seen = evidence::observe_text(
      "I1120 20:38:27.833368       1 main.go:356] Retrieving plugins.\n"
      "I1120 20:38:27.857541       1 server.go:195] Starting GRPC server for 'nvidia.com/gpu'\n"
      "I1120 20:38:27.860791       1 server.go:146] Registered device plugin for 'nvidia.com/gpu' "
      "with Kubelet\nTest PASSED init 0.393s\n| NVIDIA-SMI 580.159.04   Driver Version: 580 |\n",
      "healthy.log");
  const auto diagnosis = diagnose(*catalogue, *seen);
  ASSERT_TRUE(diagnosis);
  EXPECT_TRUE(diagnosis->findings.empty());
  EXPECT_TRUE(diagnosis->unexplained.empty());
}

}  // namespace
}  // namespace coroner::graveyard
