// SPDX-License-Identifier: Apache-2.0
// Decoding and escaping, one code point at a time.
#include "harness/report/text.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "harness/base/text.h"

namespace coroner::report {

CodePoint code_point_at(std::string_view text, std::size_t at)
{
  struct Form {
    unsigned char mask, lead;
    std::size_t length;
    char32_t least;
  };
  static constexpr std::array<Form, 4> forms = {{
      {0x80, 0x00, 1, 0},
      {0xe0, 0xc0, 2, 0x80},
      {0xf0, 0xe0, 3, 0x800},
      {0xf8, 0xf0, 4, 0x10000},
  }};
  const auto first = static_cast<unsigned char>(text[at]);
  const auto form = std::find_if(forms.begin(), forms.end(),
                                 [&](const Form& f) { return (first & f.mask) == f.lead; });
  if (form == forms.end() || at + form->length > text.size()) return {};
  char32_t value = first & static_cast<unsigned char>(~form->mask);
  for (std::size_t i = 1; i < form->length; ++i) {
    const auto next = static_cast<unsigned char>(text[at + i]);
    if ((next & 0xc0) != 0x80) return {};
    value = (value << 6U) | (next & 0x3fU);
  }
  const bool is_surrogate = value >= 0xd800 && value <= 0xdfff;
  if (value < form->least || value > 0x10ffff || is_surrogate) return {};
  return {value, form->length, true};
}

std::size_t columns(std::string_view text)
{
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); at += code_point_at(text, at).length) ++count;
  return count;
}

namespace {

constexpr char escape = '\x1b';

/// The length of the terminal sequence at `at` (an ESC), 0 when it is none that ends here.
std::size_t sequence_length(std::string_view text, std::size_t at)
{
  constexpr std::size_t longest = 4096;
  const auto rest = text.substr(at, longest);
  if (rest.size() < 2) return 0;
  if (rest[1] == '[') {
    const auto end = rest.find_first_not_of("0123456789:;<=>? !\"#$%&'()*+,-./", 2);
    const bool is_whole = end != std::string_view::npos && rest[end] >= '@' && rest[end] <= '~';
    return is_whole ? end + 1 : 0;
  }
  if (std::string_view("]P_^X").find(rest[1]) == std::string_view::npos) return 0;
  for (std::size_t end = 2; end < rest.size(); ++end) {
    if (rest[end] == '\n') return 0;
    if (rest[end] == '\a') return end + 1;
    if (rest[end] == escape && end + 1 < rest.size() && rest[end + 1] == '\\') return end + 2;
  }
  return 0;
}

/// Code points that a viewer acts on, or that XML 1.0 forbids.
bool is_unfit(char32_t c)
{
  const bool is_control = (c < 0x20 && c != '\t' && c != '\n') || (c >= 0x7f && c <= 0x9f);
  const bool is_direction = c == 0x061c || c == 0x200e || c == 0x200f ||
                            (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
  const bool is_separator = c == 0x2028 || c == 0x2029;
  const bool is_noncharacter = (c >= 0xfdd0 && c <= 0xfdef) || (c & 0xfffe) == 0xfffe;
  return is_control || is_direction || is_separator || is_noncharacter || c == 0xfeff;
}

/// How many bytes from `at` on are ordinary ASCII.
std::size_t plain_run(std::string_view text, std::size_t at)
{
  const auto begin = text.begin() + static_cast<std::ptrdiff_t>(at);
  const auto end = std::find_if(begin, text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\t' && byte != '\n') || byte >= 0x7f;
  });
  return static_cast<std::size_t>(end - begin);
}

/// As much of `untrusted` as a line of `limit` columns can need, so that a log of megabytes costs
/// no more than what is shown of it.
std::string_view enough_of(std::string_view untrusted, std::size_t limit)
{
  return untrusted.substr(0, limit * 16 + 4096);
}

void replace_all(std::string& text, std::string_view what, std::string_view with)
{
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

/// Breaks what a workflow runner looks for anywhere in a line: `##[` of GitHub, `##vso[` of Azure
/// (microsoft/azure-pipelines-agent, Command.cs, TryParse), `##teamcity[`.
void break_markers(std::string& text)
{
  for (auto at = text.find("##"); at != std::string::npos; at = text.find("##", at + 1)) {
    const auto end = std::find_if(text.begin() + static_cast<std::ptrdiff_t>(at) + 2, text.end(),
                                  [](char c) { return (c | 0x20) < 'a' || (c | 0x20) > 'z'; });
    if (end != text.end() && *end == '[') text.replace(at, 2, "#\\x23");
  }
}

std::string as_one_line(std::string text, std::size_t limit)
{
  for (char& c : text)
    if (c == '\n' || c == '\t') c = ' ';
  std::size_t count = 0;
  std::size_t cut = 0;
  for (std::size_t at = 0; at < text.size(); at += code_point_at(text, at).length) {
    if (++count > limit) {
      text.resize(cut);
      return text + "...";
    }
    if (count + 3 <= limit) cut = at + code_point_at(text, at).length;
  }
  return text;
}

}  // namespace

std::string clean(std::string_view untrusted)
{
  std::string safe;
  safe.reserve(untrusted.size());
  for (std::size_t at = 0; at < untrusted.size();) {
    if (const auto plain = plain_run(untrusted, at); plain > 0) {
      safe += untrusted.substr(at, plain);
      at += plain;
      continue;
    }
    if (untrusted[at] == escape) {
      if (const auto length = sequence_length(untrusted, at); length > 0) {
        at += length;
        continue;
      }
    }
    const auto point = code_point_at(untrusted, at);
    const bool is_crlf = untrusted.substr(at, 2) == "\r\n";
    if (!point.is_valid)
      safe += "\ufffd";
    else if (is_crlf)
      safe += "";
    else if (is_unfit(point.value))
      safe += point.value < 0x100 ? fmt::format("\\x{:02x}", static_cast<unsigned>(point.value))
                                  : fmt::format("\\u{:04x}", static_cast<unsigned>(point.value));
    else
      safe += untrusted.substr(at, point.length);
    at += point.length;
  }
  return safe;
}

std::string shown(std::string_view untrusted)
{
  auto safe = base::printable(untrusted);
  break_markers(safe);
  // A runner trims a line before it looks for "::" (actions/runner, ActionCommand.cs, TryParseV2).
  for (std::size_t line = 0; line < safe.size();) {
    const auto begin = safe.find_first_not_of(" \t\v\f", line);
    if (begin != std::string::npos && safe.compare(begin, 2, "::") == 0)
      safe.replace(begin, 2, "\\x3a:");
    const auto end = safe.find('\n', line);
    if (end == std::string::npos) break;
    line = end + 1;
  }
  return safe;
}

std::string shown_line(std::string_view untrusted, std::size_t limit)
{
  return as_one_line(shown(enough_of(untrusted, limit)), limit);
}

std::string clean_line(std::string_view untrusted, std::size_t limit)
{
  return as_one_line(clean(enough_of(untrusted, limit)), limit);
}

std::string clipped(std::string_view text, std::size_t limit_bytes)
{
  if (text.size() <= limit_bytes) return std::string(text);
  std::size_t end = 0;
  while (end < text.size()) {
    const auto length = code_point_at(text, end).length;
    if (end + length > limit_bytes) break;
    end += length;
  }
  return fmt::format("{}... ({} bytes more)", text.substr(0, end), text.size() - end);
}

std::string html(std::string_view untrusted)
{
  std::string safe;
  for (const char c : clean(untrusted)) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

namespace {

/// How `line[at]` is written in Markdown so that it stands for itself.
std::string markdown_character(std::string_view line, std::size_t at)
{
  constexpr std::string_view special = R"(\`*_{}[]|~$^!)";
  const char c = line[at];
  const char next = at + 1 < line.size() ? line[at + 1] : ' ';
  const bool is_www = c == '.' && at >= 3 && (line[at - 1] | 0x20) == 'w' &&
                      (line[at - 2] | 0x20) == 'w' && (line[at - 3] | 0x20) == 'w';
  const bool begins_command = c == ':' && (next == '/' || next == ':');
  // References survive every dialect where a backslash before these might not.
  if (c == '&' || c == '<' || c == '>' || begins_command || is_www)
    return fmt::format("&#{};", static_cast<int>(c));
  // Mentions are looked for in the rendered text, so only another character breaks them.
  if (c == '@' || (c == '#' && next != ' ')) return fmt::format("{}\u200b", c);
  return special.find(c) == std::string_view::npos ? std::string(1, c) : fmt::format("\\{}", c);
}

}  // namespace

std::string markdown(std::string_view untrusted, std::size_t limit)
{
  const auto line = clean_line(untrusted, limit);
  std::string safe;
  for (std::size_t at = 0; at < line.size(); ++at) safe += markdown_character(line, at);
  return safe;
}

std::string markdown_block(std::string_view untrusted, std::string_view language)
{
  auto text = clean(untrusted);
  break_markers(text);
  std::size_t longest = 2;
  std::size_t run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  // A line of a summary that is echoed into a log must not be a workflow command there.
  std::string body;
  for (const auto& line : lines_of(text)) {
    const auto begin = line.find_first_not_of(" \t");
    const bool is_command = begin != std::string::npos && line.compare(begin, 2, "::") == 0;
    body += is_command ? line.substr(0, begin) + "\\x3a" + line.substr(begin + 1) : line;
    body += '\n';
  }
  const std::string fence(longest + 1, '`');
  return fmt::format("{}{}\n{}{}\n", fence, language, body, fence);
}

std::string shell_word(std::string_view text)
{
  constexpr std::string_view harmless =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:=,@+";
  if (!text.empty() && text.find_first_not_of(harmless) == std::string_view::npos)
    return std::string(text);
  std::string word(text);
  replace_all(word, "'", R"('\'')");
  return "'" + word + "'";
}

std::vector<std::string> lines_of(std::string_view text)
{
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.empty()) return {};
  return base::split(text, '\n');
}

}  // namespace coroner::report
