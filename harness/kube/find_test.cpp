// SPDX-License-Identifier: Apache-2.0
// The search order, and what stops it.
#include "harness/kube/find.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/files.h"
#include "harness/kube/secret_file.h"

namespace coroner::kube {
namespace {

namespace fs = std::filesystem;
using base::ErrorKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string config(const std::string& name, const std::string& user = "token: t")
{
  return "current-context: " + name + "\nclusters: [{name: c, cluster: {server: \"https://" + name +
         "\"}}]\ncontexts: [{name: " + name + ", context: {cluster: c, user: u}}]\n" +
         "users: [{name: u, user: {" + user + "}}]\n";
}

class Find : public ::testing::Test {
 protected:
  Find()
  {
    auto made = base::ScopedDirectory::make(fs::temp_directory_path(), "coroner-find-");
    folder_ = std::make_unique<base::ScopedDirectory>(std::move(*made));
    here_.home = root() / "home";
    here_.service_account = root() / "account";
    here_.k3s_config = root() / "k3s.yaml";
  }

  fs::path root() const { return folder_->path(); }

  fs::path put(const std::string& path, const std::string& text, unsigned mode = 0600)
  {
    const auto file = root() / path;
    EXPECT_TRUE(base::make_directories(file.parent_path()));
    EXPECT_TRUE(base::write_file(file, text, mode));
    return file;
  }

  /// The server that is found, or the kind of error.
  std::string found(const Wanted& wanted = {})
  {
    const auto access = find_cluster(wanted, here_);
    if (access) return access->server;
    last_error_ = access.error();
    return access.error().kind == ErrorKind::not_found ? "none" : "error";
  }

  Surroundings here_;
  base::Error last_error_;

 private:
  std::unique_ptr<base::ScopedDirectory> folder_;
};

TEST_F(Find, places_are_searched_in_order)
{
  EXPECT_EQ(found(), "none");
  put("k3s.yaml", config("k3s"));
  EXPECT_EQ(found(), "https://k3s");
  put("account/token", "t");
  put("account/ca.crt", "x");
  put("account/namespace", "mine\n");
  here_.environment = {{"KUBERNETES_SERVICE_HOST", "fd00::1"}, {"KUBERNETES_SERVICE_PORT", "443"}};
  EXPECT_EQ(found(), "https://[fd00::1]:443");
  EXPECT_EQ(find_cluster({}, here_)->space, "mine");
  put("home/.kube/config", config("home"));
  EXPECT_EQ(found(), "https://home");
  here_.environment["KUBECONFIG"] = put("other", config("variable")).string();
  EXPECT_EQ(found(), "https://variable");
  EXPECT_EQ(found({.kubeconfig = put("third", config("option")), .context = ""}), "https://option");
}

TEST_F(Find, what_is_present_and_wrong_ends_the_search)
{
  put("k3s.yaml", config("k3s"));
  put("home/.kube/config", "clusters: 7\n");
  EXPECT_EQ(found(), "error");
  EXPECT_THAT(last_error_.what, HasSubstr("home/.kube/config:1:"));
  here_.environment["KUBECONFIG"] = (root() / "absent").string();
  EXPECT_EQ(found(), "error");
  EXPECT_THAT(last_error_.what, HasSubstr("KUBECONFIG names no file that exists"));
  EXPECT_EQ(found({.kubeconfig = root() / "absent", .context = ""}), "error");
  EXPECT_EQ(last_error_.kind, ErrorKind::invalid);
}

TEST_F(Find, an_emptied_configuration_is_passed_over)
{
  put("home/.kube/config", "apiVersion: v1\nkind: Config\nclusters: null\ncurrent-context: ''\n");
  put("k3s.yaml", config("k3s"));
  EXPECT_EQ(found(), "https://k3s");
}

TEST_F(Find, missing_files_of_a_list_are_skipped)
{
  here_.environment["KUBECONFIG"] =
      (root() / "absent").string() + "::" + put("b", config("b")).string();
  EXPECT_EQ(found(), "https://b");
}

TEST_F(Find, a_file_that_others_can_read_is_warned_of)
{
  const auto open_to_all = put("open", config("x"), 0644);
  EXPECT_THAT(find_cluster({.kubeconfig = open_to_all, .context = ""}, here_)->warnings,
              ElementsAre(HasSubstr("chmod 600")));
  const auto closed = put("closed", config("x"));
  EXPECT_THAT(find_cluster({.kubeconfig = closed, .context = ""}, here_)->warnings, IsEmpty());
}

TEST_F(Find, pipes_folders_and_links_of_strangers_are_not_read)
{
  const auto pipe = root() / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(read_secret(pipe).error().kind, ErrorKind::invalid);
  EXPECT_EQ(read_secret(root()).error().kind, ErrorKind::invalid);
  EXPECT_EQ(read_secret(root() / "absent").error().kind, ErrorKind::not_found);
  const auto link = root() / "link";
  fs::create_symlink(put("target", "secret"), link);
  EXPECT_EQ(read_secret(link)->content, "secret");
  if (::geteuid() != 0) GTEST_SKIP() << "only root can make another user's link";
  constexpr uid_t nobody = 65534;
  ASSERT_EQ(::lchown(link.c_str(), nobody, nobody), 0);
  EXPECT_EQ(read_secret(link).error().kind, ErrorKind::denied);
}

TEST_F(Find, a_recorded_configuration_runs_and_reads_nothing)
{
  EXPECT_EQ(access_from_text(config("x"), "bundle")->server, "https://x");
  const auto plugin = access_from_text(
      config("x", "exec: {apiVersion: client.authentication.k8s.io/v1, command: x}"), "bundle");
  ASSERT_FALSE(plugin);
  EXPECT_EQ(plugin.error().kind, ErrorKind::denied);
  EXPECT_EQ(access_from_text(config("x", "tokenFile: /etc/shadow"), "b").error().kind,
            ErrorKind::denied);
}

}  // namespace
}  // namespace coroner::kube
