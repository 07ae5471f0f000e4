// SPDX-License-Identifier: Apache-2.0
// The life of a kubectl proxy, with a stand-in for kubectl.
#include "harness/kube/via_kubectl.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/files.h"
#include "harness/kube/client.h"
#include "harness/kube/cluster_test.h"

namespace coroner::kube {
namespace {

namespace fs = std::filesystem;
using base::Deadline;
using base::ErrorKind;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

/// A program named kubectl that runs `text` as Python 3.
fs::path program(const base::ScopedDirectory& folder, const std::string& text)
{
  const auto path = folder.path() / "kubectl";
  EXPECT_TRUE(base::write_file(path, "#!/usr/bin/env python3\n" + text, 0755));
  return path;
}

class ViaKubectlTest : public ::testing::Test {
 protected:
  base::ScopedDirectory folder_ =
      base::ScopedDirectory::make(fs::temp_directory_path(), "coroner-kubectl-").value();
};

TEST_F(ViaKubectlTest, requests_go_through_its_socket_and_nothing_stays_behind)
{
  const auto kubectl = program(folder_, R"(
import socketserver, sys, http.server
path = [a.split("=", 1)[1] for a in sys.argv if a.startswith("--unix-socket=")][0]
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b'{"gitVersion":"via"}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def address_string(self): return "socket"
socketserver.UnixStreamServer(path, Handler).serve_forever()
)");
  std::string socket;
  {
    const auto via = ViaKubectl::start({}, Deadline::in(20s), {}, kubectl.string());
    ASSERT_TRUE(via) << via.error().text();
    auto access = (*via)->access();
    socket = access.unix_socket;
    const auto cluster = connect(access, quick_options());
    ASSERT_TRUE(cluster);
    const auto answer = (*cluster)->raw("/version", Deadline::in(20s), {});
    ASSERT_TRUE(answer) << answer.error().text();
    EXPECT_THAT(answer->body, HasSubstr("via"));
  }
  EXPECT_FALSE(fs::exists(fs::path(socket).parent_path()));
}

TEST_F(ViaKubectlTest, what_kubectl_says_when_it_ends_is_the_error)
{
  const auto kubectl =
      program(folder_,
              "import sys\nprint('error: no such context', sys.argv[-1], file=sys.stderr)\n"
              "sys.exit(1)\n");
  const auto via = ViaKubectl::start({.kubeconfig = {}, .context = "x y"}, Deadline::in(20s), {},
                                     kubectl.string());
  ASSERT_FALSE(via);
  EXPECT_THAT(via.error().what, HasSubstr("exit code 1: error: no such context --context=x y"));
}

TEST_F(ViaKubectlTest, a_missing_kubectl_and_a_silent_one_are_told_apart)
{
  EXPECT_EQ(ViaKubectl::start({}, Deadline::in(20s), {}, "/nonexistent/kubectl").error().kind,
            ErrorKind::not_found);
  const auto silent = program(folder_, "import time\ntime.sleep(60)\n");
  EXPECT_EQ(ViaKubectl::start({}, Deadline::in(150ms), {}, silent.string()).error().kind,
            ErrorKind::timed_out);
}

}  // namespace
}  // namespace coroner::kube
