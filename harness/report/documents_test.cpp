// SPDX-License-Identifier: Apache-2.0
// Documents read back by strict readers: the same numbers everywhere, and nothing that acts.
#include "harness/report/documents.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <pugixml.hpp>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/record/json.h"
#include "harness/report/console.h"
#include "harness/report/samples/samples.h"
#include "harness/report/text.h"
#include "harness/report/view.h"
#include "harness/report/write.h"
#include "harness/testing/golden.h"

namespace coroner::report {
namespace {

using record::Record;
using record::Verdict;

std::vector<Record> all_samples()
{
  return {Record{}, samples::healthy(), samples::nvml_missing(), samples::mixed(),
          samples::hostile()};
}

void expect_golden(const char* file, const std::string& text)
{
  const auto same = testing::check_golden(file, text);
  EXPECT_TRUE(same) << same.error().text();
}

/// What libxml2 says against `text`, which may not recover from anything; "" when it is content.
std::string xml_error(const std::string& text)
{
  xmlResetLastError();
  xmlDocPtr document = xmlReadMemory(text.data(), static_cast<int>(text.size()), "junit.xml",
                                     nullptr, XML_PARSE_NONET | XML_PARSE_NOERROR);
  const auto* error = xmlGetLastError();
  std::string said = error == nullptr ? "" : error->message;
  if (document == nullptr && said.empty()) said = "no document";
  xmlFreeDoc(document);
  return said;
}

std::size_t number(const pugi::xml_node& node, const char* name)
{
  return node.attribute(name).as_uint(999'999);
}

std::size_t occurrences(std::string_view text, std::string_view what)
{
  std::size_t count = 0;
  for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1))
    ++count;
  return count;
}

TEST(Junit, libxml2_takes_every_sample)
{
  for (const auto& record : all_samples()) {
    const auto text = junit(record);
    ASSERT_TRUE(text) << text.error().text();
    EXPECT_EQ(xml_error(*text), "");
  }
}

TEST(Junit, one_hostile_byte_anywhere_leaves_it_readable)
{
  for (int byte = 0; byte < 256; ++byte) {
    auto record = samples::nvml_missing();
    const auto text = "a" + std::string(1, static_cast<char>(byte)) + "b]]>";
    record.results[3].attempts[0].reason = text;
    record.findings[0].evidence[0].text = text;
    record.nodes[0].versions[text] = text;
    record.results[9].case_id = text;
    const auto xml = junit(record);
    ASSERT_TRUE(xml) << byte << xml.error().text();
    ASSERT_EQ(xml_error(*xml), "") << byte;
  }
}

TEST(Junit, random_bytes_leave_it_readable)
{
  std::mt19937 random(5);
  std::uniform_int_distribution<int> bytes(0, 255);
  for (int round = 0; round < 100; ++round) {
    auto record = samples::mixed();
    for (auto& result : record.results)
      for (auto& attempt : result.attempts)
        for (int i = 0; i < 80; ++i) attempt.reason += static_cast<char>(bytes(random));
    const auto xml = junit(record);
    ASSERT_TRUE(xml) << xml.error().text();
    ASSERT_EQ(xml_error(*xml), "");
  }
}

TEST(Junit, names_are_unique_and_times_are_plain_numbers)
{
  pugi::xml_document document;
  ASSERT_TRUE(document.load_string(junit(samples::hostile()).value().c_str()));
  std::set<std::string> names;
  for (const auto& match : document.select_nodes("//testcase")) {
    const auto node = match.node();
    EXPECT_TRUE(names.insert(node.attribute("name").value()).second)
        << node.attribute("name").value();
    const std::string time = node.attribute("time").value();
    EXPECT_EQ(time.find_first_not_of("0123456789."), std::string::npos) << time;
  }
  EXPECT_EQ(names.size(), samples::hostile().results.size());
}

TEST(Junit, retries_are_told_the_way_jenkins_reads_them)
{
  pugi::xml_document document;
  ASSERT_TRUE(document.load_string(junit(samples::mixed()).value().c_str()));
  const auto flaky =
      document.select_node("//testcase[@name='smoke/nvidia_smi on ubuntu-gpu-0.example']").node();
  EXPECT_STREQ(flaky.child("flakyFailure").attribute("message").value(),
               "the pod was still Pending after 120s");
  EXPECT_TRUE(flaky.child("flakyFailure").child("stackTrace"));
  EXPECT_FALSE(flaky.child("failure"));
  const auto failed =
      document.select_node("//testcase[@name='smoke/cuda_vector_add on ubuntu-gpu-0.example']")
          .node();
  EXPECT_TRUE(failed.child("error"));
  EXPECT_TRUE(failed.child("rerunFailure"));
  EXPECT_STREQ(failed.attribute("classname").value(), "gpu.nixos.smoke");
  EXPECT_STREQ(failed.attribute("file").value(), "suites/smoke/cuda_vector_add.cpp");
  EXPECT_FALSE(document.select_node("//flakyError | //rerunError"));
}

TEST(Junit, stays_within_its_budgets_for_large_records)
{
  auto record = samples::large(50, 400);
  for (auto& result : record.results) result.attempts.back().reason = std::string(3'000, 'x');
  const auto text = junit(record);
  ASSERT_TRUE(text) << text.error().text();
  EXPECT_LE(text->size(), largest_junit_bytes);
  EXPECT_LE(occurrences(*text, "<") - occurrences(*text, "</"), most_junit_nodes);
  EXPECT_NE(text->find("left out for size"), std::string::npos);
}

TEST(Markdown, stays_within_its_bound_and_holds_no_active_text)
{
  for (auto record : {samples::hostile(), samples::large(60, 300)}) {
    for (int i = 0; i < 100; ++i) record.findings.push_back(record.findings.front());
    const auto text = markdown_summary(record);
    EXPECT_LE(text.size(), largest_markdown_bytes);
    EXPECT_EQ(text.find("<script"), text.find("<script", text.find("```")));
    EXPECT_EQ(text.find("\n::"), std::string::npos);
    EXPECT_EQ(text.find("##["), std::string::npos);
    EXPECT_EQ(occurrences(text, "\n```") % 2, 0U);
  }
}

TEST(Html, has_no_element_or_address_from_a_record)
{
  const auto page = html_page(samples::hostile());
  for (const auto* tag :
       {"<img", "<svg", "<iframe", "<object", "<embed", "<form", "<video", "<base", "<math",
        "<marquee", "<dialog", "<xss", "<a href=\"http", "javascript:owned\""})
    EXPECT_EQ(page.find(tag), std::string::npos) << tag;
  EXPECT_EQ(occurrences(page, "<script"), 2U);
  EXPECT_EQ(occurrences(page, "<style"), 1U);
  EXPECT_EQ(occurrences(page, "<link"), 1U);
  for (const unsigned char byte : page) ASSERT_TRUE(byte >= 0x20 || byte == '\n' || byte == '\t');
}

TEST(Html, is_at_most_two_megabytes_for_four_nodes_and_sixty_cases_and_eight_for_anything)
{
  EXPECT_LE(html_page(samples::large(4, 60)).size(), 2U << 20U);
  auto huge = samples::large(40, 600);
  for (auto& result : huge.results) result.attempts.back().reason = std::string(2'000, '&');
  for (int i = 0; i < 500; ++i) huge.findings.push_back(huge.findings.front());
  const auto page = html_page(huge);
  EXPECT_LE(page.size(), largest_html_bytes);
  EXPECT_NE(page.find("Trimmed for size"), std::string::npos);
}

TEST(Html, banners_of_replay_incomplete_and_simulated_stand_before_the_verdict)
{
  const auto page = html_page(samples::mixed());
  const auto verdict = page.find("<h1>");
  for (const auto* mark : {"<strong>REPLAY", "<strong>INCOMPLETE", "<strong>SIMULATED"})
    EXPECT_LT(page.find(mark), verdict) << mark;
}

TEST(Ndjson, is_one_object_a_line_from_run_to_end)
{
  for (const auto& record : all_samples()) {
    const auto lines = lines_of(ndjson(record));
    ASSERT_EQ(lines.size(),
              2 + record.nodes.size() + record.findings.size() + record.results.size());
    for (const auto& line : lines) {
      const auto json = nlohmann::json::parse(line, nullptr, false);
      ASSERT_TRUE(json.is_object()) << line;
      EXPECT_TRUE(json.contains("type") && json.contains("run_id"));
    }
    EXPECT_EQ(nlohmann::json::parse(lines.front())["type"], "run");
    EXPECT_EQ(nlohmann::json::parse(lines.back())["type"], "end");
  }
}

/// The counts that each format gives, read from the document itself.
struct Seen {
  std::string format;
  std::map<std::string, std::size_t> counts;
};

Seen seen_in_json(const Record& record)
{
  const auto again = record::parse_record(json_document(record));
  Seen seen{"json", {}};
  if (!again) return seen;
  for (const auto& result : again->results) ++seen.counts[std::string(word(result.verdict()))];
  return seen;
}

Seen seen_in_ndjson(const Record& record)
{
  Seen seen{"ndjson", {}};
  for (const auto& line : lines_of(ndjson(record))) {
    const auto json = nlohmann::json::parse(line);
    if (json["type"] == "result") ++seen.counts[json["verdict"].get<std::string>()];
  }
  return seen;
}

Seen seen_in_junit(const Record& record)
{
  Seen seen{"junit", {}};
  pugi::xml_document document;
  document.load_string(junit(record).value().c_str());
  for (const auto& match : document.select_nodes("//testcase/properties/property[@name='verdict']"))
    ++seen.counts[match.node().attribute("value").value()];
  return seen;
}

Seen seen_in_html(const Record& record)
{
  Seen seen{"html", {}};
  const auto page = html_page(record);
  for (const auto& look : looks) {
    const auto rows = occurrences(page, fmt::format("data-state=\"{}\"", look.key));
    if (rows > 0) seen.counts[std::string(look.key)] = rows;
  }
  const auto flaky = occurrences(page, "data-state=\"flaky\"");
  if (flaky > 0) seen.counts["pass"] += flaky;
  return seen;
}

Seen seen_in_markdown(const Record& record)
{
  Seen seen{"markdown", {}};
  const auto lines = lines_of(markdown_summary(record));
  const auto head = std::find_if(lines.begin(), lines.end(),
                                 [](const auto& line) { return line.starts_with("| total |"); });
  auto cells = base::split(*(head + 2), '|');
  for (std::size_t i = 0; i < looks.size(); ++i) {
    const auto value = std::stoul(cells.at(i + 2));
    if (value > 0) seen.counts[std::string(looks.at(i).key)] = value;
  }
  return seen;
}

Seen seen_in_console(const Record& record)
{
  Seen seen{"console", {}};
  for (const auto& line : lines_of(console(record, {}))) {
    if (!line.starts_with('[')) continue;
    for (const auto& look : looks)
      if (line.find(fmt::format("] {} {:<7} ", look.ascii, look.word)) != std::string::npos)
        ++seen.counts[std::string(look.key)];
    if (line.find("] f FLAKY") != std::string::npos) ++seen.counts["pass"];
  }
  return seen;
}

TEST(Documents, every_format_read_back_gives_the_same_counts)
{
  for (const auto& record : all_samples()) {
    std::map<std::string, std::size_t> wanted;
    const auto counts = count(record);
    for (const auto& [verdict, text] : record::Words<Verdict>::table)
      if (counts.of(verdict) > 0) wanted[std::string(text)] = counts.of(verdict);
    for (const auto& seen :
         {seen_in_json(record), seen_in_ndjson(record), seen_in_junit(record), seen_in_html(record),
          seen_in_markdown(record), seen_in_console(record)})
      EXPECT_EQ(seen.counts, wanted) << seen.format << " of " << record.run_id;
    pugi::xml_document document;
    document.load_string(junit(record).value().c_str());
    const auto suite = document.child("testsuites").child("testsuite");
    EXPECT_EQ(number(suite, "tests"), counts.total);
    EXPECT_EQ(number(suite, "failures"),
              counts.of(Verdict::fail) + counts.of(Verdict::stale_waiver));
    EXPECT_EQ(number(suite, "errors"), counts.of(Verdict::broken));
    EXPECT_EQ(number(suite, "failures"), document.select_nodes("//testcase/failure").size());
    EXPECT_EQ(number(suite, "errors"), document.select_nodes("//testcase/error").size());
    EXPECT_EQ(number(suite, "skipped"), document.select_nodes("//testcase/skipped").size());
  }
}

TEST(Documents, are_as_approved)
{
  const auto record = samples::nvml_missing();
  expect_golden("reports/approved/nvml-missing.junit.xml", junit(record).value());
  expect_golden("reports/approved/nvml-missing.report.json", json_document(record));
  expect_golden("reports/approved/nvml-missing.summary.md", markdown_summary(record));
  expect_golden("reports/approved/mixed.junit.xml", junit(samples::mixed()).value());
  expect_golden("reports/approved/mixed.summary.md", markdown_summary(samples::mixed()));
  expect_golden("reports/approved/mixed.report.html", html_page(samples::mixed()));
}

TEST(WriteReports, all_files_are_there_and_share_the_run_id)
{
  const auto folder = base::ScopedDirectory::make(::testing::TempDir(), "reports");
  ASSERT_TRUE(folder);
  const auto record = samples::mixed();
  const auto written = write_reports(record, folder->path() / "deep" / "er");
  ASSERT_TRUE(written) << written.error().text();
  EXPECT_EQ(written->size(), 5U);
  for (const auto& report : *written) {
    const auto text = base::read_file(report.path);
    ASSERT_TRUE(text) << report.path;
    EXPECT_NE(text->find(record.run_id), std::string::npos) << report.path;
  }
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder->path() / "deep" / "er")) {
    (void)entry;
    ++files;
  }
  EXPECT_EQ(files, 5U) << "nothing that was written aside is left";
}

TEST(WriteReports, a_folder_that_cannot_be_made_is_an_error)
{
  const auto folder = base::ScopedDirectory::make(::testing::TempDir(), "reports");
  ASSERT_TRUE(folder);
  ASSERT_TRUE(base::write_file(folder->path() / "file", "x"));
  const auto written = write_reports(samples::healthy(), folder->path() / "file" / "below");
  ASSERT_FALSE(written);
  EXPECT_EQ(record::exit_code(samples::healthy(), {.reports_failed = true}),
            record::ExitCode::reports_not_written);
}

}  // namespace
}  // namespace coroner::report
