// SPDX-License-Identifier: Apache-2.0
// Asks the environment and the terminal; lays out tables and paragraphs.
#include "harness/cli/output.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <sstream>

#include <fmt/chrono.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "harness/report/text.h"

namespace coroner::cli {
namespace {

constexpr std::size_t narrowest_columns = 60;
constexpr std::size_t usual_columns = 100;
constexpr std::size_t widest_columns = 160;

std::size_t width_of(int descriptor, bool is_terminal)
{
  winsize size{};
  if (!is_terminal || ::ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
    return usual_columns;
  return std::clamp<std::size_t>(size.ws_col, narrowest_columns, widest_columns);
}

report::Style style_of(int descriptor)
{
  report::Terminal terminal;
  terminal.is_terminal = ::isatty(descriptor) == 1;
  terminal.columns = width_of(descriptor, terminal.is_terminal);
  for (const auto* name :
       {"NO_COLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "TERM", "LC_ALL", "LC_CTYPE", "LANG"})
    if (const char* value = std::getenv(name); value != nullptr) terminal.environment[name] = value;
  return report::style_for(terminal);
}

}  // namespace

report::Style stdout_style()
{
  return style_of(STDOUT_FILENO);
}

report::Style stderr_style()
{
  return style_of(STDERR_FILENO);
}

std::string new_run()
{
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  constexpr unsigned low_bits = 0xffff;
  return fmt::format("{:%Y%m%d-%H%M%S}-{:04x}", fmt::gmtime(now),
                     static_cast<unsigned>(::getpid()) & low_bits);
}

void print(std::string_view text)
{
  std::fwrite(text.data(), 1, text.size(), stdout);
}

std::string table(const std::vector<std::vector<std::string>>& rows)
{
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], report::columns(report::shown_line(row[i])));
  }
  std::string all;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const auto cell = report::shown_line(row[i]);
      line += cell;
      if (i + 1 < row.size()) line.append(widths[i] - report::columns(cell) + 2, ' ');
    }
    all += line + "\n";
  }
  return all;
}

std::string wrapped(std::string_view text, std::size_t indent, std::size_t columns)
{
  std::istringstream words{std::string(text)};
  std::string all;
  std::string line(indent, ' ');
  std::size_t used = indent;
  for (std::string word; words >> word;) {
    const auto width = report::columns(word);
    if (used > indent && used + 1 + width > columns) {
      all += line + "\n";
      line.assign(indent, ' ');
      used = indent;
    }
    if (used > indent) {
      line += ' ';
      ++used;
    }
    line += word;
    used += width;
  }
  return used > indent ? all + line + "\n" : all;
}

}  // namespace coroner::cli
