// SPDX-License-Identifier: Apache-2.0
#include "tests/report/readers.h"

#include <regex>

#include <fmt/format.h>
#include <libxml/HTMLparser.h>

#include "harness/report/text.h"

namespace coroner {

using report::lines_of;

std::string active_character(std::string_view text, bool is_document)
{
  for (std::size_t at = 0; at < text.size();) {
    const auto point = report::code_point_at(text, at);
    const auto c = point.value;
    const bool is_control = (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7f && c <= 0x9f);
    const bool is_direction = c == 0x61c || c == 0x200e || c == 0x200f ||
                              (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
    const bool is_other = is_document && (c == 0x2028 || c == 0x2029 || (c & 0xfffe) == 0xfffe);
    if (!point.is_valid || is_control || is_direction || is_other)
      return fmt::format("U+{:04X} at {}{}", static_cast<unsigned>(c), at,
                         point.is_valid ? "" : ", no UTF-8");
    at += point.length;
  }
  return "";
}

std::string workflow_command(const std::string& text)
{
  static const std::regex anywhere(R"(##\w*\[)");
  for (const auto& line : lines_of(text)) {
    const auto begin = line.find_first_not_of(" \t");
    const auto rest = begin == std::string::npos ? "" : line.substr(begin);
    // GitLab looks for the carriage return and the sequence behind it, too
    // (gitlab, lib/gitlab/regex.rb, build_trace_section_regex).
    const bool is_section =
        line.find("section_") != std::string::npos && line.find("\r\x1b[0K") != std::string::npos;
    if (rest.starts_with("::") || is_section) return rest.substr(0, 100);
    for (std::size_t at = 0; (at = line.find("##", at)) != std::string::npos; ++at)
      if (std::regex_search(line.substr(at, 40), anywhere)) return line.substr(at, 40);
  }
  return "";
}

std::set<std::string> take_colours(std::string& text)
{
  std::set<std::string> colours;
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto end = text.compare(at, 2, "\x1b[") == 0
                         ? text.find_first_not_of("0123456789;", at + 2)
                         : std::string::npos;
    if (end == std::string::npos || text[end] != 'm') {
      plain += text[at];
      continue;
    }
    colours.insert(text.substr(at, end + 1 - at));
    at = end;
  }
  text = plain;
  return colours;
}

std::string skeleton(const xmlNode* first)
{
  std::string all;
  for (const auto* node = first; node != nullptr; node = node->next) {
    if (node->type != XML_ELEMENT_NODE) continue;
    all += reinterpret_cast<const char*>(node->name);
    for (const auto* each = node->properties; each != nullptr; each = each->next)
      all += std::string(" ") + reinterpret_cast<const char*>(each->name);
    all += "\n" + skeleton(node->children);
  }
  return all;
}

std::vector<std::string> active_parts(xmlNode* first)
{
  std::vector<std::string> all;
  const auto text_of = [](xmlChar* text) {
    std::string copy = text == nullptr ? "" : reinterpret_cast<const char*>(text);
    xmlFree(text);
    return copy;
  };
  for (auto* node = first; node != nullptr; node = node->next) {
    if (node->type != XML_ELEMENT_NODE) continue;
    const std::string name = reinterpret_cast<const char*>(node->name);
    if (name == "script" || name == "style") all.push_back(name + text_of(xmlNodeGetContent(node)));
    for (auto* each = node->properties; each != nullptr; each = each->next) {
      const std::string attribute = reinterpret_cast<const char*>(each->name);
      const std::string value = text_of(xmlNodeGetContent(reinterpret_cast<xmlNode*>(each)));
      const bool is_address =
          std::set<std::string>{"href", "src", "action", "data", "srcset", "http-equiv", "content"}
              .contains(attribute);
      if (is_address || attribute.starts_with("on") || attribute == "style")
        all.push_back(name + " " + attribute + "=" + value);
    }
    const auto below = active_parts(node->children);
    all.insert(all.end(), below.begin(), below.end());
  }
  return all;
}

Parsed::Parsed(xmlDocPtr parsed) : document(parsed)
{
  const auto* error = xmlGetLastError();
  if (error != nullptr) said = error->message;
}

Parsed xml_of(const std::string& text)
{
  xmlResetLastError();
  return Parsed(xmlReadMemory(text.data(), static_cast<int>(text.size()), "junit.xml", nullptr,
                              XML_PARSE_NONET | XML_PARSE_NOERROR));
}

Parsed page_of(const std::string& text)
{
  xmlResetLastError();
  return Parsed(htmlReadMemory(text.data(), static_cast<int>(text.size()), "report.html", "UTF-8",
                               HTML_PARSE_NONET | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING));
}

std::string blocks_of(const std::string& markdown)
{
  std::string all;
  std::string fence;
  for (const auto& line : lines_of(markdown)) {
    const auto run = line.find_first_not_of('`');
    const auto ticks = run == std::string::npos ? line.size() : run;
    if (!fence.empty()) {
      all += line == fence ? "F" : "c";
      if (line == fence) fence.clear();
    } else if (ticks >= 3) {
      fence = line.substr(0, ticks);
      all += "f";
    } else if (line.starts_with('|')) {
      std::size_t cells = 0;
      for (std::size_t i = 0; i < line.size(); ++i)
        if (line[i] == '|' && (i == 0 || line[i - 1] != '\\')) ++cells;
      all += fmt::format("[{}]", cells);
    } else if (line.starts_with("#") || line.starts_with(">") || line.starts_with("- ")) {
      all += line[0];
    } else {
      all += line.empty() ? "_" : "t";
    }
    all += ' ';
  }
  return all;
}

}  // namespace coroner
