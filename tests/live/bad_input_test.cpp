// SPDX-License-Identifier: Apache-2.0
// What a person can get wrong, and what a machine can lack: one clear error, and nothing left
// behind.
#include <fstream>

#include "tests/live/live.h"
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/text.h"
#include "harness/lab/launch.h"

namespace coroner::live {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class BadInput : public LiveTest {
 protected:
  /// A project folder whose matrix/ holds this one cell, and for the rest the real one's recipes.
  fs::path home_with(const std::string& cell, const std::string& text)
  {
    const auto home = scratch();
    EXPECT_TRUE(base::make_directories(home / "matrix"));
    fs::create_symlink(places().matrix / "lab", home / "matrix" / "lab");
    EXPECT_TRUE(base::write_file(home / "matrix" / (cell + ".yaml"), text));
    return home;
  }

  static std::string nixos()
  {
    return base::read_file(places().matrix / "nixos.yaml").value_or("");
  }

  static std::string replaced(std::string text, const std::string& from, const std::string& to)
  {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
  }

  /// Nothing of the cell may be there, and nothing of it may ever have been listed.
  void expect_nothing_of(const std::string& name)
  {
    EXPECT_EQ(leftovers({name, {}, 0}), std::vector<std::string>{});
    EXPECT_THAT(coroner({"lab", "list"}).output, testing::Not(HasSubstr(name + " ")));
  }
};

TEST_F(BadInput, an_unknown_cell_names_the_nearest)
{
  const auto name = own_name("unknown");
  const auto ended = coroner({"lab", "up", "nixso", "--name", name});
  EXPECT_EQ(ended.exit_code, 3);
  EXPECT_THAT(ended.errors, HasSubstr("there is no cell 'nixso'"));
  EXPECT_THAT(ended.errors, HasSubstr("did you mean 'nixos'?"));
  expect_nothing_of(name);
}

TEST_F(BadInput, a_cells_bad_yaml_is_told_with_file_line_and_column)
{
  const auto name = own_name("bad-yaml");
  const auto home =
      home_with("nixos", replaced(nixos(), "pod_security: privileged", "pod_security: privilegd"));
  const auto word = coroner({"lab", "up", "nixos", "--name", name}, {{"CORONER_HOME", home}});
  EXPECT_EQ(word.exit_code, 2);
  EXPECT_THAT(word.errors, testing::ContainsRegex("nixos.yaml:[0-9]+:15: "));
  EXPECT_THAT(word.errors, HasSubstr("did you mean 'privileged'?"));
  const auto torn = home_with("nixos", "name: nixos\n  distro: [nixos\n");
  const auto syntax = coroner({"lab", "up", "nixos", "--name", name}, {{"CORONER_HOME", torn}});
  EXPECT_EQ(syntax.exit_code, 2);
  EXPECT_THAT(syntax.errors, testing::ContainsRegex("nixos.yaml:[0-9]+:[0-9]+: "));
  expect_nothing_of(name);
}

TEST_F(BadInput, a_component_that_is_not_there_names_the_nearest)
{
  const auto name = own_name("no-part");
  const auto home = home_with("nixos", replaced(nixos(), "etcd: etcd-3.6.4", "etcd: etcd-3.6.5"));
  const auto ended = coroner({"lab", "up", "nixos", "--name", name}, {{"CORONER_HOME", home}});
  EXPECT_EQ(ended.exit_code, 2);
  EXPECT_THAT(ended.errors, HasSubstr("did you mean 'etcd-3.6.4'?"));
  expect_nothing_of(name);
}

TEST_F(BadInput, without_root_the_next_step_is_named)
{
  const auto name = own_name("no-root");
  const auto folder = scratch();
  ASSERT_TRUE(base::make_directories(folder / "matrix" / "lab"));
  ASSERT_TRUE(base::write_file(folder / "matrix" / "lab" / "components.yaml", "components: {}\n"));
  ASSERT_TRUE(base::write_file(folder / "matrix" / "nixos.yaml", nixos()));
  ASSERT_TRUE(base::copy_file(program(), folder / "coroner"));
  fs::permissions(folder, fs::perms(0755));
  const base::Command command{
      .arguments = {"setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups",
                    (folder / "coroner").string(), "lab", "up", "nixos", "--name", name},
      .environment = {{"CORONER_HOME", folder}, {"CORONER_CACHE", folder / "cache"}}};
  const auto ended = run(command, std::chrono::seconds(20));
  EXPECT_EQ(ended.exit_code, 3);
  EXPECT_THAT(ended.errors, HasSubstr("the lab needs root"));
  EXPECT_THAT(ended.errors, HasSubstr("sudo"));
  EXPECT_FALSE(fs::exists(folder / "cache"));
  expect_nothing_of(name);
}

TEST_F(BadInput, a_taken_port_is_named)
{
  const auto name = own_name("port");
  const auto taken = lab::Listener::open(0);
  ASSERT_TRUE(taken);
  const auto port = std::to_string(taken->port());
  const auto ended = coroner({"lab", "up", "nixos", "--name", name, "--port", port});
  EXPECT_EQ(ended.exit_code, 2);
  EXPECT_THAT(ended.errors, HasSubstr("port " + port + " on 127.0.0.1"));
  EXPECT_THAT(ended.errors, HasSubstr("Address already in use"));
  expect_nothing_of(name);
}

TEST_F(BadInput, words_that_make_no_sense_are_refused_before_anything_is_made)
{
  const auto name = own_name("words");
  const std::vector<std::pair<std::vector<std::string>, std::string>> refused = {
      {{"--gpus", "17"}, "--gpus takes 1 to 16"},
      {{"--gpu", "simulatd"}, "did you mean 'simulated'?"},
      {{"--profile", "rtx-5070"}, "there is no GPU profile 'rtx-5070'"},
      {{"--port", "70000"}, "70000"}};
  for (const auto& [options, message] : refused) {
    std::vector<std::string> words = {"lab", "up", "nixos", "--name", name};
    words.insert(words.end(), options.begin(), options.end());
    const auto ended = coroner(words);
    EXPECT_TRUE(ended.exit_code == 2 || ended.exit_code == 3) << ended.exit_code;
    EXPECT_THAT(ended.errors, HasSubstr(message));
    expect_nothing_of(name);
  }
  const auto unclean = coroner({"lab", "up", "nixos", "--name", "../" + name});
  EXPECT_EQ(unclean.exit_code, 2);
  EXPECT_THAT(unclean.errors, HasSubstr("is no name for a cell"));
}

TEST_F(BadInput, a_component_that_dies_at_boot_is_named_with_its_last_words)
{
  const auto name = own_name("dies");
  const auto home =
      home_with("nixos", replaced(nixos(), "lab/node/containerd-k3s-v3.toml", "torn.toml"));
  ASSERT_TRUE(base::write_file(home / "matrix" / "torn.toml", "version = 3\nroot = = nothing\n"));
  const auto ended = coroner({"lab", "up", "nixos", "--name", name}, {{"CORONER_HOME", home}});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_THAT(ended.errors, HasSubstr("containerd ended with exit code 1 while the cell booted"));
  EXPECT_THAT(ended.errors, HasSubstr("failed to unmarshal TOML")) << "containerd's own words";
  expect_nothing_of(name);
}

/// Runs `commands` ($coroner is the program) with the cells' folders on a disk of `megabytes`, and
/// the `kept` folders of the cache where they are.
base::Finished on_disk_of(const fs::path& cache, int megabytes, const std::string& commands,
                          const std::vector<std::string>& kept = {"components", "images",
                                                                  "image-stores"})
{
  std::string script = fmt::format("set -e; mkdir -p {0}; mount -t tmpfs -o size={1}m tmpfs {0}; ",
                                   cache.string(), megabytes);
  for (const auto& folder : kept)
    script += fmt::format("mkdir -p {0}/lab/{1}; mount --bind {2}/{1} {0}/lab/{1}; ",
                          cache.string(), folder, places().cache.string());
  return run({.arguments = {"unshare", "--mount", "sh", "-c", script + "set +e; " + commands},
              .environment = {{"CORONER_HOME", CORONER_SOURCE},
                              {"CORONER_CACHE", cache.string()},
                              {"coroner", program().string()}}},
             std::chrono::seconds(170));
}

TEST_F(BadInput, a_full_disk_is_named)
{
  shared("nixos");  // so that the parts are there
  const auto name = own_name("disk");
  // The driver, etcd's first file, and whoever writes last: each has its own words for it.
  for (const int megabytes : {2, 40, 90}) {
    const auto cache = scratch() / std::to_string(megabytes);
    const auto ended = on_disk_of(cache, megabytes,
                                  fmt::format("$coroner lab up nixos --name {1}; code=$?; find "
                                              "{0}/lab/cells -name '{1}*'; exit $code",
                                              cache.string(), name));
    EXPECT_EQ(ended.exit_code, 1) << ended.errors;
    EXPECT_THAT(ended.errors, HasSubstr("o space left on device")) << megabytes << " MB";
    EXPECT_EQ(ended.output, "") << "what was left of the cell";
    expect_nothing_of(name);
  }
}

/// Unpacked images are linked into a cell on the disk of the cache, and imported anew elsewhere.
TEST_F(BadInput, a_cache_on_two_disks_boots_all_the_same)
{
  shared("nixos");
  const auto name = own_name("two-disks");
  const auto ended =
      on_disk_of(scratch() / "disk", 3000,
                 fmt::format("$coroner lab up nixos --name {0} && $coroner lab down {0}", name));
  EXPECT_EQ(ended.exit_code, 0) << ended.errors;
  expect_nothing_of(name);
}

TEST_F(BadInput, images_are_unpacked_once_and_the_machine_stays_as_it_was)
{
  shared("nixos");
  const auto name = own_name("unpack");
  const auto before = machine_state();
  const auto up_and_down =
      fmt::format("$coroner lab up nixos --name {0} && $coroner lab down {0}", name);
  const auto cache = scratch() / "disk";
  const auto ended = on_disk_of(
      cache, 3000,
      up_and_down + " && " + up_and_down + " && ls -A " + (cache / "lab" / "image-stores").string(),
      {"components", "images"});
  EXPECT_EQ(ended.exit_code, 0) << ended.errors;
  const auto first = ended.errors.find("unpacking ");
  ASSERT_NE(first, std::string::npos) << ended.errors;
  EXPECT_EQ(ended.errors.find("unpacking ", first + 1), std::string::npos) << "the second time";
  EXPECT_THAT(ended.output, testing::ContainsRegex("\n[0-9a-f]{12}\n$")) << "and nothing beside it";
  EXPECT_EQ(machine_state(), before);
  expect_nothing_of(name);
}

}  // namespace
}  // namespace coroner::live
