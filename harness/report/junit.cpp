// SPDX-License-Identifier: Apache-2.0
// JUnit XML that every reader takes, whatever a log held.
#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include <pugixml.hpp>

#include "harness/base/text.h"
#include "harness/report/documents.h"
#include "harness/report/excerpt.h"
#include "harness/report/text.h"
#include "harness/report/view.h"

namespace coroner::report {

using record::Attempt;
using record::CaseResult;
using record::Record;
using record::Verdict;

namespace {

constexpr std::size_t longest_message = 200;
constexpr std::size_t most_evidence_lines = 60;

/// Bytes and elements that may still be written.
struct Budget {
  std::size_t bytes = largest_junit_bytes / 2;  ///< The rest is for markup and escapes.
  std::size_t nodes = most_junit_nodes;

  /// `text` cleaned and cut to what one case and the whole file may take.
  std::string take(const std::string& text)
  {
    auto cut = clipped(clean(text), std::min(largest_case_text_bytes - 64, bytes));
    bytes -= std::min(bytes, cut.size());
    return cut;
  }
};

/// How JUnit calls verdicts that are no pass; nullptr: a pass.
const char* element_of(Verdict verdict)
{
  switch (verdict) {
    case Verdict::fail:
    case Verdict::stale_waiver:
      return "failure";
    case Verdict::broken:
      return "error";
    case Verdict::blocked:
    case Verdict::skip:
    case Verdict::waived:
      return "skipped";
    default:
      return nullptr;
  }
}

void attribute(pugi::xml_node node, const char* name, const std::string& value)
{
  node.append_attribute(name) = clean_line(value, 1000).c_str();
}

/// Surefire's form: a dot, three decimals, no grouping.
std::string seconds(std::chrono::milliseconds duration)
{
  return fmt::format("{}.{:03}", duration.count() / 1000, duration.count() % 1000);
}

class Writer {
 public:
  explicit Writer(const Record& record) : record_(record) {}

  void write(pugi::xml_document& document)
  {
    auto declaration = document.append_child(pugi::node_declaration);
    declaration.append_attribute("version") = "1.0";
    declaration.append_attribute("encoding") = "UTF-8";
    auto root = document.append_child("testsuites");
    attribute(root, "name", "coroner " + record_.run_id);
    auto suite = root.append_child("testsuite");
    attribute(suite, "name", cell_name(record_));
    totals(root);
    totals(suite);
    auto started = record::time_text(record_.started);
    attribute(suite, "timestamp", started.substr(0, started.size() - 5) + "Z");
    attribute(suite, "hostname", record_.cluster.name.empty() ? "cluster" : record_.cluster.name);
    suite_properties(suite);
    for (const auto& result : record_.results) {
      if (budget_.nodes < 60) {
        ++left_out_;
        continue;
      }
      test_case(suite, result);
    }
    if (left_out_ > 0)
      text_child(suite, "system-out",
                 fmt::format("{} left out for size; report.json has all of them",
                             number_of(left_out_, "check")));
  }

 private:
  pugi::xml_node child(pugi::xml_node parent, const char* name)
  {
    budget_.nodes -= std::min<std::size_t>(budget_.nodes, 2);
    return parent.append_child(name);
  }

  void text_child(pugi::xml_node parent, const char* name, const std::string& text)
  {
    child(parent, name).text() = budget_.take(text).c_str();
  }

  void property(pugi::xml_node properties, const std::string& name, const std::string& value)
  {
    if (value.empty()) return;
    auto node = child(properties, "property");
    attribute(node, "name", name);
    attribute(node, "value", value);
  }

  void totals(pugi::xml_node node) const
  {
    std::map<std::string, std::size_t> totals = {{"failure", 0}, {"error", 0}, {"skipped", 0}};
    for (const auto& result : record_.results)
      if (const auto* element = element_of(result.verdict())) ++totals[element];
    node.append_attribute("tests") = record_.results.size();
    node.append_attribute("failures") = totals["failure"];
    node.append_attribute("errors") = totals["error"];
    node.append_attribute("skipped") = totals["skipped"];
    attribute(node, "time",
              seconds(std::max(record_.ended - record_.started, std::chrono::milliseconds{0})));
  }

  void suite_properties(pugi::xml_node suite)
  {
    auto properties = child(suite, "properties");
    property(properties, "verdict", std::string(verdict_word(record_)));
    property(properties, "counts", counts_text(count(record_)));
    for (const auto& [what, value] : environment(record_)) property(properties, what, value);
    for (const auto& banner : banners(record_)) property(properties, banner.mark, banner.text);
    for (const auto& leftover : record_.leftovers) property(properties, "leftover", leftover);
    for (const auto& text : record_.disclosed) property(properties, "disclosed", text);
  }

  /// Unique in the file and the same in every run.
  std::string unique_name(const CaseResult& result)
  {
    const auto name = clean_line(result.case_id + " on " + place_of(result), 300);
    auto unique = name;
    for (int copy = 2; !names_.insert(unique).second; ++copy)
      unique = fmt::format("{} ({})", name, copy);
    return unique;
  }

  std::string title_of(const CaseResult& result, const Attempt& attempt) const
  {
    const auto* finding = finding_of(record_, result);
    if (finding != nullptr && attempt.verdict != Verdict::skip)
      return clean_line(finding->cause + " " + finding->title, longest_message);
    return clean_line(attempt.reason.empty() ? std::string(word(attempt.verdict)) : attempt.reason,
                      longest_message);
  }

  std::string type_of(const CaseResult& result) const
  {
    return result.cause.empty() ? "unexplained" : result.cause;
  }

  std::string explanation(const CaseResult& result, const Attempt& attempt) const
  {
    std::vector<std::string> lines = {attempt.reason};
    if (const auto* finding = finding_of(record_, result)) {
      lines.push_back(finding->cause + " " + finding->title);
      lines.push_back("why: " + finding->because);
      for (const auto& evidence : finding->evidence) {
        if (lines.size() >= most_evidence_lines) break;
        const auto parts = excerpt_of(evidence, 1000);
        lines.push_back("evidence: " + source_of(evidence));
        lines.push_back("  " + clean_line(parts.before + parts.match + parts.after, 2000));
      }
      lines.push_back("fix: " + finding->fix.text);
      lines.push_back("verify: " + finding->verify);
      lines.push_back("explain: coroner explain " + finding->cause);
    }
    lines.push_back("reproduce: " + reproduce_line(result));
    return base::join(lines, "\n");
  }

  void outcome(pugi::xml_node parent, const char* element, const CaseResult& result,
               const Attempt& attempt)
  {
    auto node = child(parent, element);
    attribute(node, "message", title_of(result, attempt));
    attribute(node, "type", type_of(result));
    node.text() = budget_.take(explanation(result, attempt)).c_str();
  }

  /// flakyFailure and rerunFailure hold their text in stackTrace (Surefire; Jenkins reads that).
  void retry(pugi::xml_node parent, const char* element, const CaseResult& result,
             const Attempt& attempt)
  {
    auto node = child(parent, element);
    attribute(node, "message", title_of(result, attempt));
    attribute(node, "type", type_of(result));
    text_child(node, "stackTrace", explanation(result, attempt));
  }

  void attempts(pugi::xml_node test, const CaseResult& result)
  {
    if (result.attempts.empty()) {
      outcome(test, "error", result, {.reason = result.reason()});
      return;
    }
    const auto is_bad = [](const Attempt& attempt) {
      return attempt.verdict == Verdict::fail || attempt.verdict == Verdict::broken;
    };
    const auto* last = element_of(result.verdict());
    if (last == nullptr) {
      for (const auto& attempt : result.attempts)
        if (is_bad(attempt)) retry(test, "flakyFailure", result, attempt);
      return;
    }
    if (std::string_view(last) == "skipped") {
      auto skipped = child(test, "skipped");
      attribute(skipped, "message", skip_message(result));
      return;
    }
    // The first failure is the one to read; what followed is named after it.
    const auto first = std::find_if(result.attempts.begin(), result.attempts.end(), is_bad);
    const auto shown_first = first == result.attempts.end() ? result.attempts.end() - 1 : first;
    outcome(test, last, result, *shown_first);
    for (auto next = shown_first + 1; next < result.attempts.end(); ++next)
      if (is_bad(*next)) retry(test, "rerunFailure", result, *next);
  }

  std::string skip_message(const CaseResult& result) const
  {
    const auto why = why_of(result);
    return result.verdict() == Verdict::skip ? why
                                             : fmt::format("{}: {}", word(result.verdict()), why);
  }

  void case_properties(pugi::xml_node test, const CaseResult& result)
  {
    auto properties = child(test, "properties");
    property(properties, "verdict", std::string(word(result.verdict())));
    property(properties, "cause", result.cause);
    if (const auto* finding = finding_of(record_, result))
      property(properties, "confidence", fmt::format("{:.2f}", finding->confidence));
    property(properties, "cell", cell_name(record_));
    property(properties, "node", result.node);
    if (const auto* metadata = record_.find_case(result.case_id))
      property(properties, "requirement", metadata->requirement);
    if (result.attempts.empty()) return;
    for (const auto& [what, value] : result.attempts.back().proof)
      property(properties, what, value);
  }

  void test_case(pugi::xml_node suite, const CaseResult& result)
  {
    auto test = child(suite, "testcase");
    attribute(test, "classname",
              fmt::format("gpu.{}.{}", base::join(base::split(cell_name(record_), '.'), "_"),
                          record::suite_of(result.case_id)));
    attribute(test, "name", unique_name(result));
    attribute(test, "file", record::file_of(result.case_id));
    attribute(test, "time", seconds(result.took()));
    case_properties(test, result);
    attempts(test, result);
    if (!record::fails_a_run(result.verdict()) || result.attempts.empty()) return;
    std::string attachments;
    for (const auto& reference : result.attempts.back().evidence)
      if (is_relative(reference.path))
        attachments += fmt::format("[[ATTACHMENT|bundle/{}]]\n", clean_line(reference.path));
    if (!attachments.empty()) text_child(test, "system-out", attachments);
  }

  /// A path inside the bundle that a reader may follow.
  static bool is_relative(const std::string& path)
  {
    return !path.empty() && path.front() != '/' && path.find("..") == std::string::npos &&
           path.find_first_of("|]\n") == std::string::npos;
  }

  const Record& record_;
  Budget budget_;
  std::set<std::string> names_;
  std::size_t left_out_ = 0;
};

bool is_allowed_in_xml(std::string_view text)
{
  for (std::size_t at = 0; at < text.size();) {
    const auto point = code_point_at(text, at);
    const auto c = point.value;
    const bool is_control = c < 0x20 && c != '\t' && c != '\n' && c != '\r';
    if (!point.is_valid || is_control || c == 0xfffe || c == 0xffff) return false;
    at += point.length;
  }
  return true;
}

}  // namespace

base::Result<std::string> junit(const record::Record& record)
{
  pugi::xml_document document;
  Writer(record).write(document);
  std::ostringstream stream;
  document.save(stream, " ", pugi::format_indent, pugi::encoding_utf8);
  auto text = stream.str();
  pugi::xml_document again;
  const auto parsed = again.load_buffer(text.data(), text.size(), pugi::parse_full);
  if (!parsed || !is_allowed_in_xml(text))
    return base::error(base::ErrorKind::internal, "the JUnit report does not parse again: {} at {}",
                       parsed.description(), parsed.offset);
  if (text.size() > largest_junit_bytes)
    return base::error(base::ErrorKind::internal, "the JUnit report has {} bytes, more than {}",
                       text.size(), largest_junit_bytes);
  return text;
}

}  // namespace coroner::report
