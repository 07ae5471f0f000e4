// SPDX-License-Identifier: Apache-2.0
// kubectl as a child of a thread that waits for it.
#include "harness/kube/via_kubectl.h"

#include <cstring>
#include <mutex>
#include <optional>
#include <thread>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "harness/base/command.h"
#include "harness/base/files.h"
#include "harness/base/text.h"

namespace coroner::kube {
namespace {

using base::ErrorKind;
namespace fs = std::filesystem;

bool takes_connections(const fs::path& path)
{
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  const auto text = path.string();
  if (text.size() >= sizeof address.sun_path) return false;
  std::memcpy(static_cast<void*>(address.sun_path), text.c_str(), text.size() + 1);
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return false;
  const bool is_connected =
      ::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(descriptor);
  return is_connected;
}

base::Command command_of(const Wanted& wanted, const std::string& kubectl, const fs::path& socket)
{
  base::Command command;
  command.arguments = {kubectl, "proxy", "--unix-socket=" + socket.string()};
  if (!wanted.kubeconfig.empty())
    command.arguments.push_back("--kubeconfig=" + wanted.kubeconfig.string());
  if (!wanted.context.empty()) command.arguments.push_back("--context=" + wanted.context);
  return command;
}

}  // namespace

class ViaKubectl::Proxy {
 public:
  Proxy(base::ScopedDirectory folder, const Wanted& wanted, const std::string& kubectl)
      : folder_(std::move(folder)),
        context_(wanted.context),
        runner_([this, command = command_of(wanted, kubectl, socket())](
                    const std::stop_token& stop) { run(command, stop); })
  {}

  fs::path socket() const { return folder_.path() / "api"; }
  const std::string& context() const { return context_; }

  /// Why kubectl has ended; empty while it runs.
  std::optional<base::Error> ended() const
  {
    const std::scoped_lock lock(mutex_);
    return ended_;
  }

 private:
  void run(const base::Command& command, const std::stop_token& stop)
  {
    constexpr std::chrono::hours longest_run{24 * 7};
    auto finished = base::run(command, base::Deadline::in(longest_run), stop);
    constexpr std::size_t lines_shown = 6;
    const std::scoped_lock lock(mutex_);
    ended_ =
        finished
            ? base::Error{ErrorKind::internal,
                          fmt::format(
                              "kubectl proxy ended with exit code {}: {}", finished->exit_code,
                              base::printable(base::last_lines(finished->errors, lines_shown))),
                          {},
                          {}}
            : std::move(finished).error();
  }

  const base::ScopedDirectory folder_;
  const std::string context_;
  mutable std::mutex mutex_;
  std::optional<base::Error> ended_;
  std::jthread runner_;  ///< Last: it is joined, and kubectl gone, before the folder goes.
};

ViaKubectl::ViaKubectl(std::unique_ptr<Proxy> proxy) : proxy_(std::move(proxy)) {}
ViaKubectl::~ViaKubectl() = default;

base::Result<std::unique_ptr<ViaKubectl>> ViaKubectl::start(const Wanted& wanted,
                                                            const base::Deadline& deadline,
                                                            const std::stop_token& stop,
                                                            const std::string& kubectl)
{
  constexpr std::chrono::milliseconds interval{20};
  // A short path: a socket's may have 107 bytes at most.
  TRY_ASSIGN(folder, base::ScopedDirectory::make("/tmp", "coroner-"));
  auto proxy = std::make_unique<Proxy>(std::move(folder), wanted, kubectl);
  const auto is_up = [&proxy]() -> base::Result<bool> {
    if (auto ended = proxy->ended()) return tl::unexpected(std::move(*ended));
    return takes_connections(proxy->socket());
  };
  TRY(base::poll_until(is_up, "the start of kubectl proxy", interval, deadline, stop));
  return std::unique_ptr<ViaKubectl>(new ViaKubectl(std::move(proxy)));
}

ClusterAccess ViaKubectl::access() const
{
  ClusterAccess access;
  access.origin = "kubectl proxy";
  access.context = proxy_->context();
  access.server = "http://localhost";
  access.unix_socket = proxy_->socket().string();
  return access;
}

}  // namespace coroner::kube
