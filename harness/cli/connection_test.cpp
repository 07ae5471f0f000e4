// SPDX-License-Identifier: Apache-2.0
// Connecting: no cluster anywhere differs from a cluster that cannot be used.
#include "harness/cli/connection.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "harness/base/files.h"
#include "harness/cli/program.h"
#include "harness/testing/scripted_server.h"

namespace coroner::cli {
namespace {

using base::ErrorKind;
using ::testing::HasSubstr;
using testing::reply;
using testing::ScriptedServer;
using testing::SeenRequest;
namespace fs = std::filesystem;

testing::Reply small_api(const SeenRequest& request)
{
  if (request.path == "/version") return reply(200, R"({"gitVersion":"v1.34.1"})");
  return reply(200, R"({"kind":"Namespace","metadata":{"name":"kube-system","uid":"u-1"}})");
}

/// A home of its own with maybe a kubeconfig in it.
class Home {
 public:
  ConnectionSurroundings surroundings() const
  {
    ConnectionSurroundings made;
    made.files.home = directory_->path();
    made.files.service_account = directory_->path() / "none";
    made.files.k3s_config = directory_->path() / "none.yaml";
    return made;
  }

  /// A kubeconfig for `server`; `user` is the YAML of its user.
  void put_config(const std::string& server, const std::string& user = "{token: t}") const
  {
    fs::create_directories(directory_->path() / ".kube");
    std::ofstream(config()) << "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
                            << "contexts: [{name: c, context: {cluster: k, user: u}}]\n"
                            << "clusters: [{name: k, cluster: {server: '" << server << "'}}]\n"
                            << "users: [{name: u, user: " << user << "}]\n";
    fs::permissions(config(), fs::perms::owner_read | fs::perms::owner_write);
  }

  /// A credential plugin that prints a token.
  std::string put_plugin() const
  {
    const auto path = directory_->path() / "plugin";
    std::ofstream(path) << "#!/bin/sh\necho '{\"apiVersion\":\"client.authentication.k8s.io/v1\","
                           "\"kind\":\"ExecCredential\",\"status\":{\"token\":\"given\"}}'\n";
    ::chmod(path.c_str(), 0755);
    return path.string();
  }

  fs::path config() const { return directory_->path() / ".kube" / "config"; }

 private:
  base::Result<base::ScopedDirectory> directory_ =
      base::ScopedDirectory::make(fs::temp_directory_path(), "home-");
};

std::string exec_user(const std::string& command)
{
  return "{exec: {apiVersion: client.authentication.k8s.io/v1, command: " + command +
         ", args: [a], interactiveMode: Never}}";
}

TEST(Connection, no_cluster_anywhere_is_not_found)
{
  const Home home;
  const auto connection = connect({}, {}, home.surroundings());
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().kind, ErrorKind::not_found);
  EXPECT_EQ(report_connection_error(connection.error()), exit_unprepared);
}

TEST(Connection, a_cluster_that_answers_is_identified)
{
  const auto server = ScriptedServer::start(small_api);
  ASSERT_TRUE(server);
  const Home home;
  home.put_config((*server)->url());
  const auto connection = connect({}, {}, home.surroundings());
  ASSERT_TRUE(connection) << connection.error().text();
  EXPECT_EQ(connection->identity.uid, "u-1");
  EXPECT_EQ(connection->identity.version, "v1.34.1");
  EXPECT_EQ(connection->access.context, "c");
}

TEST(Connection, a_cluster_that_does_not_answer_is_never_no_cluster)
{
  const Home home;
  home.put_config("http://127.0.0.1:1");
  const auto connection = connect({}, {}, home.surroundings());
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().kind, ErrorKind::unreachable);
  EXPECT_FALSE(connection.error().hint.empty());
}

TEST(Connection, a_kubeconfig_that_cannot_be_used_is_an_error_with_a_next_step)
{
  const Home home;
  home.put_config("http://127.0.0.1:1");
  const auto missing = connect({.kubeconfig = "/no/such/file"}, {}, home.surroundings());
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::invalid);
  const auto context = connect({.context = "other"}, {}, home.surroundings());
  ASSERT_FALSE(context);
  EXPECT_NE(context.error().kind, ErrorKind::not_found);
  EXPECT_EQ(report_connection_error(context.error()), exit_unprepared);
}

TEST(Connection, a_refused_login_is_denied)
{
  const auto server = ScriptedServer::start([](const SeenRequest&) {
    return reply(401, R"({"kind":"Status","reason":"Unauthorized"})");
  });
  ASSERT_TRUE(server);
  const Home home;
  home.put_config((*server)->url());
  const auto connection = connect({}, {}, home.surroundings());
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().kind, ErrorKind::denied);
  EXPECT_THAT(connection.error().hint, HasSubstr("log in again"));
}

TEST(Connection, a_hidden_version_does_not_hide_the_cluster)
{
  const auto server = ScriptedServer::start([](const SeenRequest&) {
    return reply(403, R"({"kind":"Status","message":"User \"x\" cannot get path \"/version\""})");
  });
  ASSERT_TRUE(server);
  const Home home;
  home.put_config((*server)->url());
  const auto connection = connect({}, {}, home.surroundings());
  ASSERT_TRUE(connection) << connection.error().text();
  EXPECT_EQ(connection->identity.version, "");
}

TEST(Connection, a_credential_plugin_runs_only_when_it_was_allowed)
{
  const auto server = ScriptedServer::start(small_api);
  ASSERT_TRUE(server);
  const Home home;
  const auto plugin = home.put_plugin();
  home.put_config((*server)->url(), exec_user(plugin));
  const auto alone = connect({}, {}, home.surroundings());
  ASSERT_FALSE(alone);
  EXPECT_EQ(alone.error().kind, ErrorKind::denied);
  EXPECT_THAT(alone.error().hint, HasSubstr("--allow-exec " + plugin));
  const auto other = connect({.allowed_plugins = {"/usr/bin/other"}}, {}, home.surroundings());
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().kind, ErrorKind::denied);
  const auto relative = connect({.allowed_plugins = {"plugin"}}, {}, home.surroundings());
  ASSERT_FALSE(relative);
  EXPECT_EQ(relative.error().kind, ErrorKind::invalid);
  EXPECT_TRUE((*server)->seen().empty());
}

TEST(Connection, a_person_is_asked_with_the_whole_command)
{
  const Home home;
  const auto plugin = home.put_plugin();
  home.put_config("http://127.0.0.1:1", exec_user(plugin));
  std::vector<std::string> questions;
  auto surroundings = home.surroundings();
  surroundings.ask = [&questions](const std::string& question, const std::stop_token&) {
    questions.push_back(question);
    return false;
  };
  const auto connection = connect({}, {}, surroundings);
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().kind, ErrorKind::denied);
  ASSERT_EQ(questions.size(), 1U);
  EXPECT_THAT(questions[0], HasSubstr(plugin + " a"));
  EXPECT_THAT(questions[0], HasSubstr(home.config().string()));
}

}  // namespace
}  // namespace coroner::cli
