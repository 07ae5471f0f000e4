// SPDX-License-Identifier: Apache-2.0
// From a hostile pod's log to every output: each says it, and none acts on it.
#include <algorithm>
#include <map>

#include "tests/report/hostile_bundle.h"
#include "tests/report/readers.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/command.h"
#include "harness/base/files.h"
#include "harness/evidence/reader.h"
#include "harness/record/json.h"
#include "harness/report/documents.h"
#include "harness/report/text.h"
#include "harness/testing/json_schema.h"

namespace coroner {
namespace {

using report::lines_of;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

/// Everything that the program makes of one bundle.
struct Outputs {
  std::map<std::string, std::string> terminal;   ///< By the words of its command.
  std::map<std::string, std::string> documents;  ///< By file name.
};

class HostileLog : public ::testing::Test {
 protected:
  static void SetUpTestSuite()
  {
    folder_ = std::make_unique<base::ScopedDirectory>(
        *base::ScopedDirectory::make(fs::temp_directory_path(), "hostile-log-"));
    hostile_ = std::make_unique<Outputs>(made_of("hostile", attacks()));
    calm_ = std::make_unique<Outputs>(made_of("benign", calm(attacks())));
  }
  static void TearDownTestSuite()
  {
    hostile_.reset();
    calm_.reset();
    folder_.reset();
  }

  static const Outputs& hostile() { return *hostile_; }
  static const Outputs& benign() { return *calm_; }
  static fs::path bundle() { return folder_->path() / "hostile" / "bundle"; }

  /// Both renders of one document.
  static std::pair<std::string, std::string> documents(const std::string& name)
  {
    return {hostile().documents.at(name), benign().documents.at(name)};
  }

 private:
  static std::string run(const std::vector<std::string>& words)
  {
    base::Command command{.arguments = {CORONER_PROGRAM},
                          .environment = {{"PATH", "/usr/bin:/bin"},
                                          {"LC_ALL", "C.UTF-8"},
                                          {"CLICOLOR_FORCE", "1"},
                                          {"GITHUB_ACTIONS", "true"}},
                          .inherits_environment = false};
    command.arguments.insert(command.arguments.end(), words.begin(), words.end());
    const auto ended = base::run(command, base::Deadline::in(std::chrono::minutes(4)));
    EXPECT_TRUE(ended) << ended.error().text();
    if (!ended) return "";
    EXPECT_LE(ended->exit_code, 1) << ended->errors;
    return ended->output + ended->errors;
  }

  static Outputs made_of(const std::string& name, const std::string& text)
  {
    Outputs made;
    const auto place = folder_->path() / name / "bundle";
    const auto reports = folder_->path() / name / "reports";
    const auto written = write_bundle(CORONER_RECORDED, place, text);
    EXPECT_TRUE(written) << written.error().text();
    const std::vector<std::pair<const char*, std::vector<std::string>>> commands = {
        {"report", {"report", place, "--report-dir", reports}},
        {"short report", {"report", reports / "report.json", "--output", "short"}},
        {"diagnose", {"diagnose", place}},
        {"short diagnose", {"diagnose", place, "--output", "short"}}};
    for (const auto& [command, words] : commands) made.terminal[command] = run(words);
    for (const auto* file :
         {"report.html", "junit.xml", "report.json", "report.ndjson", "summary.md"})
      made.documents[file] = base::read_file(reports / file).value_or("");
    made.documents["diagnosis.json"] = run({"diagnose", place, "--output", "json"});
    return made;
  }

  static inline std::unique_ptr<base::ScopedDirectory> folder_;
  static inline std::unique_ptr<Outputs> hostile_;
  static inline std::unique_ptr<Outputs> calm_;
};

TEST_F(HostileLog, is_said_by_every_output)
{
  for (const auto& [command, text] : hostile().terminal)
    EXPECT_NE(text.find(attack_mark), std::string::npos) << command;
  for (const auto& [file, text] : hostile().documents)
    EXPECT_NE(text.find(attack_mark), std::string::npos) << file;
  for (const auto* file : {"report.html", "junit.xml", "report.json"})
    for (int number = 1; number < 33; ++number)
      EXPECT_NE(hostile().documents.at(file).find(fmt::format("zap{:02}", number)),
                std::string::npos)
          << file << " lacks attack " << number;
}

TEST_F(HostileLog, drives_no_terminal_and_no_workflow_runner)
{
  for (const auto& [command, text] : hostile().terminal) {
    auto shown = text;
    auto calm_text = benign().terminal.at(command);
    const auto calm_colours = take_colours(calm_text);
    for (const auto& colour : take_colours(shown))
      EXPECT_TRUE(calm_colours.contains(colour)) << command << " has " << colour.substr(1);
    EXPECT_EQ(active_character(shown, false), "") << command;
    EXPECT_EQ(workflow_command(shown), "") << command;
    for (const auto& line : lines_of(shown)) EXPECT_LE(line.size(), 16'384U) << command;
  }
}

TEST_F(HostileLog, leaves_the_lines_of_what_is_pasted_as_they_are)
{
  for (const auto* command : {"short report", "short diagnose"}) {
    EXPECT_EQ(lines_of(hostile().terminal.at(command)).size(),
              lines_of(benign().terminal.at(command)).size());
    for (const auto& line : lines_of(hostile().terminal.at(command))) EXPECT_LE(line.size(), 80U);
  }
}

TEST_F(HostileLog, leaves_junit_the_same_elements_and_nothing_that_xml_forbids)
{
  const auto [hostile, benign] = documents("junit.xml");
  EXPECT_EQ(active_character(hostile, true), "");
  const auto parsed = xml_of(hostile);
  EXPECT_EQ(parsed.said, "");
  ASSERT_NE(parsed.root(), nullptr);
  EXPECT_EQ(skeleton(parsed.root()), skeleton(xml_of(benign).root()));
}

TEST_F(HostileLog, leaves_the_page_the_same_elements_scripts_and_addresses)
{
  const auto [hostile, benign] = documents("report.html");
  EXPECT_EQ(active_character(hostile, true), "");
  const auto page = page_of(hostile);
  const auto calm_page = page_of(benign);
  ASSERT_NE(page.root(), nullptr);
  EXPECT_EQ(skeleton(page.root()), skeleton(calm_page.root()));
  const auto active = active_parts(page.root());
  EXPECT_EQ(active, active_parts(calm_page.root()));
  EXPECT_GT(active.size(), 3U) << "the page has two scripts and a style of its own";
  for (const auto& part : active)
    EXPECT_THAT(part,
                ::testing::AnyOf(::testing::StartsWith("script"), ::testing::StartsWith("style"),
                                 ::testing::StartsWith("meta"), HasSubstr("href=#"),
                                 HasSubstr("href=data:,")));
  EXPECT_LE(hostile.size(), report::largest_html_bytes);
}

TEST_F(HostileLog, leaves_markdown_its_one_table_and_its_blocks)
{
  const auto [hostile, benign] = documents("summary.md");
  EXPECT_EQ(active_character(hostile, true), "");
  EXPECT_EQ(workflow_command(hostile), "");
  const auto blocks = blocks_of(hostile);
  EXPECT_EQ(blocks, blocks_of(benign));
  EXPECT_THAT(blocks, HasSubstr("_ [11] [11] [11] _")) << "one table of ten columns";
  EXPECT_EQ(std::count(blocks.begin(), blocks.end(), '['), 3);
  EXPECT_LE(hostile.size(), report::largest_markdown_bytes);
  bool is_fenced = false;
  for (const auto& line : lines_of(hostile)) {
    if (line.starts_with("```")) is_fenced = !is_fenced;
    if (is_fenced) continue;
    auto plain = line;
    for (const auto* own : {"<code>", "</code>"})
      if (const auto at = plain.find(own); at != std::string::npos)
        plain.erase(at, std::string_view(own).size());
    EXPECT_THAT(plain, Not(HasSubstr("<"))) << line;
    for (const auto* link : {"](", "://", "www.", "@zap", "@org", "#28"})
      EXPECT_THAT(plain, Not(HasSubstr(link))) << line;
  }
}

TEST_F(HostileLog, leaves_json_in_ascii_and_within_its_schema)
{
  for (const auto* file : {"report.json", "report.ndjson", "diagnosis.json"}) {
    const auto& text = hostile().documents.at(file);
    EXPECT_TRUE(std::all_of(text.begin(), text.end(), [](unsigned char c) {
      return (c >= 0x20 && c < 0x7f) || c == '\n';
    })) << file;
    EXPECT_EQ(workflow_command(text), "") << file;
  }
  const auto& text = hostile().documents.at("report.json");
  const auto record = record::parse_record(text);
  ASSERT_TRUE(record) << record.error().text();
  EXPECT_FALSE(record->findings.empty());
  for (const auto& line : lines_of(hostile().documents.at("report.ndjson")))
    EXPECT_TRUE(nlohmann::json::accept(line)) << line.substr(0, 200);
  const auto refusal = testing::schema_refusal(CORONER_SCHEMA, text);
  if (!refusal) GTEST_SKIP() << "python3-jsonschema is not installed";
  EXPECT_EQ(refusal->substr(0, 2'000), "");
}

TEST_F(HostileLog, leaves_the_bundle_whole_and_its_json_in_ascii)
{
  const auto reader = evidence::Reader::open(bundle());
  ASSERT_TRUE(reader) << reader.error().text();
  EXPECT_TRUE(reader->verify());
  const auto events = reader->events();
  ASSERT_TRUE(events) << events.error().text();
  const auto lines = lines_of(reader->content(evidence::events_file).value());
  EXPECT_EQ(lines.size(), events->size()) << "an event is a line, whatever a log holds";
  const auto calm_reader =
      evidence::Reader::open(bundle().parent_path().parent_path() / "benign" / "bundle");
  ASSERT_TRUE(calm_reader);
  EXPECT_EQ(reader->files(), calm_reader->files()) << "no file is named by a log";
  for (const auto& path : reader->files()) {
    const auto text = reader->content(path).value();
    if (path.starts_with("logs/") || path.starts_with("pods/")) continue;
    EXPECT_TRUE(std::all_of(text.begin(), text.end(), [](unsigned char c) {
      return (c >= 0x20 && c <= 0x7f) || c == '\n';
    })) << path;
  }
}

}  // namespace
}  // namespace coroner
