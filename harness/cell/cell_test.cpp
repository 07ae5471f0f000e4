// SPDX-License-Identifier: Apache-2.0
#include "harness/cell/cell.h"

#include <random>

#include <gmock/gmock.h>

#include "harness/base/files.h"

namespace coroner::cell {
namespace {

using testing::HasSubstr;

constexpr const char* small = R"(name: tiny
summary: a cell of these tests
distro: ubuntu
provider: lab
gpu: {profile: gtx-1060, count: 2}
pod_security: baseline
access: runtime-class
os_release: {ID: ubuntu, VERSION_ID: '24.04'}
components: {kubernetes: k, etcd: e, coredns: d, containerd: c, runc: r, cni: n, toolkit: t}
images: [pause]
driver: {libraries: /usr/lib/x86_64-linux-gnu, binaries: /usr/bin}
containerd: {config: /etc/containerd/config.toml, template: lab/c.toml, socket: /run/c.sock, root: /var/lib/c, state: /run/c}
files:
  - {path: /a, link: /b}
  - {path: /c, text: "hello\n", mode: '0600'}
  - {path: /d, component: toolkit, binary: nvidia-ctk}
manifests: [lab/m.yaml]
helm:
  - {release: one, chart: chart-1, namespace: gpu, values: {x: 1}, awaited_labels: [a/b]}
)";

std::string with(const std::string& from, const std::string& to)
{
  std::string text = small;
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string refusal(const std::string& text)
{
  const auto cell = parse_cell(text, "tiny.yaml");
  return cell ? "accepted" : cell.error().text();
}

TEST(Cell, is_read_with_all_that_its_file_says)
{
  const auto cell = parse_cell(small, "tiny.yaml");
  ASSERT_TRUE(cell) << cell.error().text();
  EXPECT_EQ(cell->name, "tiny");
  EXPECT_EQ(cell->gpu_count, 2);
  EXPECT_EQ(cell->gpu_profile, "gtx-1060");
  EXPECT_EQ(cell->pod_security, "baseline");
  EXPECT_EQ(cell->access, "runtime-class");
  EXPECT_EQ(cell->components.at("containerd"), "c");
  EXPECT_EQ(cell->os_release.at("VERSION_ID"), "24.04");
  ASSERT_EQ(cell->files.size(), 3U);
  EXPECT_EQ(cell->files[0].link, "/b");
  EXPECT_EQ(cell->files[1].mode, 0600U);
  EXPECT_EQ(cell->files[2].mode, 0755U) << "a program is executable without being told";
  ASSERT_EQ(cell->helm.size(), 1U);
  EXPECT_EQ(cell->helm[0].values.at("x"), 1);
  EXPECT_EQ(cell->helm[0].awaited_labels, std::vector<std::string>{"a/b"});
}

TEST(Cell, without_a_count_has_one_gpu)
{
  const auto cell = parse_cell(with(", count: 2", ""), "tiny.yaml");
  ASSERT_TRUE(cell) << cell.error().text();
  EXPECT_EQ(cell->gpu_count, 1);
}

/// A change of the good cell, and what the refusal must say, with line and column.
struct Mistake {
  const char* name;
  const char* from;
  const char* to;
  const char* place;
  const char* message;
};

std::ostream& operator<<(std::ostream& out, const Mistake& mistake)
{
  return out << mistake.name;
}

class Mistakes : public testing::TestWithParam<Mistake> {};

TEST_P(Mistakes, are_refused_where_they_stand)
{
  const auto& mistake = GetParam();
  const auto said = refusal(with(mistake.from, mistake.to));
  EXPECT_THAT(said, HasSubstr(std::string("tiny.yaml:") + mistake.place));
  EXPECT_THAT(said, HasSubstr(mistake.message));
}

INSTANTIATE_TEST_SUITE_P(
    Of, Mistakes,
    testing::Values(
        Mistake{"unknown_key", "summary:", "sumary:", "2:", "did you mean 'summary'?"},
        Mistake{"unknown_distro", "distro: ubuntu", "distro: ubunto", "3:9",
                "did you mean 'ubuntu'?"},
        Mistake{"unknown_provider", "provider: lab", "provider: lap", "4:11",
                "did you mean 'lab'?"},
        Mistake{"unknown_access", "access: runtime-class", "access: runtime_class", "7:9",
                "did you mean 'runtime-class'?"},
        Mistake{"unknown_security", "pod_security: baseline", "pod_security: base", "6:15",
                "is none of privileged"},
        Mistake{"name_in_capitals", "name: tiny", "name: Tiny", "1:7", "a-z, 0-9 and '-'"},
        Mistake{"no_gpus", "count: 2", "count: 0", "5:33", "a number from 1 to 16"},
        Mistake{"too_many_gpus", "count: 2", "count: 17", "5:33", "a number from 1 to 16"},
        Mistake{"count_as_text", "count: 2", "count: many", "5:33", "a number from 1 to 16"},
        Mistake{"number_for_text", "VERSION_ID: '24.04'", "VERSION_ID: 24.04",
                "8:", "put it in quotes"},
        Mistake{"missing_part", "runc: r, ", "", "9:", "the part 'runc' is missing"},
        Mistake{"unknown_part", "toolkit: t", "toolkits: t", "9:", "did you mean 'toolkit'?"},
        Mistake{"relative_path", "binaries: /usr/bin", "binaries: usr/bin",
                "11:", "an absolute path"},
        Mistake{"path_that_climbs", "binaries: /usr/bin", "binaries: /usr/../bin",
                "11:", "without '..'"},
        Mistake{"file_of_two_kinds", "{path: /a, link: /b}", "{path: /a, link: /b, text: x}",
                "14:", "exactly one of"},
        Mistake{"file_of_no_kind", "{path: /a, link: /b}", "{path: /a}", "14:", "exactly one of"},
        Mistake{"binary_of_nothing", "component: toolkit, ", "",
                "16:", "component and binary go together"},
        Mistake{"mode_without_zero", "mode: '0600'", "mode: '600'", "15:", "four octal digits"},
        Mistake{"mode_beyond_octal", "mode: '0600'", "mode: '0800'", "15:", "four octal digits"},
        Mistake{"mode_as_number", "mode: '0600'", "mode: 0600", "15:", ""},
        Mistake{"images_as_text", "images: [pause]", "images: pause", "10:", "a list is expected"},
        Mistake{"duplicate_key", "summary: a cell of these tests", "name: tiny", "2:", "name"},
        Mistake{"helm_without_chart", "chart: chart-1, ", "", "19:", "chart"},
        Mistake{"labels_as_text", "[a/b]", "a/b", "19:", "a list is expected"}),
    [](const auto& of) { return of.param.name; });

/// Whatever is cut out or changed, the reader answers with a cell or a located refusal.
TEST(Cell, torn_anywhere_is_read_or_refused_with_its_place)
{
  std::mt19937 random(3);
  const std::string good = small;
  for (int round = 0; round < 900; ++round) {
    auto text = good;
    const auto at = random() % text.size();
    if (round % 3 == 0) text.erase(at, random() % 40);
    if (round % 3 == 1) text[at] = static_cast<char>(random() % 256);
    if (round % 3 == 2) text.resize(at);
    const auto cell = parse_cell(text, "torn.yaml");
    if (cell) continue;
    EXPECT_EQ(cell.error().kind, base::ErrorKind::invalid);
    EXPECT_THAT(cell.error().what, HasSubstr("torn.yaml")) << text;
  }
}

TEST(Matrix, every_cell_of_the_project_can_be_read)
{
  const auto names = cell_names("matrix");
  EXPECT_THAT(names, testing::IsSupersetOf({"nixos", "ubuntu"}));
  for (const auto& name : names) {
    const auto cell = load_cell("matrix", name);
    ASSERT_TRUE(cell) << cell.error().text();
    EXPECT_FALSE(cell->summary.empty());
    for (const auto& manifest : cell->manifests)
      EXPECT_TRUE(std::filesystem::exists(std::filesystem::path("matrix") / manifest)) << manifest;
    EXPECT_TRUE(
        std::filesystem::exists("matrix/lab/driver/profiles/" + cell->gpu_profile + ".yaml"));
  }
}

TEST(Matrix, an_unknown_cell_names_the_nearest)
{
  const auto cell = load_cell("matrix", "nixso");
  ASSERT_FALSE(cell);
  EXPECT_EQ(cell.error().kind, base::ErrorKind::not_found);
  EXPECT_THAT(cell.error().text(), HasSubstr("did you mean 'nixos'?"));
  EXPECT_THAT(load_cell("matrix", "something-else").error().text(), HasSubstr("cells are: nixos"));
}

TEST(Matrix, a_cell_that_bears_another_name_is_refused)
{
  auto folder = base::ScopedDirectory::make(std::filesystem::temp_directory_path(), "cell-");
  ASSERT_TRUE(folder);
  ASSERT_TRUE(base::write_file(folder->path() / "other.yaml", small));
  EXPECT_THAT(load_cell(folder->path(), "other").error().text(), HasSubstr("calls itself 'tiny'"));
}

TEST(GpuKind, is_written_and_read_as_one_word)
{
  for (const auto kind : {GpuKind::none, GpuKind::simulated, GpuKind::real})
    EXPECT_EQ(gpu_kind(word(kind)).value(), kind);
  EXPECT_THAT(gpu_kind("simulatd").error().text(), HasSubstr("did you mean 'simulated'?"));
}

TEST(FillIn, replaces_what_is_known_and_leaves_other_braces)
{
  const std::map<std::string, std::string> values = {{"name", "x"}, {"empty", ""}};
  EXPECT_EQ(fill_in("a {name} b {name}{empty}", values).value(), "a x b x");
  EXPECT_EQ(fill_in("{.status.x} {\"a\": 1} {A} {} {name", values).value(),
            "{.status.x} {\"a\": 1} {A} {} {name");
  EXPECT_EQ(fill_in("{{name}}", values).value(), "{x}");
  EXPECT_EQ(fill_in("", values).value(), "");
  EXPECT_THAT(fill_in("{nothing}", values).error().what, HasSubstr("{nothing}"));
}

TEST(FillIn, does_not_fill_in_what_was_filled_in)
{
  EXPECT_EQ(fill_in("{a}", {{"a", "{b}"}, {"b", "c"}}).value(), "{b}");
}

}  // namespace
}  // namespace coroner::cell
