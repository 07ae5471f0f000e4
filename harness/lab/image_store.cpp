// SPDX-License-Identifier: Apache-2.0
// A containerd that runs for one import.
#include "harness/lab/image_store.h"

#include <atomic>
#include <cerrno>
#include <chrono>
#include <functional>
#include <thread>

#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include "harness/base/command.h"
#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/crypto/digest.h"
#include "harness/lab/images.h"

namespace coroner::lab {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using base::Deadline;
using base::ErrorKind;
using base::Result;

constexpr auto patience = 120s;

/// In the working folder of containerd and of ctr, which wants an absolute path: one of the cache
/// may be longer than the 107 bytes of a socket's.
constexpr std::string_view socket_name = "socket";
constexpr const char* socket_for_ctr = "/proc/self/cwd/socket";

/// The plugins that would make folders below /opt, /etc or /run of the machine are left out
/// (containerd v2.1.4, plugins/). containerd 1.7 reads the same version of the file.
constexpr std::string_view configuration = R"(version = 2
root = "{root}"
state = "{state}"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.cri.v1.images", "io.containerd.cri.v1.runtime",
  "io.containerd.internal.v1.opt", "io.containerd.nri.v1.nri"]

[grpc]
  address = "socket"
)";

/// Runs `work` in a thread whose mounts are its own, and its children's: they end with them. /run
/// is empty there: whatever its state folder, containerd makes /run/containerd (v2.1.4,
/// cmd/containerd/server/server.go, CreateTopLevelDirectories).
Result<void> with_own_mounts(const std::function<Result<void>()>& work)
{
  Result<void> outcome;
  std::jthread([&] {
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=1m") != 0)
      outcome =
          tl::unexpected(base::file_error("make a mount namespace of its own for", "/", errno));
    else
      outcome = work();
  }).join();
  return outcome;
}

/// A containerd in `folder` while it lives.
class Server {
 public:
  Server(const fs::path& containerd, const fs::path& folder, const Deadline& deadline)
      : folder_(folder), thread_([this, containerd, deadline](const std::stop_token& stop) {
          const base::Command command{
              .arguments = {(containerd / "containerd").string(), "--config", "config.toml"},
              .directory = folder_,
              .log = log()};
          std::ignore = base::run(command, deadline, stop);
          has_ended_ = true;
        })
  {}

  Result<void> answers(const Deadline& deadline, const std::stop_token& stop) const
  {
    return base::poll_until(
        [this]() -> Result<bool> {
          if (has_ended_) return base::error(ErrorKind::internal, "containerd ended");
          return ::access((folder_ / socket_name).c_str(), F_OK) == 0;
        },
        "containerd's socket", 10ms, deadline, stop);
  }

  fs::path log() const { return folder_ / "containerd.log"; }

 private:
  fs::path folder_;
  std::atomic<bool> has_ended_ = false;
  std::jthread thread_;  // last: it uses the others
};

Result<void> import_all(const fs::path& containerd, const fs::path& folder,
                        const std::vector<fs::path>& archives, const Deadline& deadline,
                        const std::stop_token& stop)
{
  for (const auto& archive : archives) {
    const base::Command command{
        .arguments = import_command(containerd.string(), socket_for_ctr, archive.string()),
        .directory = folder};
    const auto imported = base::output_of(command, deadline, stop);
    if (!imported)
      return base::pass_on(imported.error(),
                           "while importing the image " + archive.filename().string());
  }
  return {};
}

/// Makes `folder`/root.
Result<void> make_store(const fs::path& containerd, const fs::path& folder,
                        const std::vector<fs::path>& archives, const std::stop_token& stop)
{
  const auto deadline = Deadline::in(patience);
  auto text = std::string(configuration);
  for (const std::string word : {"root", "state"})
    text.replace(text.find("{" + word + "}"), word.size() + 2, (folder / word).string());
  TRY(base::write_file(folder / "config.toml", text));
  Server server(containerd, folder, deadline);
  auto done = server.answers(deadline, stop);
  if (done) done = import_all(containerd, folder, archives, deadline, stop);
  if (done) return {};
  constexpr std::size_t tail_bytes = 16U << 10U;
  constexpr std::size_t lines_shown = 6;
  const auto log = base::read_tail(server.log(), tail_bytes).value_or("");
  return base::pass_on(std::move(done).error(),
                       fmt::format("the last lines of containerd:\n{}",
                                   base::printable(base::last_lines(log, lines_shown))));
}

std::string store_key(const fs::path& containerd, const std::vector<fs::path>& archives)
{
  crypto::Sha256 hash;
  hash.update(configuration);
  hash.update(containerd.filename().string());
  for (const auto& archive : archives) hash.update("\n" + archive.filename().string());
  constexpr std::size_t digits = 12;
  return hash.hex().substr(0, digits);
}

/// Databases are written to by each containerd: each cell has its own.
Result<void> copy_databases(const fs::path& store, const fs::path& root)
{
  std::error_code code;
  for (const auto& entry : fs::recursive_directory_iterator(store, code)) {
    if (!entry.is_regular_file() || entry.path().extension() != ".db") continue;
    const auto copy = root / fs::relative(entry.path(), store, code);
    if (!fs::remove(copy, code) || !fs::copy_file(entry.path(), copy, code))
      return tl::unexpected(base::file_error("copy", copy, code.value()));
  }
  if (code) return tl::unexpected(base::file_error("read", store, code.value()));
  return {};
}

}  // namespace

Result<fs::path> provide_image_store(const Places& places, const fs::path& containerd,
                                     const std::vector<fs::path>& archives,
                                     const Progress& progress, const std::stop_token& stop)
{
  std::error_code code;
  if (fs::weakly_canonical(places.cache, code).string().starts_with("/run/")) return fs::path();
  const auto finished = places.image_stores() / store_key(containerd, archives);
  if (fs::exists(finished, code)) return finished;
  TRY(base::make_directories(places.image_stores()));
  TRY_ASSIGN(scratch, base::ScopedDirectory::make(places.image_stores(), ".making-"));
  progress(fmt::format("unpacking {} images ...", archives.size()));
  TRY(with_own_mounts([&] { return make_store(containerd, scratch.path(), archives, stop); }));
  fs::rename(scratch.path() / "root", finished, code);
  if (code && !fs::exists(finished))
    return tl::unexpected(base::file_error("finish", finished, code.value()));
  return finished;
}

bool link_image_store(const fs::path& store, const fs::path& root)
{
  if (!base::make_directories(root.parent_path())) return false;
  const auto linked = base::run({.arguments = {"cp", "-al", store.string(), root.string()}},
                                Deadline::in(patience));
  if (linked && linked->exit_code == 0 && copy_databases(store, root)) return true;
  std::ignore = base::remove_tree(root);
  return false;
}

}  // namespace coroner::lab
