// SPDX-License-Identifier: Apache-2.0
// `coroner report`: a saved run shown again, and its reports written again.
#include <filesystem>
#include <memory>

#include "harness/base/files.h"
#include "harness/cli/catalogue.h"
#include "harness/cli/offline.h"
#include "harness/cli/output.h"
#include "harness/cli/program.h"
#include "harness/cli/verbs.h"
#include "harness/record/json.h"
#include "harness/report/console.h"
#include "harness/report/documents.h"
#include "harness/report/write.h"

namespace coroner::cli {
namespace {

using base::Result;

struct ReportWords {
  std::string place;
  std::string directory;
  std::string output = "text";
};

/// A report.json as it was written; anything else as evidence.
Result<record::Record> read_record(const ReportWords& words, const std::string& version)
{
  if (std::filesystem::path(words.place).extension() == ".json") {
    TRY_ASSIGN(text, base::read_file(words.place, record::largest_record_bytes));
    auto parsed = record::parse_record(text);
    if (!parsed) return base::pass_on(std::move(parsed).error(), "while reading " + words.place);
    return parsed;
  }
  TRY_ASSIGN(input, read_input(words.place));
  if (!input.bundle)
    return base::error_with_hint(base::ErrorKind::invalid,
                                 words.place + " is neither a bundle nor a report.json",
                                 "logs and loose files are for: coroner diagnose");
  TRY_ASSIGN(catalogue, load_catalogue());
  TRY_ASSIGN(assessment, assess(input, catalogue, version));
  return std::move(assessment.record);
}

int run_report(const ReportWords& words, const std::string& version)
{
  auto record = read_record(words, version);
  if (!record) return report_error(record.error());
  int code = exit_good;
  if (!words.directory.empty()) {
    auto written = report::write_reports(*record, words.directory);
    if (!written) {
      report_error(written.error());
      code = static_cast<int>(record::ExitCode::reports_not_written);
    } else {
      record->reports = std::move(*written);
    }
  }
  if (words.output == "json")
    print(report::json_document(*record));
  else if (words.output == "short")
    print(report::short_text(*record));
  else
    print(report::console(*record, stdout_style()));
  return code;
}

}  // namespace

void add_report(CLI::App& program, Chosen& chosen, const std::string& version)
{
  auto* verb = program.add_subcommand(
      "report", "Show a saved run again and write its reports again: HTML, JUnit, JSON, Markdown");
  const auto words = std::make_shared<ReportWords>();
  verb->add_option("run", words->place, "A bundle (folder or .tar.zst) or a report.json")
      ->required();
  verb->add_option("--report-dir", words->directory, "Folder for all reports; made where missing");
  verb->add_option("--output", words->output, "text, short (for pasting) or json (default: text)")
      ->check(CLI::IsMember({"text", "short", "json"}));
  verb->footer(R"(Examples:
  coroner report report.json
  coroner report report.json --report-dir ./again
  coroner report bundle.tar.zst --report-dir ./reports --output short

Exit codes: 0 shown, whatever the run's own verdict; 2 or 3 not readable; 8 a report not written.)");
  verb->callback([&chosen, words, version] {
    chosen.action = [words, version] { return run_report(*words, version); };
  });
}

}  // namespace coroner::cli
