// SPDX-License-Identifier: Apache-2.0
// The program itself, started as a person starts it, on saved evidence.
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "harness/base/command.h"
#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/cli/catalogue.h"
#include "harness/cli/program.h"
#include "harness/evidence/reader.h"
#include "harness/evidence/writer.h"
#include "harness/report/documents.h"

namespace coroner::cli {
namespace {

namespace fs = std::filesystem;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

/// Runs the program with a clean environment; `stdin_file` is what it reads.
base::Finished coroner(std::vector<std::string> words, const std::string& stdin_file = "/dev/null")
{
  std::vector<std::string> arguments = {"/bin/sh", "-c", "exec \"$@\" < \"$0\"", stdin_file,
                                        CORONER_PROGRAM};
  arguments.insert(arguments.end(), words.begin(), words.end());
  base::Command command{.arguments = arguments,
                        .environment = {{"PATH", "/usr/bin:/bin"}, {"LC_ALL", "C.UTF-8"}},
                        .inherits_environment = false};
  const auto finished = base::run(command, base::Deadline::in(std::chrono::seconds(60)));
  EXPECT_TRUE(finished) << finished.error().text();
  return finished.value_or(base::Finished{.exit_code = -1});
}

class Offline : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text)
  {
    const auto path = folder_->path() / name;
    EXPECT_TRUE(base::make_directories(path.parent_path()));
    EXPECT_TRUE(base::write_file(path, text));
    return path.string();
  }
  std::string folder() const { return folder_->path().string(); }

 private:
  base::Result<base::ScopedDirectory> folder_ =
      base::ScopedDirectory::make(fs::temp_directory_path(), "coroner-cli-test-");
};

constexpr const char* decisive_line =
    "error starting plugins: invalid --device-discovery-strategy option cdi-cri\n";

TEST_F(Offline, every_cause_is_explained_by_code_and_by_name_in_every_format)
{
  const auto catalogue = load_catalogue();
  ASSERT_TRUE(catalogue) << catalogue.error().text();
  for (const auto& cause : catalogue->causes()) {
    const auto text = coroner({"explain", cause.id});
    EXPECT_EQ(text.exit_code, 0) << text.errors;
    EXPECT_THAT(text.output, HasSubstr(cause.title));
    for (const auto* part : {"Why\n", "Detected by\n", "Fix on ", "Mended when\n", "Known from\n"})
      EXPECT_THAT(text.output, HasSubstr(part)) << cause.id;
    for (const auto& [distro, fix] : cause.fixes)
      EXPECT_THAT(text.output, HasSubstr(fix.patch_file)) << cause.id;
    for (const auto& other : cause.look_alikes) EXPECT_THAT(text.output, HasSubstr(other.name));
    for (const auto& example : cause.examples) EXPECT_THAT(text.output, HasSubstr(example));
    EXPECT_THAT(text.output, Not(HasSubstr("{node"))) << "a placeholder is left in " << cause.id;
    const auto json = coroner({"explain", cause.name, "--format", "json"});
    const auto value = nlohmann::json::parse(json.output, nullptr, false);
    ASSERT_TRUE(value.is_array() && value.size() == 1) << json.output;
    EXPECT_EQ(value[0]["id"], cause.id);
    EXPECT_EQ(value[0]["fixes"].size(), cause.fixes.size());
    EXPECT_FALSE(value[0]["detected"]["when"].empty());
    const auto markdown = coroner({"explain", cause.id, "--format", "md"});
    EXPECT_THAT(markdown.output, StartsWith("# " + cause.id + " " + cause.name + "\n"));
  }
}

TEST_F(Offline, an_unknown_cause_is_answered_with_the_nearest)
{
  const auto near = coroner({"explain", "nvml-lib-not-on-serch-path"});
  EXPECT_EQ(near.exit_code, exit_usage);
  EXPECT_THAT(near.output, IsEmpty());
  EXPECT_THAT(near.errors, HasSubstr("nvml-lib-not-on-search-path"));
  EXPECT_THAT(coroner({"explain", "\x1b[2Jzzzzzz"}).errors, HasSubstr("\\x1b[2J"));
  EXPECT_EQ(coroner({"explain", "gy005"}).exit_code, exit_good);
  const auto nothing = coroner({"explain"});
  EXPECT_EQ(nothing.exit_code, exit_usage);
  EXPECT_THAT(nothing.errors, HasSubstr("--list"));
}

TEST_F(Offline, each_example_names_its_cause_first)
{
  const auto catalogue = load_catalogue();
  ASSERT_TRUE(catalogue) << catalogue.error().text();
  std::size_t read = 0;
  for (const auto& cause : catalogue->causes())
    for (const auto& example : cause.examples) {
      const auto path = "graveyard/examples/" + example;
      const auto json = coroner({"diagnose", path, "--output", "json"});
      const auto value = nlohmann::json::parse(json.output, nullptr, false);
      ASSERT_TRUE(value.is_object() && !value["findings"].empty()) << example << json.errors;
      EXPECT_EQ(value["findings"][0]["cause"], cause.id) << example;
      const bool is_certain = value["certain"] > 0;
      EXPECT_EQ(json.exit_code, is_certain ? exit_findings : exit_good) << example;
      const auto text = coroner({"diagnose", "-"}, path);
      EXPECT_EQ(text.exit_code, json.exit_code) << example;
      EXPECT_THAT(text.output, ContainsRegex("(FAIL|NOTE) \\[" + cause.id + "\\]")) << example;
      EXPECT_THAT(text.output, HasSubstr("coroner explain " + cause.id)) << example;
      EXPECT_THAT(text.errors, IsEmpty()) << example;
      ++read;
    }
  EXPECT_GE(read, 15U);
}

TEST_F(Offline, what_was_diagnosed_is_explained_from_its_json)
{
  const auto log = write("plugin.log", decisive_line);
  const auto file = write("diagnosis.json", coroner({"diagnose", log, "--output", "json"}).output);
  const auto explained = coroner({"explain", "--from", file});
  EXPECT_EQ(explained.exit_code, exit_good) << explained.errors;
  EXPECT_THAT(explained.output, StartsWith("GY003 plugin-discovery-strategy-unknown"));
  const auto newer = write("newer.json", R"({"findings":[{"cause":"GY999"}]})");
  const auto unknown = coroner({"explain", "--from", newer});
  EXPECT_EQ(unknown.exit_code, exit_usage);
  EXPECT_THAT(unknown.errors, HasSubstr("there is no cause 'GY999' in this version"));
  for (const auto* bad : {"", "[]", "{}", R"({"findings":[{}]})", R"({"findings":3})"}) {
    const auto refused = coroner({"explain", "--from", write("bad.json", bad)});
    EXPECT_EQ(refused.exit_code, exit_usage) << bad;
    EXPECT_THAT(refused.errors, HasSubstr("bad.json")) << bad;
  }
}

TEST_F(Offline, a_text_that_nothing_knows_says_so_and_what_to_collect)
{
  const auto log =
      write("odd.log", "all is well\nnvidia-thing: error: cannot frobnicate the GPU\n");
  const auto odd = coroner({"diagnose", log});
  EXPECT_EQ(odd.exit_code, exit_good);
  EXPECT_THAT(odd.output, HasSubstr("nothing known was found"));
  EXPECT_THAT(odd.output, HasSubstr("odd.log:2 | nvidia-thing: error: cannot frobnicate the GPU"));
  EXPECT_THAT(odd.output, HasSubstr("kubectl get nodes -o yaml"));
}

TEST_F(Offline, what_cannot_be_read_is_one_clear_error)
{
  const std::vector<std::string> places = {
      "-", write("blank.log", " \n\n"), write("binary", std::string("\0\1\2", 3)),
      write("broken.tar.zst", "\x28\xb5\x2f\xfd nonsense"), "/dev/null"};
  for (const auto& place : places) {
    const auto refused = coroner({"diagnose", place});
    EXPECT_EQ(refused.exit_code, exit_usage) << place << refused.errors;
    EXPECT_THAT(refused.output, IsEmpty()) << place;
    EXPECT_THAT(refused.errors, StartsWith("coroner: ")) << place;
  }
  const auto missing = coroner({"diagnose", folder() + "/nosuch.log"});
  EXPECT_EQ(missing.exit_code, exit_unprepared);
  EXPECT_THAT(missing.errors, HasSubstr("nosuch.log"));
  const auto empty = folder() + "/empty";
  ASSERT_TRUE(base::make_directories(empty));
  EXPECT_EQ(coroner({"diagnose", empty}).exit_code, exit_usage);
}

TEST_F(Offline, hostile_text_reaches_no_terminal)
{
  const auto log = write("bad\x1b[31m.log", std::string("\x1b]0;owned\x07\xff\xfe::error::x\n") +
                                                "invalid --device-discovery-strategy option "
                                                "\x1b[2J\xe2\x80\xae" +
                                                std::string(9000, 'A') + "\n");
  for (const auto* output : {"text", "short", "json"}) {
    const auto finished = coroner({"diagnose", log, "--output", output});
    EXPECT_EQ(finished.exit_code, exit_findings) << finished.errors;
    for (const auto* harm : {"\x1b", "\x07", "\xff", "\xe2\x80\xae"})
      EXPECT_THAT(finished.output, Not(HasSubstr(harm))) << output;
  }
  const auto brief = coroner({"diagnose", log, "--output", "short"}).output;
  for (const auto& line : base::split(brief, '\n')) EXPECT_LE(line.size(), 80U) << line;
}

TEST_F(Offline, secrets_of_a_pasted_log_are_not_printed)
{
  const auto log = write("plugin.log", "password=hunter2hunter2 " + std::string(decisive_line));
  const auto finished = coroner({"diagnose", log, "--output", "json"});
  EXPECT_EQ(finished.exit_code, exit_findings);
  EXPECT_THAT(finished.output, Not(HasSubstr("hunter2")));
}

TEST_F(Offline, a_folder_is_read_file_by_file_and_links_are_passed_over)
{
  write("logs/deep/plugin.log", decisive_line);
  write("logs/other.log", "nothing of interest\n");
  write("logs/picture.bin", std::string("\0\1\2", 3));
  fs::create_symlink("/etc/passwd", folder() + "/logs/link.log");
  const auto finished = coroner({"diagnose", folder() + "/logs"});
  EXPECT_EQ(finished.exit_code, exit_findings) << finished.errors;
  EXPECT_THAT(finished.output, HasSubstr("(2 files read, 2 passed over)"));
  EXPECT_THAT(finished.output, HasSubstr("deep/plugin.log:1"));
  EXPECT_THAT(finished.output, Not(HasSubstr("link.log")));
  EXPECT_THAT(finished.output, HasSubstr("where    " + folder() + "/logs\n"));
}

TEST_F(Offline, a_bundle_is_diagnosed_and_reported_as_a_folder_and_as_an_archive)
{
  const auto bundle = folder() + "/bundle";
  {
    auto writer = evidence::Writer::create(bundle, {.run = "20261120-225901-4f31",
                                                    .created = "2026-11-20T22:59:01.250Z",
                                                    .tool = "0.1.0",
                                                    .cluster = {"u", "https://h", "v1.34.1"}});
    ASSERT_TRUE(writer) << writer.error().text();
    ASSERT_TRUE(writer->log({.name_space = "kube-system", .pod = "plugin", .container = "ctr"},
                            decisive_line));
    ASSERT_TRUE(writer->finish());
  }
  const auto archive = folder() + "/bundle.tar.zst";
  ASSERT_TRUE(evidence::pack(bundle, archive));
  for (const auto& place : {bundle, archive}) {
    const auto text = coroner({"diagnose", place});
    EXPECT_EQ(text.exit_code, exit_findings) << text.errors;
    EXPECT_THAT(text.output, HasSubstr("FAIL [GY003]"));
    EXPECT_THAT(text.output, HasSubstr("read, a bundle)"));
    const auto report = coroner({"report", place, "--report-dir", folder() + "/reports"});
    EXPECT_EQ(report.exit_code, exit_good) << report.errors;
    EXPECT_THAT(report.output, HasSubstr("REPLAY"));
    const auto json = base::read_file(folder() + "/reports/report.json");
    ASSERT_TRUE(json);
    EXPECT_THAT(*json, HasSubstr("20261120-225901-4f31"));
    EXPECT_THAT(*json, HasSubstr("GY003"));
  }
  const auto blocked = write("file", "in the way");
  EXPECT_EQ(coroner({"report", bundle, "--report-dir", blocked}).exit_code, 8);
}

TEST_F(Offline, objects_as_kubectl_prints_them_are_evidence)
{
  const auto file =
      write("daemonset.yaml",
            "apiVersion: apps/v1\nkind: DaemonSet\n"
            "metadata: {name: nvidia-device-plugin-daemonset, namespace: kube-system}\n"
            "spec:\n  template:\n    spec:\n      containers:\n"
            "        - name: nvidia-device-plugin-ctr\n"
            "          image: nvcr.io/nvidia/k8s-device-plugin:v0.17.4\n"
            "          env: [{name: DEVICE_DISCOVERY_STRATEGY, value: cdi}]\n");
  const auto finished = coroner({"diagnose", file, "--output", "json"});
  const auto value = nlohmann::json::parse(finished.output, nullptr, false);
  ASSERT_TRUE(value.is_object() && !value["findings"].empty()) << finished.output;
  EXPECT_EQ(value["findings"][0]["cause"], "GY003");
}

TEST_F(Offline, lists_are_the_same_as_text_and_as_json)
{
  const auto catalogue = load_catalogue();
  ASSERT_TRUE(catalogue);
  for (const std::string list : {"causes", "cells", "images"}) {
    const auto text = coroner({"list", list});
    EXPECT_EQ(text.exit_code, exit_good) << text.errors;
    const auto json = coroner({"list", list, "--output", "json"});
    const auto value = nlohmann::json::parse(json.output, nullptr, false);
    ASSERT_TRUE(value.is_array() && !value.empty()) << list;
    EXPECT_EQ(base::split(text.output, '\n').size(), value.size() + 2) << list;
    for (const auto& entry : value)
      EXPECT_THAT(text.output, HasSubstr(entry.begin()->get<std::string>())) << list;
    EXPECT_TRUE(list != "causes" || value.size() == catalogue->causes().size());
  }
  const auto wrong = coroner({"list", "cels"});
  EXPECT_EQ(wrong.exit_code, exit_usage);
  EXPECT_THAT(wrong.errors, HasSubstr("did you mean 'cells'?"));
}

TEST_F(Offline, a_report_is_rendered_again_from_its_own_json)
{
  const auto first = folder() + "/first";
  const auto second = folder() + "/second";
  record::Record record{.run_id = "20261120-225901-4f31", .tool_version = "0.1.0"};
  record.cluster.cell = "nixos";
  record.nodes.push_back({.name = "nixos-1"});
  record.cases.push_back({.id = "smoke/nvidia_smi"});
  record.results.push_back(
      {.case_id = "smoke/nvidia_smi",
       .node = "nixos-1",
       .cause = "GY005",
       .attempts = {{.verdict = record::Verdict::fail, .reason = "as a test wants it"}}});
  record.findings.push_back({.cause = "GY005", .title = "Told by a test", .confidence = 0.97});
  const auto made = coroner({"report", write("report.json", report::json_document(record)),
                             "--report-dir", first, "--output", "short"});
  EXPECT_EQ(made.exit_code, exit_good) << made.errors;
  EXPECT_THAT(made.output, HasSubstr("GY005 Told by a test"));
  const auto again = coroner({"report", first + "/report.json", "--report-dir", second});
  EXPECT_EQ(again.exit_code, exit_good) << again.errors;
  for (const auto* name : {"report.html", "junit.xml", "summary.md", "report.json"}) {
    const auto one = base::read_file(first + "/" + name);
    const auto other = base::read_file(second + "/" + name);
    ASSERT_TRUE(one && other) << name;
    EXPECT_THAT(*one, HasSubstr("GY005")) << name;
    EXPECT_THAT(*other, HasSubstr("GY005")) << name;
  }
  const auto broken = coroner({"report", write("report.json", R"({"schema": 1})")});
  EXPECT_EQ(broken.exit_code, exit_usage);
  EXPECT_THAT(broken.errors, HasSubstr("is missing"));
  EXPECT_EQ(coroner({"report", write("some.log", "text\n")}).exit_code, exit_usage);
}

TEST_F(Offline, every_door_has_help_with_examples)
{
  for (const std::string verb : {"diagnose", "explain", "report", "list", "image"}) {
    const auto help = coroner({verb, "--help"});
    EXPECT_EQ(help.exit_code, exit_good) << verb;
    EXPECT_THAT(help.output, HasSubstr("Examples:")) << verb;
    const auto wrong = coroner({verb, "--nosuch"});
    EXPECT_EQ(wrong.exit_code, exit_usage) << verb;
    EXPECT_THAT(wrong.output, IsEmpty()) << verb;
  }
}

}  // namespace
}  // namespace coroner::cli
