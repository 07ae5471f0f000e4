// SPDX-License-Identifier: Apache-2.0
// The documents of a record and their file names.
#include "harness/report/write.h"

#include <array>

#include "harness/base/files.h"
#include "harness/report/documents.h"

namespace coroner::report {

namespace {

/// One document: its format, its file, and what makes it.
struct Document {
  const char* format;
  const char* file;
  base::Result<std::string> (*make)(const record::Record&);
};

constexpr std::array<Document, 5> documents = {{
    {"html", "report.html",
     [](const record::Record& of) -> base::Result<std::string> { return html_page(of); }},
    {"junit", "junit.xml", junit},
    {"markdown", "summary.md",
     [](const record::Record& of) -> base::Result<std::string> { return markdown_summary(of); }},
    {"ndjson", "report.ndjson",
     [](const record::Record& of) -> base::Result<std::string> { return ndjson(of); }},
    // Last: where it is, the others are.
    {"json", "report.json",
     [](const record::Record& of) -> base::Result<std::string> { return json_document(of); }},
}};

}  // namespace

base::Result<std::vector<record::ReportFile>> write_reports(const record::Record& record,
                                                            const std::filesystem::path& directory)
{
  if (auto made = base::make_directories(directory); !made)
    return base::pass_on(made.error(), "while writing reports");
  auto whole = record;
  whole.reports.clear();
  for (const auto& document : documents)
    whole.reports.push_back({document.format, (directory / document.file).string()});
  for (const auto& document : documents) {
    const auto path = directory / document.file;
    const auto text = document.make(whole);
    if (!text) return base::pass_on(text.error(), "while writing " + path.string());
    if (auto written = base::write_file(path, *text); !written)
      return base::pass_on(written.error(), "while writing reports");
  }
  return whole.reports;
}

}  // namespace coroner::report
