// SPDX-License-Identifier: Apache-2.0
// kubeconfig files that are right, wrong, split, and mutated.
#include "harness/kube/kubeconfig.h"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/base64.h"
#include "harness/kube/kubeconfig_fields.h"

namespace coroner::kube {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* good = R"(apiVersion: v1
kind: Config
current-context: one
clusters:
- name: here
  cluster:
    server: https://127.0.0.1:6443/
    certificate-authority: ca.crt
    tls-server-name: kubernetes
    proxy-url: socks5://127.0.0.1:1080
contexts:
- name: one
  context: {cluster: here, user: me, namespace: work}
- name: two
  context: {cluster: here, user: robot}
users:
- name: me
  user:
    client-certificate-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg==
    client-key: ../keys/me.key
    as: root
    as-groups: [a, b]
    as-user-extra: {reason: [x]}
- name: robot
  user:
    tokenFile: token
)";

base::Result<ClusterAccess> access_in(const std::string& text, const std::string& context = {})
{
  Kubeconfig config;
  TRY(config.add(text, "/home/me/.kube/config"));
  return config.access(context);
}

std::string refusal(const std::string& text, const std::string& context = {})
{
  const auto access = access_in(text, context);
  return access ? "accepted" : access.error().text();
}

/// `good` with one part replaced.
std::string changed(const std::string& from, const std::string& to)
{
  std::string text = good;
  const auto place = text.find(from);
  return place == std::string::npos ? "" : text.replace(place, from.size(), to);
}

TEST(Kubeconfig, the_current_context_is_resolved)
{
  const auto access = access_in(good);
  ASSERT_TRUE(access) << access.error().text();
  EXPECT_EQ(access->context, "one");
  EXPECT_EQ(access->space, "work");
  EXPECT_EQ(access->server, "https://127.0.0.1:6443");
  EXPECT_EQ(access->tls_server_name, "kubernetes");
  EXPECT_EQ(access->proxy_url, "socks5://127.0.0.1:1080");
  EXPECT_EQ(access->authority.file, "/home/me/.kube/ca.crt");
  EXPECT_THAT(access->client_certificate.pem, HasSubstr("-----BEGIN CERTIFICATE-----"));
  EXPECT_EQ(access->client_key.file, "/home/me/keys/me.key");
  EXPECT_EQ(access->impersonation.user, "root");
  EXPECT_THAT(access->impersonation.groups, ElementsAre("a", "b"));
  EXPECT_THAT(access->impersonation.extra.at("reason"), ElementsAre("x"));
}

TEST(Kubeconfig, another_context_can_be_asked_for)
{
  const auto access = access_in(good, "two");
  ASSERT_TRUE(access) << access.error().text();
  EXPECT_EQ(access->token_file, "/home/me/.kube/token");
  EXPECT_EQ(access->space, "default");
}

TEST(Kubeconfig, a_missing_context_names_the_nearest_one)
{
  EXPECT_THAT(refusal(good, "ones"), HasSubstr("did you mean 'one'?"));
  EXPECT_THAT(refusal(good, "production"), HasSubstr("there are: one, two"));
}

TEST(Kubeconfig, a_missing_cluster_or_user_is_named_with_its_place_and_the_nearest_one)
{
  const auto cluster = refusal(changed("{cluster: here,", "{cluster: hare,"));
  EXPECT_THAT(cluster, HasSubstr("/home/me/.kube/config:13:"));
  EXPECT_THAT(cluster, HasSubstr("there is no cluster 'hare'"));
  EXPECT_THAT(cluster, HasSubstr("did you mean 'here'?"));
  EXPECT_THAT(refusal(changed("user: robot", "user: robots"), "two"),
              HasSubstr("did you mean 'robot'?"));
}

TEST(Kubeconfig, wrong_values_are_named_with_their_place)
{
  const std::string server = "server: https://127.0.0.1:6443/";
  for (const auto& [to, words] : std::vector<std::pair<std::string, std::string>>{
           {"server: 127.0.0.1:6443", "must begin with a scheme"},
           {"server: ftp://x", "the scheme 'ftp' cannot be used"},
           {"server: https://", "names no host"},
           {"server: \"https://a\\r\\nX: y\"", "holds characters"},
           {"server: 7", "must be a string"},
           {"extra: 7", "names no server"}}) {
    const auto text = refusal(changed(server, to));
    EXPECT_THAT(text, HasSubstr("/home/me/.kube/config:7:")) << to;
    EXPECT_THAT(text, HasSubstr(words)) << to;
  }
  EXPECT_THAT(refusal(changed("tls-server-name", "insecure-skip-tls-verify")),
              HasSubstr("must be true or false"));
  EXPECT_THAT(refusal(changed("tls-server-name: kubernetes", "insecure-skip-tls-verify: true")),
              HasSubstr("exclude each other"));
  EXPECT_THAT(refusal(changed("client-key: ../keys/me.key", "x: y")), HasSubstr("needed together"));
  EXPECT_THAT(refusal(changed("LS0tLS1C", "????????")), HasSubstr("is no base64"));
  EXPECT_THAT(refusal(changed("as: root", "as-uid: root")), HasSubstr("need a user in as"));
  EXPECT_THAT(refusal(changed("tokenFile: token", "token: \"a\\nb\""), "two"),
              HasSubstr("one line of printable ASCII"));
  EXPECT_THAT(refusal(changed("- name: two", "- name: one")),
              HasSubstr("stands in this list twice"));
  EXPECT_THAT(refusal("kind: Pod\n"), HasSubstr("kind must be Config"));
  EXPECT_THAT(refusal("- a\n"), HasSubstr("must be a mapping"));
}

TEST(Kubeconfig, an_unverified_server_is_warned_of)
{
  auto text =
      changed("    certificate-authority: ca.crt\n", "    insecure-skip-tls-verify: true\n");
  const auto access = access_in(text);
  ASSERT_TRUE(access) << access.error().text();
  EXPECT_TRUE(access->is_insecure);
  EXPECT_THAT(access->warnings, ElementsAre(HasSubstr("NOT verified")));
}

TEST(Kubeconfig, the_first_file_that_names_something_wins)
{
  Kubeconfig config;
  ASSERT_TRUE(
      config.add("current-context: b\nusers: [{name: me, user: {token: first}}]\n", "/1/a"));
  ASSERT_TRUE(
      config.add("current-context: x\nusers: [{name: me, user: {token: second}}]\n"
                 "clusters: [{name: c, cluster: {server: https://h, certificate-authority: ca}}]\n"
                 "contexts: [{name: b, context: {cluster: c, user: me}}]\n",
                 "/2/b"));
  const auto access = config.access("");
  ASSERT_TRUE(access) << access.error().text();
  EXPECT_EQ(access->token, "first");
  EXPECT_EQ(access->authority.file, "/2/ca") << "paths are relative to the file they stand in";
  EXPECT_EQ(access->origin, "/2/b");
}

TEST(Kubeconfig, no_current_context_lists_what_there_is)
{
  EXPECT_THAT(refusal(changed("current-context: one\n", "")),
              HasSubstr("pass --context with one of: one, two"));
  EXPECT_THAT(refusal(""), HasSubstr("it has no contexts either"));
}

TEST(Kubeconfig, a_credential_plugin_is_read)
{
  const auto access =
      access_in(changed("    tokenFile: token\n",
                        "    exec:\n      apiVersion: client.authentication.k8s.io/v1\n"
                        "      command: bin/login\n      args: [get-token]\n"
                        "      env: [{name: PROFILE, value: x}]\n      provideClusterInfo: true\n"
                        "      installHint: get it\n"),
                "two");
  ASSERT_TRUE(access) << access.error().text();
  ASSERT_TRUE(access->exec);
  EXPECT_EQ(access->exec->command, "/home/me/.kube/bin/login");
  EXPECT_EQ(access->exec->environment.at("PROFILE"), "x");
  EXPECT_EQ(access->exec->cluster_info["server"], "https://127.0.0.1:6443");
  EXPECT_THAT(
      refusal(changed("tokenFile: token", "exec: {apiVersion: v1alpha1, command: x}"), "two"),
      HasSubstr("exec needs apiVersion"));
}

TEST(Kubeconfig, base64_is_read_as_written)
{
  for (const std::string text : {"", "a", "ab", "abc", "abcd\x00\xff"})
    EXPECT_EQ(base::base64_decoded(base::base64_encoded(text)).value_or("?"), text);
  EXPECT_EQ(base::base64_decoded("YW\nJj\n").value_or("?"), "abc");
  for (const char* text : {"a", "ab=", "a===", "ab=c", "a b=", "YW-_"})
    EXPECT_FALSE(base::base64_decoded(text)) << text;
}

TEST(Kubeconfig, no_mutation_makes_it_fail_otherwise_than_with_an_error)
{
  std::mt19937 random(11);
  const std::string original = good;
  const std::string inserted =
      "\n\t :-{}[]\"'#&*!|>%@`,?/\\\x80\x1b\x00"
      "az09~";
  int accepted = 0;
  for (int round = 0; round < 4000; ++round) {
    auto text = original;
    for (auto left = 1 + random() % 3; left > 0; --left) {
      const auto place = random() % text.size();
      const char letter = inserted[random() % inserted.size()];
      switch (random() % 4) {
        case 0:
          text[place] = letter;
          break;
        case 1:
          text.erase(place, 1 + random() % 12);
          break;
        case 2:
          text.insert(place, 1, letter);
          break;
        default:
          text.insert(place, text.substr(random() % text.size(), random() % 40));
          break;
      }
      if (text.empty()) text = " ";
    }
    const auto access = access_in(text);
    if (!access) {
      EXPECT_FALSE(access.error().what.empty());
      continue;
    }
    ++accepted;
    EXPECT_TRUE(is_header_value(access->token));
    EXPECT_TRUE(access->server.starts_with("http"));
    EXPECT_EQ(access->server.find_first_of("\r\n \x1b"), std::string::npos);
  }
  EXPECT_GT(accepted, 100);
}

}  // namespace
}  // namespace coroner::kube
