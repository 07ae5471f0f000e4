// SPDX-License-Identifier: Apache-2.0
// Records written as JSON.
#include "harness/record/fields.h"
#include "harness/record/json.h"

namespace coroner::record {

namespace {

using nlohmann::ordered_json;

/// Receives each field of an object and puts it into `target`.
struct Writer {
  ordered_json target = ordered_json::object();

  void operator()(const char* name, const auto& value) { target[name] = convert(value); }

  static ordered_json convert(const std::string& value) { return value; }
  static ordered_json convert(int value) { return value; }
  static ordered_json convert(bool value) { return value; }
  static ordered_json convert(double value) { return value; }
  static ordered_json convert(std::chrono::milliseconds value) { return value.count(); }
  static ordered_json convert(Time value) { return time_text(value); }
  static ordered_json convert(const HasWords auto& value) { return word(value); }

  template <class Element>
  static ordered_json convert(const std::vector<Element>& values)
  {
    auto list = ordered_json::array();
    for (const auto& value : values) list.push_back(convert(value));
    return list;
  }

  static ordered_json convert(const std::map<std::string, std::string>& values)
  {
    auto object = ordered_json::object();
    for (const auto& [key, value] : values) object[key] = value;
    return object;
  }

  template <class Object>
    requires requires(Writer& writer, const Object& object) { fields(writer, object); }
  static ordered_json convert(const Object& object)
  {
    Writer inner;
    fields(inner, object);
    return std::move(inner.target);
  }
};

}  // namespace

ordered_json to_json(const CaseResult& result)
{
  return Writer::convert(result);
}

ordered_json to_json(const Finding& finding)
{
  return Writer::convert(finding);
}

ordered_json to_json(const Node& node)
{
  return Writer::convert(node);
}

ordered_json to_json(const Counts& counts)
{
  ordered_json object = {{"total", counts.total}};
  for (const auto& [verdict, text] : Words<Verdict>::table)
    object[std::string(text)] = counts.of(verdict);
  object["flaky"] = counts.flaky;
  return object;
}

ordered_json to_json(const Record& record)
{
  Writer writer;
  writer.target["schema"] = schema_version;
  writer.target["summary"] = {
      {"verdict", verdict_word(record)},       {"exit_code", static_cast<int>(exit_code(record))},
      {"is_complete", record.is_complete()},   {"is_replay", record.is_replay()},
      {"is_simulated", record.is_simulated()}, {"counts", to_json(count(record))}};
  fields(writer, record);
  return std::move(writer.target);
}

std::string json_text(const ordered_json& value, int indent)
{
  auto text = value.dump(indent, ' ', true, ordered_json::error_handler_t::replace);
  // Runners act on "##[" (actions/runner, ActionCommand.cs, TryParse) and "##vso[" (Azure's agent,
  // Command.cs) anywhere in a line. JSON has '#' only inside strings, so the escape means the same.
  constexpr std::string_view marker = "##";
  constexpr std::string_view inert = "#\\u0023";
  for (auto at = text.find(marker); at != std::string::npos; at = text.find(marker, at))
    text.replace(at, marker.size(), inert);
  return text;
}

}  // namespace coroner::record
