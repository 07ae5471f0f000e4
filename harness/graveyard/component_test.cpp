// SPDX-License-Identifier: Apache-2.0
// Components are known by what they print.
#include "harness/graveyard/component.h"

#include <gtest/gtest.h>

#include "harness/base/files.h"

namespace coroner::graveyard {
namespace {

TEST(Components, a_line_tells_who_wrote_it)
{
  const auto components = Components::make();
  ASSERT_TRUE(components) << components.error().text();
  const std::pair<const char*, const char*> lines[] = {
      {"device_plugin", "E1120 20:38:21.5 1 factory.go:93] Failed to initialize NVML: X."},
      {"nvidia_smi", "Failed to initialize NVML: Unknown Error"},
      {"nvidia_smi", "| NVIDIA-SMI 580.105.08     Driver Version: 580.105.08 |"},
      {"containerd", "level=warning msg=\"failed to load plugin io.containerd.grpc.v1.cri\""},
      {"kernel", "[   12.345678] NVRM: loading NVIDIA UNIX x86_64 Kernel Module"},
      {"scheduler", "0/1 nodes are available: 1 Insufficient nvidia.com/gpu."},
      {"cuda", "cuInit(0) -> 100 CUDA_ERROR_NO_DEVICE"},
      {"", "an ordinary line"},
  };
  for (const auto& [component, line] : lines)
    EXPECT_EQ(components->of_line(line), component) << line;
}

TEST(Components, a_whole_log_speaks_for_lines_that_do_not_tell)
{
  const auto components = Components::make();
  for (const auto& [component, file] :
       {std::pair{"device_plugin", "device-plugin-0.17.4-strategy-cdi"},
        {"device_plugin", "device-plugin-0.14.5-no-library"},
        {"containerd", "containerd-1.7.28-default-runtime-undefined"},
        {"containerd", "containerd-2.1.4-default-runtime-undefined"}}) {
    const auto text = base::read_file(std::string("graveyard/examples/") + file + ".log");
    ASSERT_TRUE(text);
    EXPECT_EQ(components->of_text(*text), component) << file;
  }
  EXPECT_EQ(components->of_text(""), "");
}

}  // namespace
}  // namespace coroner::graveyard
