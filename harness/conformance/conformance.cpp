// SPDX-License-Identifier: Apache-2.0
#include "harness/conformance/conformance.h"

#include <gtest/gtest.h>

#include "harness/base/command.h"
#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/record/json.h"
#include "harness/report/console.h"
#include "harness/report/view.h"

namespace coroner::conformance {
namespace {

using base::ErrorKind;
using base::Result;
namespace fs = std::filesystem;

/// A probe has its own deadline of at most an hour, and clean-up after it.
constexpr std::chrono::minutes probe_patience{65};
constexpr std::size_t last_words = 5;

/// One result; what it says was decided long before.
class ResultTest : public testing::Test {
 public:
  ResultTest(const record::Record& record, const record::CaseResult& result)
      : record_(record), result_(result)
  {}

  void TestBody() override
  {
    const auto verdict = result_.verdict();
    if (verdict == record::Verdict::skip) GTEST_SKIP() << base::printable(result_.reason());
    if (!record::fails_a_run(verdict)) return;
    const report::Style plain;
    const auto* finding = report::finding_of(record_, result_);
    const auto block = finding == nullptr ? report::unexplained_block(result_, plain)
                                          : report::finding_block(record_, *finding, plain);
    ADD_FAILURE() << record::word(verdict) << ": " << base::printable(result_.reason()) << "\n"
                  << block;
  }

 private:
  const record::Record& record_;
  const record::CaseResult& result_;
};

Result<record::Record> read(const fs::path& place)
{
  std::error_code code;
  const auto file = fs::is_directory(place, code) ? place / "report.json" : place;
  TRY_ASSIGN(text, base::read_file(file, record::largest_record_bytes));
  auto parsed = record::parse_record(text);
  if (!parsed) return base::pass_on(std::move(parsed).error(), "while reading " + file.string());
  return parsed;
}

}  // namespace

Result<Words> take_words(std::vector<std::string>& line)
{
  Words words;
  std::vector<std::string> rest;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == "--") {
      words.arguments.assign(line.begin() + static_cast<std::ptrdiff_t>(i) + 1, line.end());
      break;
    }
    const bool is_record = line[i] == "--record";
    if (!is_record && line[i] != "--probe") {
      rest.push_back(line[i]);
      continue;
    }
    if (++i == line.size()) return base::error(ErrorKind::invalid, "{} needs a value", line[i - 1]);
    if (is_record)
      words.record = line[i];
    else
      words.probe = line[i];
  }
  line = std::move(rest);
  return words;
}

Result<record::Record> record_for(const Words& words)
{
  if (!words.record.empty()) return read(words.record);
  TRY_ASSIGN(folder,
             base::ScopedDirectory::make(fs::temp_directory_path(), "coroner-conformance-"));
  std::vector<std::string> arguments = {words.probe, "probe", "--report-dir",
                                        (folder.path() / "report").string()};
  arguments.insert(arguments.end(), words.arguments.begin(), words.arguments.end());
  TRY_ASSIGN(ended, base::run({.arguments = arguments}, base::Deadline::in(probe_patience)));
  auto record = read(folder.path() / "report");
  if (!record)
    return base::error(ErrorKind::unreachable, "the probe gave no record (exit code {}): {}",
                       ended.exit_code, base::last_lines(ended.errors, last_words));
  return record;
}

std::size_t register_results(const record::Record& record)
{
  for (const auto& result : record.results) {
    const auto suite = std::string(record::suite_of(result.case_id));
    const auto name = std::string(record::name_of(result.case_id)) + "/" +
                      (result.node.empty() ? "cluster" : result.node);
    const auto file = record::file_of(result.case_id);
    testing::RegisterTest(suite.c_str(), name.c_str(), nullptr, nullptr, file.c_str(), 1,
                          [&record, &result]() -> testing::Test* {
                            return new ResultTest(record, result);  // GoogleTest owns it
                          });
  }
  return record.results.size();
}

int exit_code(const record::Record& record, int gtest_code)
{
  const auto& unit = *testing::UnitTest::GetInstance();
  if (unit.test_to_run_count() == 0) return static_cast<int>(record::ExitCode::nothing_selected);
  if (gtest_code != 0) return gtest_code;
  if (unit.skipped_test_count() == unit.test_to_run_count())
    return static_cast<int>(record::ExitCode::all_skipped);
  const auto whole = record::exit_code(record);
  // A filter may have left out what failed; what concerns the whole run counts all the same.
  if (whole == record::ExitCode::leftovers || whole == record::ExitCode::incomplete)
    return static_cast<int>(whole);
  return 0;
}

}  // namespace coroner::conformance
