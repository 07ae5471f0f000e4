// SPDX-License-Identifier: Apache-2.0
// Certificates, right and wrong, over real TLS; names that differ from the host; unix sockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/files.h"
#include "harness/kube/cluster_test.h"
#include "harness/testing/certificates.h"

namespace coroner::kube {
namespace {

using base::Deadline;
using base::ErrorKind;
using ::testing::HasSubstr;
using testing::reply;
using testing::ScriptedServer;
using testing::SeenRequest;
using namespace std::chrono_literals;

std::unique_ptr<ScriptedServer> serve(const testing::KeyPair& pair,
                                      const std::string& client_authority = {})
{
  auto server = ScriptedServer::start(
      [](const SeenRequest&) { return reply(200, R"({"gitVersion":"v1"})"); },
      {.tls = ScriptedServer::Tls{pair.certificate_pem, pair.key_pem, client_authority}});
  if (!server) throw std::runtime_error(server.error().text());
  return std::move(*server);
}

base::Result<RawAnswer> ask(ClusterAccess access)
{
  TRY_ASSIGN(cluster, connect(access, quick_options()));
  return cluster->raw("/version", Deadline::in(20s), {});
}

ClusterAccess access_to(const ScriptedServer& server, const testing::KeyPair& by)
{
  ClusterAccess access;
  access.server = server.url();
  access.authority.pem = by.certificate_pem;
  return access;
}

std::string complaint(const ClusterAccess& access)
{
  const auto answer = ask(access);
  if (answer) return "answered";
  EXPECT_EQ(answer.error().kind, ErrorKind::unreachable);
  return answer.error().text();
}

TEST(Tls, a_server_of_the_given_authority_is_trusted)
{
  const auto root = testing::make_authority();
  const auto server = serve(testing::make_server(root, "127.0.0.1", "kubernetes"));
  EXPECT_EQ(complaint(access_to(*server, root)), "answered");
}

TEST(Tls, without_an_authority_that_of_ssl_cert_file_is_trusted)
{
  const auto root = testing::make_authority();
  const auto server = serve(testing::make_server(root, "127.0.0.1", "kubernetes"));
  auto access = access_to(*server, root);
  access.authority.pem.clear();
  EXPECT_THAT(complaint(access), HasSubstr("authority"));
  auto folder = base::ScopedDirectory::make("/tmp", "coroner-kube-test-");
  ASSERT_TRUE(folder);
  const auto file = folder->path() / "authorities.pem";
  ASSERT_TRUE(base::write_file(file, root.certificate_pem));
  setenv("SSL_CERT_FILE", file.c_str(), 1);
  EXPECT_EQ(complaint(access), "answered");
  unsetenv("SSL_CERT_FILE");
}

TEST(Tls, an_unknown_authority_is_named_and_not_tried_again)
{
  const auto server =
      serve(testing::make_server(testing::make_authority(), "127.0.0.1", "kubernetes"));
  const auto text = complaint(access_to(*server, testing::make_authority()));
  EXPECT_THAT(text, HasSubstr("unknown authority"));
  EXPECT_THAT(text, HasSubstr("is not that of this cluster"));
  EXPECT_EQ(server->connections(), 1);
}

TEST(Tls, a_certificate_for_another_name_is_named_and_tls_server_name_heals_it)
{
  const auto root = testing::make_authority();
  const auto server = serve(testing::make_server(root, "10.0.0.1", "api.example"));
  auto access = access_to(*server, root);
  EXPECT_THAT(complaint(access), HasSubstr("is for other names than 127.0.0.1:"));
  access.tls_server_name = "api.example";
  EXPECT_EQ(complaint(access), "answered");
  EXPECT_EQ(server->seen().at(0).headers.at("host"), "127.0.0.1:" + std::to_string(server->port()));
}

TEST(Tls, verification_can_be_switched_off_only_by_the_flag)
{
  const auto server =
      serve(testing::make_server(testing::make_authority(), "10.0.0.1", "kubernetes"));
  ClusterAccess access;
  access.server = server->url();
  EXPECT_THAT(complaint(access), HasSubstr("authority"));
  access.is_insecure = true;
  EXPECT_EQ(complaint(access), "answered");
}

TEST(Tls, a_client_certificate_is_presented_and_its_absence_is_said)
{
  const auto root = testing::make_authority();
  const auto server =
      serve(testing::make_server(root, "127.0.0.1", "kubernetes"), root.certificate_pem);
  auto access = access_to(*server, root);
  EXPECT_THAT(complaint(access), HasSubstr("demands a client certificate"));
  const auto client = testing::make_client(root, "me");
  access.client_certificate.pem = client.certificate_pem;
  access.client_key.pem = client.key_pem;
  EXPECT_EQ(complaint(access), "answered");
  const auto stranger = testing::make_client(testing::make_authority(), "me");
  access.client_certificate.pem = stranger.certificate_pem;
  access.client_key.pem = stranger.key_pem;
  EXPECT_THAT(complaint(access), HasSubstr("client certificate"));
}

TEST(Tls, what_does_not_speak_tls_is_told_apart_from_a_bad_certificate)
{
  TestCluster plain([](const SeenRequest&) { return reply(200, "{}"); });
  ClusterAccess access;
  access.server = "https://127.0.0.1:" + std::to_string(plain.server().port());
  EXPECT_THAT(complaint(access), HasSubstr("does not speak TLS"));
}

TEST(Tls, a_unix_socket_serves_without_a_network)
{
  const auto folder = base::ScopedDirectory::make("/tmp", "coroner-s-");
  ASSERT_TRUE(folder);
  const auto path = (folder->path() / "s").string();
  const auto server = ScriptedServer::start([](const SeenRequest&) { return reply(200, "{}"); },
                                            {.unix_socket = path});
  ASSERT_TRUE(server);
  ClusterAccess access;
  access.server = "http://localhost";
  access.unix_socket = path;
  EXPECT_EQ(complaint(access), "answered");
}

TEST(Tls, impersonation_and_names_go_out_as_headers)
{
  TestCluster any([](const SeenRequest&) { return reply(200, "{}"); });
  ClusterAccess access;
  access.server = any.server().url();
  access.username = "u";
  access.password = "p";
  access.impersonation = {.user = "jane", .groups = {"a", "b"}, .extra = {{"x/y", {"1"}}}};
  EXPECT_EQ(complaint(access), "answered");
  const auto headers = any.server().seen().at(0).headers;
  EXPECT_EQ(headers.at("authorization"), "Basic dTpw");
  EXPECT_EQ(headers.at("impersonate-user"), "jane");
  EXPECT_EQ(headers.at("impersonate-extra-x%2fy"), "1");
  access.impersonation.user = "jane\r\nX-Evil: 1";
  EXPECT_EQ(ask(access).error().kind, ErrorKind::invalid);
}

}  // namespace
}  // namespace coroner::kube
