// SPDX-License-Identifier: Apache-2.0
// The record as JSON, whole and line by line.
#include "harness/record/json.h"

#include "harness/report/documents.h"

namespace coroner::report {

std::string json_document(const record::Record& record)
{
  return record::json_text(record::to_json(record)) + "\n";
}

std::string ndjson(const record::Record& record)
{
  std::string all;
  const auto add = [&](const char* type, const nlohmann::ordered_json& fields) {
    nlohmann::ordered_json line = {{"type", type}, {"run_id", record.run_id}};
    line.update(fields);
    all += record::json_text(line, -1) + "\n";
  };
  auto head = record::to_json(record);
  const auto summary = head["summary"];
  for (const auto* part : {"summary", "nodes", "cases", "results", "findings"}) head.erase(part);
  add("run", head);
  for (const auto& node : record.nodes) add("node", record::to_json(node));
  for (const auto& finding : record.findings) add("finding", record::to_json(finding));
  for (const auto& result : record.results) {
    auto fields = record::to_json(result);
    fields["verdict"] = record::word(result.verdict());
    fields["is_flaky"] = result.is_flaky();
    add("result", fields);
  }
  add("end", summary);
  return all;
}

}  // namespace coroner::report
