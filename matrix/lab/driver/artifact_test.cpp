// SPDX-License-Identifier: Apache-2.0
// The built libraries themselves, installed and loaded in a namespace with device nodes of its own.
#include <functional>

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/files.h"
#include "matrix/lab/driver/cuda/abi.h"
#include "matrix/lab/driver/nvml/abi.h"
#include "matrix/lab/driver/profile_yaml.h"
#include "matrix/lab/driver/stamp.h"

namespace coroner::driver {
namespace {

namespace filesystem = std::filesystem;
using cuda::Result;
using nvml::Status;

constexpr int skipped = 77;

// The nodes and the module that a scenario finds.
struct World {
  std::string domain_name = "nvidia-570.211.01.simulated";
  bool has_control = true;
  bool has_uvm = true;
  unsigned gpus = 2;
};

bool enter(const World& world)
{
  if (unshare(CLONE_NEWNS | CLONE_NEWUTS) != 0) return false;
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  if (mount("none", "/dev", "tmpfs", 0, nullptr) != 0) return false;
  const auto node = [](const std::string& name, unsigned major, unsigned minor) {
    mknod(("/dev/" + name).c_str(), S_IFCHR | 0666, makedev(major, minor));
  };
  if (world.has_control) node("nvidiactl", 195, 255);
  if (world.has_uvm) node("nvidia-uvm", 238, 0);
  for (unsigned minor = 0; minor < world.gpus; ++minor) {
    node("nvidia" + std::to_string(minor), 195, minor);
  }
  // Read-only, so that the libraries cannot make the nodes that are missing on purpose.
  if (mount("none", "/dev", nullptr, MS_REMOUNT | MS_RDONLY, nullptr) != 0) return false;
  return setdomainname(world.domain_name.c_str(), world.domain_name.size()) == 0;
}

class Artifact : public testing::Test {
 protected:
  void SetUp() override
  {
    if (geteuid() != 0) GTEST_SKIP() << "needs root for namespaces and device nodes";
    directory_ = base::ScopedDirectory::make(filesystem::temp_directory_path(), "driver").value();
    const auto text = base::read_file("matrix/lab/driver/profiles/two-mixed.yaml");
    profile_ = *read_profile(*text, "two-mixed.yaml");
    const auto files = install(profile_, {DRIVER_ARTIFACTS, path(), path()});
    ASSERT_TRUE(files) << files.error().text();
  }

  [[nodiscard]] filesystem::path path() const { return directory_->path(); }

  // What `scenario` returns when it runs in that world, in a process of its own.
  int run_in(const World& world, const std::function<int()>& scenario)
  {
    const pid_t child = fork();
    if (child == 0) _exit(enter(world) ? scenario() : skipped);
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  template <typename Answer = Result, typename... Arguments>
  static Answer call(void* library, const char* name, Arguments... arguments)
  {
    const auto function = reinterpret_cast<Answer (*)(Arguments...)>(dlsym(library, name));
    if (function == nullptr) _exit(99);
    return function(arguments...);
  }

  void* load(const char* name) const { return dlopen((path() / name).c_str(), RTLD_NOW); }

  std::optional<base::ScopedDirectory> directory_;
  Profile profile_;
};

TEST_F(Artifact, carries_the_profile_in_all_three_files)
{
  for (const char* name : {"libnvidia-ml.so", "libcuda.so", "nvidia-smi"}) {
    const Decoded decoded = stamped_profile(*base::read_file(path() / name));
    ASSERT_TRUE(decoded.profile) << name << decoded.problem;
    EXPECT_EQ(*decoded.profile, profile_);
  }
  EXPECT_EQ(filesystem::read_symlink(path() / "libcuda.so.1"), "libcuda.so.570.211.01");
  EXPECT_EQ(filesystem::read_symlink(path() / "libnvidia-ml.so"), "libnvidia-ml.so.1");
}

struct Believed {
  const char* name;
  World world;
  int nvml;  // nvmlInit_v2
  int cuda;  // cuInit, modulo 256
  int gpus;  // nvmlDeviceGetCount_v2
};

TEST_F(Artifact, believes_the_kernel)
{
  const std::string loaded = World{}.domain_name;
  const Believed rows[] = {{"all there", {}, 0, 0, 2},
                           {"module not loaded", {"(none)"}, 9, 100, 0},
                           {"another module", {"nvidia-580.1.simulated"}, 18, 803, 0},
                           {"no control node", {loaded, false}, 9, 100, 0},
                           {"no uvm", {loaded, true, false}, 0, 999, 2},
                           {"one GPU", {loaded, true, true, 1}, 0, 0, 1},
                           {"no GPU", {loaded, true, true, 0}, 0, 100, 0}};
  for (const Believed& row : rows) {
    const int answer = run_in(row.world, [&] {
      void* nvml = load("libnvidia-ml.so.1");
      void* cuda = load("libcuda.so.1");
      if (nvml == nullptr || cuda == nullptr) return 90;
      if (static_cast<int>(call<Status>(nvml, "nvmlInit_v2")) != row.nvml) return 91;
      unsigned count = 0;
      call<Status>(nvml, "nvmlDeviceGetCount_v2", &count);
      if (count != static_cast<unsigned>(row.gpus)) return 92;
      if (static_cast<int>(call(cuda, "cuInit", 0U)) != row.cuda) return 93;
      return 0;
    });
    if (answer == skipped) GTEST_SKIP() << "namespaces cannot be made here";
    EXPECT_EQ(answer, 0) << row.name;
  }
}

TEST_F(Artifact, describes_its_gpus_through_nvml)
{
  const int answer = run_in({}, [&] {
    void* nvml = load("libnvidia-ml.so.1");
    call<Status>(nvml, "nvmlInit_v2");
    nvml::DeviceHandle device = nullptr;
    if (call<Status>(nvml, "nvmlDeviceGetHandleByIndex_v2", 1U, &device) != Status::success)
      return 1;
    char text[96] = {};
    call<Status>(nvml, "nvmlDeviceGetUUID", device, &text[0], 96U);
    if (profile_.gpus[1].uuid != text) return 2;
    if (call<Status>(nvml, "nvmlDeviceGetUUID", device, &text[0], 4U) !=
        Status::insufficient_size) {
      return 3;
    }
    nvml::PciInfo info{};
    call<Status>(nvml, "nvmlDeviceGetPciInfo_v3", device, &info);
    if (info.bus != 2 || info.pci_device_id != 0x1c0310de) return 4;
    unsigned mode = 0;
    if (call<Status>(nvml, "nvmlDeviceGetMigMode", device, &mode, &mode) != Status::not_supported) {
      return 5;
    }
    int stranger = 0;
    const auto wrong = static_cast<nvml::DeviceHandle>(&stranger);
    if (call<Status>(nvml, "nvmlDeviceGetMinorNumber", wrong, &mode) != Status::invalid_argument) {
      return 6;
    }
    if (call<Status>(nvml, "nvmlDeviceGetFanSpeed", device, &mode) != Status::not_supported)
      return 7;
    if (call<Status>(nvml, "nvmlShutdown") != Status::success) return 8;
    return call<Status>(nvml, "nvmlShutdown") == Status::uninitialized ? 0 : 9;
  });
  if (answer == skipped) GTEST_SKIP() << "namespaces cannot be made here";
  EXPECT_EQ(answer, 0);
}

constexpr const char* scale_kernel =
    ".version 6.0\n.target sm_50\n.address_size 64\n.visible .entry scale(.param .u64 data,"
    ".param .f32 factor){.reg .f32 %f<3>;.reg .b32 %r<2>;.reg .b64 %rd<3>;ld.param.u64 %rd1,[data];"
    "ld.param.f32 %f1,[factor];mov.u32 %r1,%tid.x;mad.wide.u32 %rd1,%r1,4,%rd1;"
    "ld.global.f32 %f2,[%rd1];mul.f32 %f2,%f2,%f1;st.global.f32 [%rd1],%f2;ret;}";

// Loads the kernel and launches it on 32 floats; `shift` moves the address it is given.
int scale(void* cuda, unsigned long long shift)
{
  const auto invoke = [cuda](const char* name, auto... arguments) {
    return reinterpret_cast<Result (*)(decltype(arguments)...)>(dlsym(cuda, name))(arguments...);
  };
  void* context = nullptr;
  void* module = nullptr;
  void* function = nullptr;
  unsigned long long data = 0;
  float values[32];
  for (int at = 0; at < 32; ++at) values[at] = static_cast<float>(at) + 0.5F;
  float factor = 3;
  if (invoke("cuInit", 0U) != Result::success) return 20;
  if (invoke("cuCtxCreate_v2", &context, 0U, 0) != Result::success) return 21;
  if (invoke("cuModuleLoadData", &module, static_cast<const void*>(scale_kernel)) !=
      Result::success) {
    return 22;
  }
  if (invoke("cuModuleGetFunction", &function, module, "scale") != Result::success) return 23;
  if (invoke("cuMemAlloc_v2", &data, sizeof(values)) != Result::success) return 24;
  invoke("cuMemcpyHtoD_v2", data, static_cast<const void*>(&values[0]), sizeof(values));
  unsigned long long given = data + shift;
  void* parameters[] = {&given, &factor};
  const Result launched =
      invoke("cuLaunchKernel", function, 1U, 1U, 1U, 32U, 1U, 1U, 0U, static_cast<void*>(nullptr),
             &parameters[0], static_cast<void**>(nullptr));
  if (launched != Result::success) return 25;
  const Result synchronized = invoke("cuCtxSynchronize");
  if (synchronized == Result::illegal_address) {
    // The context stays broken.
    return invoke("cuMemFree_v2", data) == Result::illegal_address ? 70 : 26;
  }
  invoke("cuMemcpyDtoH_v2", static_cast<void*>(&values[0]), data, sizeof(values));
  for (int at = 0; at < 32; ++at) {
    if (values[at] != (static_cast<float>(at) + 0.5F) * 3) return 27;
  }
  return synchronized == Result::success ? 0 : 28;
}

TEST_F(Artifact, computes_through_cuda)
{
  const int answer = run_in({}, [&] { return scale(load("libcuda.so.1"), 0); });
  if (answer == skipped) GTEST_SKIP() << "namespaces cannot be made here";
  EXPECT_EQ(answer, 0);
}

TEST_F(Artifact, an_illegal_access_breaks_the_context)
{
  const int answer = run_in({}, [&] { return scale(load("libcuda.so.1"), 4); });
  if (answer == skipped) GTEST_SKIP() << "namespaces cannot be made here";
  EXPECT_EQ(answer, 70);
}

TEST_F(Artifact, writes_the_compilers_log_where_it_was_asked_to)
{
  const int answer = run_in({}, [&] {
    void* cuda = load("libcuda.so.1");
    call(cuda, "cuInit", 0U);
    void* context = nullptr;
    call(cuda, "cuCtxCreate_v2", &context, 0U, 0);
    char log[256] = {};
    const int options[] = {cuda::jit_error_log_buffer, cuda::jit_error_log_bytes};
    void* values[] = {&log[0], reinterpret_cast<void*>(sizeof(log))};
    void* module = nullptr;
    const std::string text =
        ".version 6.0\n.target sm_50\n.address_size 64\n.entry k(){\nbar.sync 0;\n}";
    const Result result = call(cuda, "cuModuleLoadDataEx", &module,
                               static_cast<const void*>(text.c_str()), 2U, &options[0], &values[0]);
    if (result != Result::invalid_ptx) return 1;
    const std::string found = log;
    if (found.find("line 5") == std::string::npos) return 2;
    if (found.find("'bar.sync'") == std::string::npos) return 3;
    return reinterpret_cast<std::size_t>(values[1]) == found.size() ? 0 : 4;
  });
  if (answer == skipped) GTEST_SKIP() << "namespaces cannot be made here";
  EXPECT_EQ(answer, 0);
}

}  // namespace
}  // namespace coroner::driver
