// SPDX-License-Identifier: Apache-2.0
// Small questions about text: splitting, nearest names, and text made safe for a terminal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace coroner::base {

/// `text` cut at each `separator`; "a,,b" gives three parts, "" gives one empty part.
std::vector<std::string> split(std::string_view text, char separator);

/// `text` without white space at both ends.
std::string_view trim(std::string_view text);

/// `parts` with `separator` between them.
std::string join(const std::vector<std::string>& parts, std::string_view separator);

/// The last `count` lines of `text`, without a final newline.
std::string last_lines(std::string_view text, std::size_t count);

/// The candidate nearest to `name` by edit distance, or "" when none is near (more than a third of
/// its letters differ). Ties go to the first.
std::string nearest(std::string_view name, const std::vector<std::string>& candidates);

/// Every byte that could drive a terminal made visible: C0 (except tab and newline), DEL, C1, bidi
/// controls as `\x1b` or `\u202e`; bytes that are not UTF-8 as `\xff`. Harmless text is unchanged.
std::string printable(std::string_view untrusted);

/// Whether `name` may be used as a file, cell or object name: 1-63 of [a-z0-9-], a letter or digit
/// at both ends (a DNS label, RFC 1123).
bool is_label(std::string_view name);

}  // namespace coroner::base
