// SPDX-License-Identifier: Apache-2.0
// ISO 8601 by calendar arithmetic, without the locale.
#include "harness/record/time.h"

#include <algorithm>
#include <charconv>

namespace coroner::record {

namespace chrono = std::chrono;

std::string time_text(Time time)
{
  constexpr chrono::sys_days first{chrono::year{0} / 1 / 1};
  constexpr chrono::sys_days end{chrono::year{10'000} / 1 / 1};
  time = std::clamp(time, Time{first}, Time{end} - chrono::milliseconds{1});
  const auto day = chrono::floor<chrono::days>(time);
  const chrono::year_month_day date{day};
  const chrono::hh_mm_ss clock{time - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

namespace {

/// The digits at [at, at + count) as a number, -1 when one is no digit.
int digits(std::string_view text, std::size_t at, std::size_t count)
{
  const auto part = text.substr(at, count);
  int value = 0;
  const auto [end, failure] = std::from_chars(part.data(), part.data() + part.size(), value);
  const bool is_whole = failure == std::errc{} && end == part.data() + part.size();
  return is_whole && part.front() != '-' ? value : -1;
}

}  // namespace

base::Result<Time> parse_time(std::string_view text)
{
  constexpr std::string_view shape = "dddd-dd-ddTdd:dd:dd.dddZ";
  const auto wrong = [] {
    return base::error(base::ErrorKind::invalid, "not a time like 2026-11-20T22:59:01.250Z");
  };
  if (text.size() != shape.size()) return wrong();
  for (std::size_t at = 0; at < shape.size(); ++at) {
    const bool is_digit = text[at] >= '0' && text[at] <= '9';
    if (shape[at] == 'd' ? !is_digit : text[at] != shape[at]) return wrong();
  }
  const chrono::year_month_day date{chrono::year{digits(text, 0, 4)},
                                    chrono::month{static_cast<unsigned>(digits(text, 5, 2))},
                                    chrono::day{static_cast<unsigned>(digits(text, 8, 2))}};
  const int hour = digits(text, 11, 2);
  const int minute = digits(text, 14, 2);
  const int second = digits(text, 17, 2);
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return wrong();
  return Time{chrono::sys_days{date} + chrono::hours{hour} + chrono::minutes{minute} +
              chrono::seconds{second} + chrono::milliseconds{digits(text, 20, 3)}};
}

std::string duration_text(chrono::milliseconds duration)
{
  duration = std::max(duration, chrono::milliseconds{0});
  if (duration < chrono::seconds{60})
    return fmt::format("{}.{}s", duration.count() / 1000, duration.count() % 1000 / 100);
  const auto seconds = chrono::duration_cast<chrono::seconds>(duration).count();
  if (seconds < 3600) return fmt::format("{}m{:02}s", seconds / 60, seconds % 60);
  return fmt::format("{}h{:02}m", seconds / 3600, seconds % 3600 / 60);
}

}  // namespace coroner::record
