// SPDX-License-Identifier: Apache-2.0
// What verbs share about printing: the style of stdout, tables, wrapped text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "harness/report/style.h"

namespace coroner::cli {

/// Colour, glyphs and width of stdout or stderr, by the environment and the terminal behind it.
report::Style stdout_style();
report::Style stderr_style();

/// A name for what is written now: when, and by which process. "20261121-142501-0a3f"
std::string new_run();

/// Writes `text` to stdout as it is: what is untrusted in it was made harmless before.
void print(std::string_view text);

/// Rows as columns of equal width, two spaces between; the last column is not padded. The first
/// row is the heading. Every cell is shown as one line.
std::string table(const std::vector<std::vector<std::string>>& rows);

/// `text` in lines of at most `columns`, each after `indent` spaces; white space between words,
/// newlines too, is one space. Words longer than a line stay whole.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t columns);

}  // namespace coroner::cli
