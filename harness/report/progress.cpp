// SPDX-License-Identifier: Apache-2.0
// Rows on a terminal, lines elsewhere.
#include "harness/report/progress.h"

#include <algorithm>

#include "harness/report/console.h"
#include "harness/report/text.h"
#include "harness/report/view.h"

namespace coroner::report {

namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr milliseconds heartbeat_after{30'000};
constexpr milliseconds redraw_after{100};
constexpr milliseconds slow_after{60'000};
constexpr std::size_t kept_log_lines = 5;
constexpr std::size_t bar_columns = 20;

std::string key_of(const std::string& case_id, const std::string& node)
{
  return node.empty() ? case_id : case_id + " on " + node;
}

std::string age_text(ProgressText::Instant from, ProgressText::Instant to)
{
  return record::duration_text(duration_cast<milliseconds>(to - from));
}

}  // namespace

ProgressText::ProgressText(const Style& style, bool is_live, Instant start)
    : style_(style),
      is_live_(is_live),
      start_(start),
      now_(start),
      last_text_(start),
      last_draw_(start - redraw_after)
{}

std::string ProgressText::text(const Progress& progress, Instant now)
{
  now_ = now;
  auto lines = std::visit([this](const auto& value) { return take(value); }, progress);
  if (is_live_) return redraw(lines);
  if (lines.empty() && now_ - last_text_ >= heartbeat_after) lines = heartbeat();
  if (!lines.empty()) last_text_ = now_;
  return lines;
}

std::string ProgressText::take(const PhaseBegun& progress)
{
  cells_[progress.cell].phase = progress.phase;
  if (is_live_) return {};
  return fmt::format("{}: {}\n", shown_line(progress.cell, 63), shown_line(progress.phase, 100));
}

std::string ProgressText::take(const Planned& progress)
{
  cells_[progress.cell].planned = progress.checks;
  return {};
}

std::string ProgressText::take(const CheckBegun& progress)
{
  cells_[progress.cell].running[key_of(progress.case_id, progress.node)] = {now_, {}, {}};
  return {};
}

std::string ProgressText::take(const CheckNoted& progress)
{
  auto& running = cells_[progress.cell].running;
  const auto found = running.find(key_of(progress.case_id, progress.node));
  if (found == running.end()) return {};
  auto& check = found->second;
  if (!progress.state.empty()) check.state = progress.state;
  for (const auto& line : progress.log_lines) check.log_lines.push_back(line);
  while (check.log_lines.size() > kept_log_lines) check.log_lines.pop_front();
  return {};
}

std::string ProgressText::take(const CheckEnded& progress)
{
  auto& cell = cells_[progress.cell];
  cell.running.erase(key_of(progress.result.case_id, progress.result.node));
  ++cell.ended;
  ++cell.words[look_of(progress.result).word];
  const bool is_worth_a_line =
      !is_live_ || record::fails_a_run(progress.result.verdict()) || progress.result.is_flaky();
  if (!is_worth_a_line) return {};
  return check_line(cell.ended, std::max(cell.planned, cell.ended), progress.cell, progress.result,
                    style_);
}

std::string ProgressText::take(const Tick&)
{
  return slow_lines();
}

std::string ProgressText::take(const StatusAsked&)
{
  auto all = fmt::format("status after {}\n", age_text(start_, now_));
  for (const auto& [name, cell] : cells_) {
    all += "  " + row(name, cell);
    for (const auto& [key, check] : cell.running) {
      all += fmt::format("    {}  {}  {}\n", shown_line(key, 200), age_text(check.begun, now_),
                         style_.plain(shown_line(check.state, 160)));
      for (const auto& line : check.log_lines)
        all += "      | " + style_.plain(shown_line(line, 160)) + "\n";
    }
  }
  return all;
}

std::string ProgressText::slow_lines()
{
  std::string all;
  for (auto& [name, cell] : cells_) {
    for (auto& [key, check] : cell.running) {
      if (check.was_called_slow || now_ - check.begun < slow_after) continue;
      check.was_called_slow = true;
      all += fmt::format("{} {}: {} has been running for {}\n", style_.paint("SLOW", "33"),
                         shown_line(name, 63), shown_line(key, 200), age_text(check.begun, now_));
    }
  }
  return all;
}

std::string ProgressText::heartbeat() const
{
  std::string all;
  for (const auto& [name, cell] : cells_)
    all += fmt::format("still here after {}: {}", age_text(start_, now_), row(name, cell));
  return all.empty() ? fmt::format("still here after {}\n", age_text(start_, now_)) : all;
}

std::string ProgressText::row(const std::string& name, const Cell& cell) const
{
  std::string words;
  for (const auto& [word, count] : cell.words) words += fmt::format("  {} {}", word, count);
  auto text = fmt::format("{}: {}  {}/{}{}", shown_line(name, 63), shown_line(cell.phase, 40),
                          cell.ended, std::max(cell.planned, cell.ended), words);
  if (!cell.running.empty()) text += "  now " + shown_line(cell.running.begin()->first, 100);
  return style_.plain(text) + "\n";
}

std::string ProgressText::rows() const
{
  std::string all;
  for (const auto& [name, cell] : cells_) {
    const auto total = std::max<std::size_t>({cell.planned, cell.ended, 1});
    const auto done = bar_columns * cell.ended / total;
    auto line =
        fmt::format("[{}{}] {:>6}  {}", std::string(done, '='),
                    std::string(bar_columns - done, ' '), age_text(start_, now_), row(name, cell));
    line.pop_back();
    // A row that wraps would be two, and the next redraw would leave one behind.
    all += shown_line(line, style_.columns - 1) + "\n";
  }
  return all;
}

std::string ProgressText::redraw(const std::string& above)
{
  if (above.empty() && now_ - last_draw_ < redraw_after) return {};
  const auto taken_away = finish();
  const auto block = rows();
  rows_drawn_ = static_cast<std::size_t>(std::count(block.begin(), block.end(), '\n'));
  last_draw_ = now_;
  return taken_away + above + block;
}

std::string ProgressText::finish()
{
  if (rows_drawn_ == 0) return {};
  const auto up = fmt::format("\x1b[{}A\r\x1b[J", rows_drawn_);
  rows_drawn_ = 0;
  return up;
}

}  // namespace coroner::report
