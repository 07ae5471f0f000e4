// SPDX-License-Identifier: Apache-2.0
#include "tests/report/hostile_bundle.h"

#include <vector>

#include <nlohmann/json.hpp>

#include "harness/base/text.h"
#include "harness/evidence/json_text.h"
#include "harness/evidence/path.h"
#include "harness/evidence/reader.h"
#include "harness/evidence/writer.h"
#include "harness/objects/object.h"

namespace coroner {
namespace {

using base::Result;
using nlohmann::json;

constexpr std::size_t long_line_bytes = 1U << 20U;

const std::vector<std::string>& attack_lines()
{
  using namespace std::string_literals;
  static const std::vector<std::string> lines = {
      "<script>alert('zap01')</script>",
      "zap02 ]]> <![CDATA[ <zap02/> &zap02; --></style><script src=//zap02.example></script>",
      "</pre></code></td></table></textarea></title><img src=https://zap03.example "
      "onerror=zap03()>",
      "\" onmouseover=\"zap04()\" style=\"background:url(https://zap04.example)\" ' "
      "onclick='zap04()",
      "javascript:zap05() <a href=\"javascript:zap05()\">zap05</a> data:text/html,zap05",
      "\x1b[31mzap06\x1b[0m \x1b[2J\x1b[H\x1b[?1049h \x1b[0Ksection_start:1:zap06\r\x1b[0K",
      "\x1b]8;;https://zap07.example\x1b\\zap07\x1b]8;;\x1b\\ \x1b]0;zap07\a \x1b]52;c;emFw\a",
      "zap08 \x1bPzap08\x1b\\ \x1b_zap08\x1b\\ \x1b[8mha:zap08\x1b[0m \x1b[6n \x1b",
      "zap09 \a\b\v\f\x7f \x01\x02\x1f \xc2\x9b"
      "31m \xc2\x9d"
      "0;zap09\xc2\x9c \xc2\x85 zap09",
      "zap10 \0 zap10"s,
      "zap11 \u202e\u2066\u200f\u061c gnp.zap11 \u2069 \u2028 zap11 \u2029 \ufeff \ufffe \uffff",
      "zap12 \xff\xfe \xc0\xbc"
      "script\xc0\xbe \xe2\x82 \xf5\x80\x80\x80 \xf0\x9f\x92",
      "zap13 \xed\xa0\x80 \xed\xb0\x80 \xed\xa0\xbd\xed\xb2\xa9",
      "zap14 over\rwritten\r",
      "::error file=zap15,line=1::zap15",
      "  ::set-output name=zap16::zap16",
      "\t::add-mask::zap17",
      "##[error]zap18 ##[group]zap18",
      "##vso[task.setvariable variable=zap19]zap19",
      "section_start:1700000000:zap20[collapsed=true]\r\x1b[0Kzap20",
      "section_end:1700000000:zap21",
      "| zap22 | zap22 |",
      "| --- | --- |",
      "```zap23",
      "</code>zap24 ~~~ `` ` ``` zap24",
      "![zap25](https://zap25.example/p.png) [zap25](javascript:zap25) <https://zap25.example>",
      "[zap26]: https://zap26.example \"zap26\"",
      "# zap27",
      "- zap28 @zap28 @org/zap28 #28 GH-28 org/repo#28",
      "> zap29 **zap29** _zap29_ ~~zap29~~ $zap29$ https://zap29.example www.zap29.example",
      "{{zap30}} ${zap30} $(zap30) `zap30` %(zap30)s {0} %n",
      "&lt;script&gt;zap31&lt;/script&gt; &#60;zap31&#62; \\u003czap31\\u003e",
      "</script><script>zap32</script> <!--<script>zap32",
  };
  return lines;
}

/// `text` as JSON can hold it: bytes that are no UTF-8 become U+FFFD.
std::string fit_for_json(const std::string& text)
{
  return json::parse(evidence::dump_json(text)).get<std::string>();
}

/// What the writer is told, with `text` in every place that a cluster fills freely.
class Retelling {
 public:
  Retelling(const evidence::Reader& recorded, evidence::Writer& writer, std::string text)
      : recorded_(recorded),
        writer_(writer),
        text_(std::move(text)),
        short_(text_.substr(0, text_.rfind('\n'))),
        printed_(fit_for_json(text_)),
        told_(printed_.substr(0, printed_.rfind('\n')))
  {}

  Result<void> tell(const evidence::Event& event)
  {
    using evidence::EventKind;
    switch (event.kind) {
      case EventKind::object:
        return writer_.object(object(event.data), event.change);
      case EventKind::log:
        return log(event.path);
      case EventKind::pod_result:
        return pod_result(event.path);
      case EventKind::collected:
        return writer_.collected(objects::text_at(event.data, "/place"),
                                 objects::text_at(event.data, "/node"));
      case EventKind::plan:
        return writer_.plan(event.data);
      case EventKind::answer:
        return writer_.answer(answer(event.data));
      case EventKind::verdict:
        return writer_.verdict(ending(event.data));
      default:
        return {};
    }
  }

  /// What the recorded run had no reason to ask for.
  Result<void> tell_more()
  {
    TRY(writer_.object(
        {{"apiVersion", "v1"},
         {"kind", "Event"},
         {"metadata", {{"name", "smoke.1"}, {"namespace", smoke_space_}}},
         {"involvedObject", {{"kind", "Pod"}, {"namespace", smoke_space_}, {"name", smoke_pod}}},
         {"type", "Warning"},
         {"reason", told_},
         {"message", told_},
         {"lastTimestamp", "2026-11-21T15:11:55Z"}}));
    TRY(writer_.not_collected("api/v1/Event", "", told_));
    return writer_.note(told_);
  }

 private:
  static constexpr const char* smoke_pod = "coroner-smoke-gpu-1";
  static constexpr const char* broken_pod = "coroner-security-visible-devices-all-1";

  json object(json object)
  {
    const auto kind = objects::kind_of(object);
    if (kind == "Node") spoil_node(object);
    if (kind == "Pod" && objects::name_of(object) == smoke_pod) {
      smoke_space_ = objects::namespace_of(object);
      spoil_states(object, "terminated");
    }
    if (kind == "Pod" && objects::name_of(object) == broken_pod) {
      object["status"]["phase"] = "Pending";
      for (auto& state : object["status"]["containerStatuses"])
        state["state"] = {{"waiting", {{"reason", "CreateContainerError"}, {"message", told_}}}};
    }
    return object;
  }

  void spoil_node(json& node) const
  {
    node["metadata"]["labels"]["example/free"] = told_;
    node["metadata"]["labels"]["nvidia.com/gpu.product"] = told_;
    node["metadata"]["labels"][told_.substr(0, 200)] = told_;
    node["metadata"]["annotations"]["example/free"] = told_;
    for (const auto* part : {"osImage", "kernelVersion", "containerRuntimeVersion"}) {
      auto& value = node["status"]["nodeInfo"][part];
      value = value.get<std::string>() + " " + told_;
    }
    for (auto& condition : node["status"]["conditions"]) condition["message"] = told_;
  }

  void spoil_states(json& pod, const std::string& state) const
  {
    pod["metadata"]["labels"]["example/free"] = told_;
    auto& status = pod["status"];
    status["message"] = told_;
    status["reason"] = told_;
    for (auto& condition : status["conditions"]) condition["message"] = told_;
    for (const auto* list : {"containerStatuses", "initContainerStatuses"})
      if (status.contains(list))
        for (auto& container : status[list])
          if (container["state"].contains(state)) container["state"][state]["message"] = told_;
  }

  /// What a payload printed: its line spoilt, and whatever else the pod says around it. The longest
  /// line is said by one container only: every one would only cost time.
  std::string payload_text(const std::string& path) const
  {
    std::string all;
    for (const auto& line : base::split(recorded_.content(path).value_or(""), '\n')) {
      auto value = json::parse(line, nullptr, false);
      if (!value.is_object()) continue;
      const auto kind = objects::text_at(value, "/kind");
      const bool is_smoke = path.find("smoke") != std::string::npos;
      if (kind == "vectoradd") value["gpu"]["name"] = told_;
      if (is_smoke && kind != "vectoradd") {
        value["ok"] = false;
        value["error"] = kind == "smi" ? printed_ : told_;
      }
      if (kind == "inspect") {
        value["driver"]["version"] = told_;
        value["machine"]["host_name"] = told_;
      }
      all += evidence::dump_json(value) + "\n";
    }
    const bool is_long = path.find("vector") != std::string::npos;
    return (is_long ? text_ : short_) + "\n" + all + short_ + "\n";
  }

  Result<void> log(const std::string& path)
  {
    const auto names = evidence::names_of(path);
    const evidence::LogName name{names.name_space, names.name, names.container, names.is_previous};
    if (names.name_space != "kube-system") return writer_.log(name, payload_text(path));
    // Each line is a place where the cause is seen, with an attack in it and around it.
    std::string all;
    for (const auto& line : base::split(short_, '\n'))
      all += line + "\nerror starting plugins: invalid --device-discovery-strategy option x" +
             line.substr(0, 200) + "\n" + line + "\n";
    return writer_.log(name, all);
  }

  Result<void> pod_result(const std::string& path)
  {
    const auto names = evidence::names_of(path);
    return writer_.pod_result(names.node, names.name, payload_text(path));
  }

  json answer(json answer) const
  {
    answer["status"] = "refused";
    answer["message"] = told_;
    return answer;
  }

  json ending(json ending) const
  {
    for (const auto* part : {"cluster", "note", "reproduce"}) ending[part] = told_;
    return ending;
  }

  const evidence::Reader& recorded_;
  evidence::Writer& writer_;
  const std::string text_;
  const std::string short_;    ///< Without its last line, a mebibyte.
  const std::string printed_;  ///< `text_` as JSON can hold it.
  const std::string told_;     ///< `short_` likewise.
  std::string smoke_space_;
};

}  // namespace

std::string attacks()
{
  std::string all;
  for (const auto& line : attack_lines()) all += line + "\n";
  const std::string_view unit = "<b>zap33 ``` ::error::\x1b[31m";
  std::string last;
  while (last.size() < long_line_bytes) last += unit;
  return all + last;
}

std::string calm(std::string_view text)
{
  std::string letters(text);
  for (auto& c : letters)
    if (c != '\n') c = 'x';
  return letters;
}

Result<void> write_bundle(const std::filesystem::path& recorded,
                          const std::filesystem::path& folder, const std::string& text)
{
  TRY_ASSIGN(reader, evidence::Reader::open(recorded));
  auto manifest = reader.manifest();
  for (auto* told : {&manifest.cluster.server, &manifest.cluster.version})
    *told += " " + fit_for_json(text.substr(0, 2'000));
  TRY_ASSIGN(writer, evidence::Writer::create(folder, std::move(manifest)));
  Retelling retelling(reader, writer, text);
  TRY_ASSIGN(events, reader.events());
  for (const auto& event : events) TRY(retelling.tell(event));
  TRY(retelling.tell_more());
  TRY(writer.finish());
  return {};
}

}  // namespace coroner
