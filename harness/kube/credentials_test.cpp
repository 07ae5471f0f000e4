// SPDX-License-Identifier: Apache-2.0
// Rotating tokens, and credential plugins that behave and that do not.
#include "harness/kube/credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "harness/base/files.h"
#include "harness/kube/client.h"
#include "harness/kube/cluster_test.h"

namespace coroner::kube {
namespace {

namespace fs = std::filesystem;
using base::Deadline;
using base::ErrorKind;
using ::testing::HasSubstr;
using testing::reply;
using testing::ScriptedServer;
using testing::SeenRequest;
using namespace std::chrono_literals;

class CredentialsTest : public ::testing::Test {
 protected:
  CredentialsTest()
  {
    auto made = base::ScopedDirectory::make(fs::temp_directory_path(), "coroner-login-");
    folder_ = std::make_unique<base::ScopedDirectory>(std::move(*made));
  }

  fs::path put(const std::string& name, const std::string& text, unsigned mode = 0600)
  {
    const auto file = folder_->path() / name;
    EXPECT_TRUE(base::write_file(file, text, mode));
    return file;
  }

  /// A plugin that is a shell script; the shell is the script's own, none is used to start it.
  fs::path script(const std::string& text) { return put("login", "#!/bin/sh\n" + text, 0755); }

  static ExecPlugin plugin_at(const fs::path& program)
  {
    return {.api_version = "client.authentication.k8s.io/v1",
            .command = program.string(),
            .arguments = {"one two", "$HOME"},
            .environment = {{"PROFILE", "p"}}};
  }

  static base::Result<ExecCredential> run(const fs::path& program,
                                          std::chrono::milliseconds limit = 20s)
  {
    return run_exec_plugin(plugin_at(program),
                           {.mode = ExecPolicy::Mode::allow_list, .allowed = {program}},
                           Deadline::in(limit), {});
  }

  static std::string credential(const std::string& status)
  {
    return "cat <<END\n{\"apiVersion\":\"client.authentication.k8s.io/v1\","
           "\"kind\":\"ExecCredential\",\"status\":{" +
           status + "}}\nEND\n";
  }

 private:
  std::unique_ptr<base::ScopedDirectory> folder_;
};

TEST_F(CredentialsTest, a_token_file_is_read_again_and_a_failed_read_keeps_the_last)
{
  ClusterAccess access;
  access.token_file = put("token", "one\n");
  const auto credentials = Credentials::open(access, {}, {.token = 0ms});
  ASSERT_TRUE(credentials);
  const auto token = [&] { return (*credentials)->present(Deadline::in(1s), {})->token; };
  EXPECT_EQ(token(), "one");
  put("token", "two");
  EXPECT_EQ(token(), "two");
  put("token", "not\none line");
  EXPECT_EQ(token(), "two");
  fs::remove(access.token_file);
  EXPECT_EQ(token(), "two");
}

TEST_F(CredentialsTest, a_refused_token_is_read_again_once)
{
  const auto file = put("token", "old");
  auto server = ScriptedServer::start([&](const SeenRequest& request) {
    if (request.headers.at("authorization") == "Bearer new") return reply(200, "{}");
    put("token", "new");
    return reply(401, R"({"kind":"Status","message":"Unauthorized"})");
  });
  ASSERT_TRUE(server);
  ClusterAccess access;
  access.server = (*server)->url();
  access.token_file = file;
  auto cluster = connect(access, quick_options());
  ASSERT_TRUE(cluster);
  const auto answer = (*cluster)->raw("/version", Deadline::in(20s), {});
  ASSERT_TRUE(answer) << answer.error().text();
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ((*server)->seen().size(), 2U);
}

TEST_F(CredentialsTest, a_plugin_gets_its_arguments_as_they_are_and_a_clean_environment)
{
  const auto given =
      run(script("printf '%s|%s|%s|%s' \"$1\" \"$2\" \"$PROFILE\" \"${HOSTNAME-}${GTEST_X-}\" > " +
                 put("seen", "").string() + "\nenv > " + put("env", "").string() + "\n" +
                 credential("\"token\":\"t1\",\"expirationTimestamp\":\"2001-01-01T00:00:00Z\"")));
  ASSERT_TRUE(given) << given.error().text();
  EXPECT_EQ(given->token, "t1");
  EXPECT_TRUE(given->has_expired());
  EXPECT_EQ(*base::read_file(put("x", "").parent_path() / "seen"), "one two|$HOME|p|");
  const auto environment = *base::read_file(put("x", "").parent_path() / "env");
  EXPECT_THAT(
      environment,
      HasSubstr(
          R"(KUBERNETES_EXEC_INFO={"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","spec":{"interactive":false}})"));
  EXPECT_THAT(environment, ::testing::Not(HasSubstr("ASAN_OPTIONS")));
}

TEST_F(CredentialsTest, a_plugin_that_fails_hangs_floods_or_lies_is_an_error)
{
  const auto failed = run(script("echo secret reason >&2; exit 3"));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::denied);
  EXPECT_THAT(failed.error().what, HasSubstr("exit code 3: secret reason"));
  EXPECT_EQ(run(script("sleep 60"), 100ms).error().kind, ErrorKind::timed_out);
  EXPECT_THAT(run(script("head -c 3000000 /dev/zero")).error().what,
              HasSubstr("more than 1048576"));
  EXPECT_THAT(run(script("echo hello")).error().what, HasSubstr("printed no JSON"));
  EXPECT_THAT(run(script("echo '{\"kind\":\"ExecCredential\"}'")).error().what,
              HasSubstr("printed no ExecCredential of client.authentication.k8s.io/v1"));
  EXPECT_THAT(run(script(credential(""))).error().what, HasSubstr("neither a token"));
  EXPECT_THAT(run(script(credential("\"clientCertificateData\":\"x\""))).error().what,
              HasSubstr("without its key"));
  EXPECT_THAT(run(script(credential("\"token\":\"a\\r\\nb\""))).error().what,
              HasSubstr("no single line"));
}

TEST_F(CredentialsTest, no_plugin_runs_without_leave)
{
  const auto program = script(credential("\"token\":\"t\""));
  const auto plugin = plugin_at(program);
  EXPECT_EQ(check_plugin(plugin, {}).error().hint,
            "if you trust it, pass --allow-exec " + program.string());
  EXPECT_EQ(
      check_plugin(plugin, {.mode = ExecPolicy::Mode::deny, .allowed = {program}}).error().kind,
      ErrorKind::denied);
  auto absent = plugin_at("/nonexistent/login");
  absent.install_hint = "install it";
  const auto missing = check_plugin(absent, {.mode = ExecPolicy::Mode::allow_list, .allowed = {}});
  EXPECT_EQ(missing.error().kind, ErrorKind::not_found);
  EXPECT_EQ(missing.error().hint, "install it");
}

TEST_F(CredentialsTest, a_plugin_that_others_can_change_does_not_run)
{
  const auto program = script(credential("\"token\":\"t\""));
  ASSERT_EQ(::chmod(program.c_str(), 0777), 0);
  const auto refused = run(program);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().what, HasSubstr("can be changed by other users"));
  ASSERT_EQ(::chmod(program.c_str(), 0755), 0);
  ASSERT_EQ(::chmod(program.parent_path().c_str(), 0777), 0);
  EXPECT_FALSE(run(program));
}

TEST_F(CredentialsTest, a_plugin_runs_again_only_when_its_token_has_expired_or_was_refused)
{
  const auto log = put("runs", "");
  const auto text = "echo run >> " + log.string() + "\n";
  ClusterAccess access;
  const auto fresh = script(
      text + credential("\"token\":\"t\",\"expirationTimestamp\":\"2999-01-01T00:00:00+01:00\""));
  access.exec = plugin_at(fresh);
  const ExecPolicy policy{.mode = ExecPolicy::Mode::allow_list, .allowed = {fresh}};
  const auto credentials = Credentials::open(access, policy, {});
  ASSERT_TRUE(credentials) << credentials.error().text();
  for (int call = 0; call < 3; ++call) EXPECT_TRUE((*credentials)->present(Deadline::in(20s), {}));
  EXPECT_EQ(*base::read_file(log), "run\n");
  EXPECT_TRUE((*credentials)->refresh());
  EXPECT_TRUE((*credentials)->present(Deadline::in(20s), {}));
  EXPECT_EQ(*base::read_file(log), "run\nrun\n");
}

TEST(Time, rfc_3339_is_read)
{
  const auto seconds = [](const char* text) -> long long {
    const auto time = parse_time(text);
    return time ? std::chrono::duration_cast<std::chrono::seconds>(time->time_since_epoch()).count()
                : -1;
  };
  EXPECT_EQ(seconds("1970-01-02T00:00:00Z"), 86400);
  EXPECT_EQ(seconds("1970-01-02T01:00:00.25+01:00"), 86400);
  EXPECT_EQ(seconds("1970-01-01T23:30:00-00:30"), 86400);
  for (const char* text :
       {"", "1970-01-02", "1970-01-02T00:00:00", "1970-01-02T00:00:00Zx", "1970-01-02T00:00:00+1"})
    EXPECT_EQ(seconds(text), -1) << text;
}

}  // namespace
}  // namespace coroner::kube
