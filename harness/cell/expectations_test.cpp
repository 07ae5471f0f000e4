// SPDX-License-Identifier: Apache-2.0
// The table of the project on what real nodes say, and small tables that are wrong.
#include "harness/cell/expectations.h"

#include <random>

#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/cell/cell.h"

namespace coroner::cell {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

ExpectationTable table()
{
  const auto text = base::read_file(std::filesystem::path(expectations_file));
  auto parsed = parse_expectations(text.value_or(""), std::string(expectations_file));
  EXPECT_TRUE(parsed) << parsed.error().text();
  return parsed.value_or(ExpectationTable{});
}

NodeExpectations on(const std::string& os_image, const std::string& kubelet = "v1.34.1",
                    const std::string& runtime = "containerd://2.1.4",
                    const std::string& architecture = "amd64")
{
  return expectations_of(table(), {os_image, kubelet, runtime, architecture, ""});
}

TEST(Expectations, every_distro_is_known_by_what_its_nodes_say)
{
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"NixOS 25.05 (Warbler)", "nixos"},
      {"NixOS 23.11 (Tapir)", "nixos"},
      {"Talos (v1.9.1)", "talos"},
      {"Talos (v1.11.0-beta.2)", "talos"},
      {"Ubuntu 24.04.3 LTS", "ubuntu"},
      {"Ubuntu 22.04.5 LTS", "ubuntu"},
      {"Ubuntu Core 24", "ubuntu"},
      {"Debian GNU/Linux 12 (bookworm)", "debian"},
      {"Debian GNU/Linux trixie/sid", "debian"},
      {"Arch Linux", "arch"},
      {"Fedora Linux 42 (Server Edition)", "fedora"},
      {"Fedora CoreOS 41.20250315.3.0", "fedora"},
      {"Rocky Linux 9.5 (Blue Onyx)", "rhel"},
      {"AlmaLinux 9.4 (Seafoam Ocelot)", "rhel"},
      {"CentOS Stream 9", "rhel"},
      {"Oracle Linux Server 8.9", "rhel"},
      {"Red Hat Enterprise Linux CoreOS 417.94.202410250757-0", "rhel"},
      {"Bottlerocket OS 1.32.0 (aws-k8s-1.31-nvidia)", "bottlerocket"},
      {"Flatcar Container Linux by Kinvolk 4081.2.0 (Oklo)", "flatcar"},
      {"Container-Optimized OS from Google", "cos"},
      {"K3s v1.31.5+k3s1", "k3s"},
      {"Amazon Linux 2023.6.20250203", "unknown"},
      {"SUSE Linux Enterprise Server 15 SP6", "unknown"},
      {"", "unknown"},
  };
  for (const auto& [image, distro] : cases) EXPECT_EQ(on(image).distro, distro) << image;
}

TEST(Expectations, nixos_keeps_its_driver_where_no_container_looks)
{
  const auto nixos = on("NixOS 25.05 (Warbler)");
  EXPECT_EQ(nixos.of("driver_root"), "/run/opengl-driver");
  EXPECT_EQ(nixos.of("libraries"), "/run/opengl-driver/lib");
  EXPECT_EQ(nixos.of("nvidia_runtime"), "absent");
  EXPECT_EQ(nixos.of("runtime_class"), "optional");
  EXPECT_THAT(nixos.list("access"), ElementsAre("cdi", "runtime-class", "nixos-mounts"));
  EXPECT_EQ(nixos.of("access"), "cdi, runtime-class, nixos-mounts");
  EXPECT_EQ(nixos.of("minimum_memory"), "8Gi");
  EXPECT_EQ(nixos.of("no such expectation"), "");
  EXPECT_THAT(nixos.list("no such expectation"), IsEmpty());
}

TEST(Expectations, talos_wants_envvar_and_an_idle_driver_daemon_set)
{
  const auto talos = on("Talos (v1.9.1)");
  EXPECT_EQ(talos.of("driver_root"), "/usr/local/glibc/usr");
  EXPECT_EQ(talos.of("driver_daemon_set"), "idle");
  EXPECT_EQ(talos.of("pod_security"), "baseline");
  EXPECT_TRUE(talos.includes("device_list_strategy", "envvar"));
  EXPECT_FALSE(talos.includes("device_list_strategy", "cdi-cri"));
}

TEST(Expectations, k3s_lays_its_own_over_those_of_any_distro)
{
  const std::string own = "/var/lib/rancher/k3s/agent/etc/containerd/config.toml";
  for (const auto* image :
       {"Ubuntu 24.04.3 LTS", "Arch Linux", "Debian GNU/Linux 12 (bookworm)", "Fedora Linux 42",
        "Rocky Linux 9.5", "NixOS 25.05", "K3s v1.31.5+k3s1", "openSUSE Leap 15.6"}) {
    const auto k3s = on(image, "v1.34.1+k3s1");
    EXPECT_EQ(k3s.kubernetes, "k3s") << image;
    EXPECT_EQ(k3s.of("containerd_config"), own) << image;
    EXPECT_EQ(k3s.of("runtime_class_shows"), "nothing") << image;
  }
  EXPECT_EQ(on("Ubuntu 24.04", "v1.34.1+k3s1").distro, "ubuntu");
  EXPECT_EQ(on("Ubuntu 24.04", "v1.34.1+k3s1").of("runtime_class"), "expected");
  EXPECT_EQ(on("NixOS 25.05", "v1.34.1+k3s1").of("runtime_class"), "optional");
  EXPECT_EQ(on("Ubuntu 24.04").of("containerd_config"), "/etc/containerd/config.toml");
  EXPECT_EQ(on("Ubuntu 24.04").kubernetes, "");
}

TEST(Expectations, kind_is_known_by_its_provider_and_rke2_by_its_kubelet)
{
  const auto kind =
      expectations_of(table(), {"Debian GNU/Linux 12 (bookworm)", "v1.34.0", "containerd://2.1.3",
                                "amd64", "kind://docker/kind/kind-worker"});
  EXPECT_EQ(kind.distro, "debian");
  EXPECT_EQ(kind.kubernetes, "kind");
  EXPECT_EQ(kind.of("nvidia_runtime"), "optional");
  EXPECT_EQ(on("SLES", "v1.31.4+rke2r1").kubernetes, "rke2");
}

TEST(Expectations, architecture_and_runtime_decide_where_they_differ)
{
  EXPECT_EQ(on("Ubuntu 24.04", "v1.33.1", "containerd://1.7.28").of("containerd_config_version"),
            "2");
  EXPECT_EQ(on("Ubuntu 24.04").of("containerd_config_version"), "3, 2");
  EXPECT_EQ(on("Ubuntu 24.04", "v1.33.1", "cri-o://1.33.0").of("containerd_config_version"), "");
  EXPECT_EQ(on("Ubuntu 24.04").of("libraries"), "/usr/lib/x86_64-linux-gnu");
  EXPECT_EQ(on("Ubuntu 24.04", "v1.33.1", "containerd://2.1.4", "arm64").of("libraries"),
            "/usr/lib/aarch64-linux-gnu");
  EXPECT_EQ(on("Arch Linux ARM", "v1.33.1", "containerd://2.1.4", "arm64").of("libraries"),
            "/usr/lib");
}

TEST(Expectations, nothing_is_expected_of_a_distro_that_nobody_knows)
{
  const auto nothing = expectations_of(table(), {"Some OS 1", "v1.34.1", "", "amd64", ""});
  EXPECT_EQ(nothing.distro, unknown_distro);
  EXPECT_THAT(nothing.values, IsEmpty());
}

TEST(Expectations, those_of_a_cell_come_last)
{
  const auto own = expectations_of(table(), {"Talos (v1.9.1)", "v1.34.1", "", "amd64", ""},
                                   {{"runtime_class", "expected"}});
  EXPECT_EQ(own.of("runtime_class"), "expected");
  EXPECT_EQ(own.of("driver_root"), "/usr/local/glibc/usr");
}

TEST(Expectations, say_what_they_rest_on)
{
  EXPECT_THAT(on("NixOS 25.05", "v1.34.1+k3s1").sources,
              ElementsAre(HasSubstr("graphics.nix"), HasSubstr("containerd 2.1"),
                          HasSubstr("runtimes.yaml")));
}

TEST(Access, is_the_least_privileged_one_that_works)
{
  const auto nixos = on("NixOS 25.05");
  const auto ubuntu = on("Ubuntu 24.04.3 LTS");
  const auto k3s_on_nixos = on("NixOS 25.05", "v1.34.1+k3s1");
  const auto k3s_on_ubuntu = on("Ubuntu 24.04.3 LTS", "v1.34.1+k3s1");
  EXPECT_EQ(choose_access(ubuntu, false, ""), "plain");
  EXPECT_EQ(choose_access(ubuntu, true, "envvar"), "runtime-class");
  EXPECT_EQ(choose_access(ubuntu, true, "envvar,cdi-cri"), "cdi");
  EXPECT_EQ(choose_access(nixos, false, ""), "nixos-mounts");
  EXPECT_EQ(choose_access(nixos, false, "cdi-annotations"), "cdi");
  EXPECT_EQ(choose_access(nixos, true, ""), "runtime-class");
  EXPECT_EQ(choose_access(k3s_on_ubuntu, true, ""), "runtime-class");
  EXPECT_EQ(choose_access(k3s_on_nixos, true, ""), "nixos-mounts")
      << "k3s makes the class on every cluster, and NixOS has no runtime behind it";
  EXPECT_EQ(choose_access(NodeExpectations{}, false, ""), "plain");
}

constexpr const char* small = R"(distros:
  - name: one
    signs: {os_image: [one]}
    expects: {driver_root: /, access: [plain, cdi]}
    source: seen
  - name: unknown
    source: none
kubernetes:
  - name: k3s
    signs: {kubelet_version: [+k3s]}
    on:
      one: {runtime_class: absent}
    source: seen
)";

std::string refusal(const std::string& from, const std::string& to)
{
  std::string text = small;
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  const auto parsed = parse_expectations(text.replace(at, from.size(), to), "t.yaml");
  return parsed ? "accepted" : parsed.error().text();
}

TEST(Table, a_small_one_is_read)
{
  const auto parsed = parse_expectations(small, "t.yaml");
  ASSERT_TRUE(parsed) << parsed.error().text();
  ASSERT_EQ(parsed->distros.size(), 2U);
  EXPECT_EQ(parsed->distros[0].expects.at("access"), "plain, cdi");
  EXPECT_EQ(parsed->kubernetes[0].on.at("one").at("runtime_class"), "absent");
}

TEST(Table, what_is_wrong_is_refused_at_its_place_with_the_nearest_right_word)
{
  struct Case {
    const char* from;
    const char* to;
    const char* place;
    const char* says;
  };
  const Case cases[] = {
      {"driver_root", "driver_rot", "t.yaml:4:", "did you mean 'driver_root'?"},
      {"[plain, cdi]", "[plian]", "t.yaml:4:", "did you mean 'plain'?"},
      {"[plain, cdi]", "[]", "t.yaml:4:", "must not be empty"},
      {"driver_root: /", "driver_root: usr", "t.yaml:4:", "an absolute path"},
      {"driver_root: /", "driver_root: [/]", "t.yaml:4:", "not a list"},
      {"driver_root: /", "driver_root: 1", "t.yaml:4:", "must be a string"},
      {"os_image: [one]", "os_imag: [one]", "t.yaml:3:", "did you mean 'os_image'?"},
      {"os_image: [one]", "os_image: [One]", "t.yaml:3:", "in lower case"},
      {"os_image: [one]", "os_image: ['']", "t.yaml:3:", "not empty"},
      {"    source: seen\n", "", "t.yaml:2:", "'distros/0/source' is missing"},
      {"source: seen", "source: ''", "t.yaml:5:", "where its knowledge comes from"},
      {"name: unknown", "name: other", "t.yaml:2:", "the last distro must be 'unknown'"},
      {"      one: {", "      onne: {", "t.yaml:12:", "did you mean 'one'?"},
      {"absent", "gone", "t.yaml:12:", "none of expected, optional, absent"},
      {"kubernetes:", "kubernets:", "t.yaml:9:", "did you mean 'kubernetes'?"},
      {"    signs: {kubelet_version: [+k3s]}\n", "", "t.yaml:9:", "fits every node"},
      {"name: one", "name: One", "t.yaml:2:", "a-z"},
      {"  - name: unknown",
       "  - {name: two, signs: {os_image: [one b]}, source: x}\n  - name: unknown",
       "t.yaml:6:", "go to the row 'one'"},
      {"  - name: unknown",
       "  - {name: one, signs: {os_image: [two]}, source: x}\n  - name: unknown",
       "t.yaml:6:", "stands here twice"},
  };
  for (const auto& [from, to, place, says] : cases) {
    const auto text = refusal(from, to);
    EXPECT_THAT(text, HasSubstr(place)) << to;
    EXPECT_THAT(text, HasSubstr(says)) << to;
  }
}

TEST(Table, torn_text_is_refused_and_never_ends_the_program)
{
  std::mt19937 chance(7);
  const std::string whole = base::read_file(std::filesystem::path(expectations_file)).value();
  for (int round = 0; round < 60; ++round) {
    std::string text = whole.substr(0, 400 + chance() % 1200);
    for (int change = 0; change < 4; ++change)
      text[chance() % text.size()] = static_cast<char>(chance() % 128);
    const auto parsed = parse_expectations(text, "torn.yaml");
    ASSERT_FALSE(parsed) << "without its last row: " << text;
    EXPECT_THAT(parsed.error().what, HasSubstr("torn.yaml"));
  }
}

TEST(Cells, overrides_of_a_cell_are_held_against_the_same_words)
{
  const std::string cell = base::read_file("matrix/nixos.yaml").value();
  const auto with = [&](const std::string& expectations) {
    std::string text = cell;
    const auto at = text.find("expectations: {}");
    EXPECT_NE(at, std::string::npos);
    return parse_cell(text.replace(at, 16, "expectations: " + expectations), "c.yaml");
  };
  const auto good = with("{runtime_class: expected}");
  ASSERT_TRUE(good) << good.error().text();
  EXPECT_EQ(good->expectations.at("runtime_class"), "expected");
  const auto bad = with("{runtime_clas: expected}");
  ASSERT_FALSE(bad);
  EXPECT_THAT(bad.error().text(), HasSubstr("did you mean 'runtime_class'?"));
}

TEST(Cells, the_table_of_expectations_is_no_cell)
{
  EXPECT_THAT(cell_names("matrix"), testing::Not(testing::Contains("expectations")));
}

}  // namespace
}  // namespace coroner::cell
