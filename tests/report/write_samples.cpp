// SPDX-License-Identifier: Apache-2.0
// Writes the reports of the sample records below a folder, for readers of other projects.
#include <cstdio>
#include <filesystem>

#include "harness/report/samples/samples.h"
#include "harness/report/write.h"

int main(int count, char** arguments)
{
  using namespace coroner;
  if (count != 2) return 2;
  const std::filesystem::path folder = arguments[1];
  const std::pair<const char*, record::Record> samples[] = {
      {"healthy", report::samples::healthy()},    {"nvml-missing", report::samples::nvml_missing()},
      {"mixed", report::samples::mixed()},        {"hostile", report::samples::hostile()},
      {"large", report::samples::large(40, 200)},
  };
  for (const auto& [name, record] : samples) {
    const auto written = report::write_reports(record, folder / name);
    if (written) continue;
    std::fprintf(stderr, "%s\n", written.error().text().c_str());
    return 8;
  }
  return 0;
}
