// SPDX-License-Identifier: Apache-2.0
#include "harness/testing/json_schema.h"

#include "harness/base/command.h"
#include "harness/base/files.h"

namespace coroner::testing {
namespace {

constexpr std::chrono::seconds patience{60};
constexpr int not_installed = 42;
constexpr const char* program =
    "import json, sys\n"
    "try:\n  import jsonschema\n"
    "except ImportError: sys.exit(42)\n"
    "schema, document = (json.load(open(name)) for name in sys.argv[1:])\n"
    "errors = jsonschema.Draft202012Validator(schema).iter_errors(document)\n"
    "print('\\n'.join(e.json_path + ': ' + e.message for e in errors), end='')\n";

}  // namespace

std::optional<std::string> schema_refusal(const std::filesystem::path& schema,
                                          const std::string& text)
{
  const auto folder =
      base::ScopedDirectory::make(std::filesystem::temp_directory_path(), "json-schema-");
  if (!folder) return folder.error().text();
  const auto file = folder->path() / "document.json";
  if (const auto written = base::write_file(file, text); !written) return written.error().text();
  const auto done =
      base::run({.arguments = {"/usr/bin/python3", "-c", program, schema.string(), file.string()}},
                base::Deadline::in(patience));
  if (!done) return done.error().text();
  if (done->exit_code == not_installed) return std::nullopt;
  return done->exit_code == 0 ? done->output : "python3: " + done->errors;
}

}  // namespace coroner::testing
