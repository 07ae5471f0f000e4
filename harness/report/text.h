// SPDX-License-Identifier: Apache-2.0
// The one place where text of other people becomes harmless: for terminals, HTML, XML, Markdown.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace coroner::report {

/// One code point of a text. `length` is in bytes; a byte that starts no well-formed sequence is
/// given alone with `is_valid` false.
struct CodePoint {
  char32_t value = 0;
  std::size_t length = 1;
  bool is_valid = false;
};

/// The code point at `at`, which must be below `text.size()`.
CodePoint code_point_at(std::string_view text, std::size_t at);

/// How many columns `text` takes, with one for each code point.
std::size_t columns(std::string_view text);

/// For documents: UTF-8 with U+FFFD for what is none, terminal sequences (CSI, OSC, DCS, APC, PM,
/// SOS) removed, CRLF as newline, and every other control, bidi control, line separator and
/// noncharacter as a visible escape such as `\x1b`. Tab and newline stay.
std::string clean(std::string_view untrusted);

/// For terminals and CI logs: base::printable, and what a workflow runner would act on (`::` at the
/// start of a line, `##[` and `##word[` anywhere) broken by a visible escape. Newlines stay.
std::string shown(std::string_view untrusted);

/// `shown` as one line: newlines and tabs become spaces; at most `limit` columns, "..." at the cut.
std::string shown_line(std::string_view untrusted, std::size_t limit = 500);

/// `clean` as one line of at most `limit` columns, "..." at the cut.
std::string clean_line(std::string_view untrusted, std::size_t limit = 500);

/// At most `limit_bytes` of `text`, cut between code points, with "(n bytes more)" when cut.
std::string clipped(std::string_view text, std::size_t limit_bytes);

/// `clean`, then `& < > " '` as references: fit for element content and quoted attributes.
std::string html(std::string_view untrusted);

/// `clean_line`, then everything that Markdown, its HTML or its tables give a meaning escaped, and
/// mentions (@name), issue numbers and bare links broken. Never for the start of a line, where
/// further characters (-, +, 1.) would begin a list.
std::string markdown(std::string_view untrusted, std::size_t limit = 500);

/// A Markdown code fence around `clean(untrusted)` that the text cannot close.
std::string markdown_block(std::string_view untrusted, std::string_view language = "text");

/// What `text_of` makes of each of `items`, with ", " between.
std::string listed(const auto& items, const auto& text_of)
{
  std::string all;
  for (const auto& item : items) {
    if (!all.empty()) all += ", ";
    all += text_of(item);
  }
  return all;
}

/// `text` as one word of a POSIX shell; harmless words stay bare.
std::string shell_word(std::string_view text);

/// `text` in lines; a final newline adds none.
std::vector<std::string> lines_of(std::string_view text);

}  // namespace coroner::report
