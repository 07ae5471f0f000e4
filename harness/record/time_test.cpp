// SPDX-License-Identifier: Apache-2.0
// Times written and read back, and text that is no time.
#include "harness/record/time.h"

#include <random>

#include <gtest/gtest.h>

namespace coroner::record {
namespace {

using std::chrono::milliseconds;

TEST(Time, a_known_instant_is_written_as_iso_8601)
{
  EXPECT_EQ(time_text(Time{milliseconds{0}}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(time_text(Time{milliseconds{1'795'215'541'250}}), "2026-11-20T22:59:01.250Z");
}

TEST(Time, any_instant_of_four_digit_years_reads_back)
{
  std::mt19937_64 random(7);
  std::uniform_int_distribution<std::int64_t> instants(-62'000'000'000'000, 253'000'000'000'000);
  for (int round = 0; round < 2'000; ++round) {
    const Time time{milliseconds{instants(random)}};
    const auto read = parse_time(time_text(time));
    ASSERT_TRUE(read) << time_text(time);
    EXPECT_EQ(*read, time) << time_text(time);
  }
}

TEST(Time, what_is_no_time_is_refused)
{
  for (const auto* text :
       {"", "2026-11-20", "2026-02-30T00:00:00.000Z", "2026-11-20T24:00:00.000Z",
        "2026-11-20T22:60:00.000Z", "2026-11-20T22:59:01.250+", "2026-11-20 22:59:01.250Z",
        "-026-11-20T22:59:01.250Z", "2026-11-20T22:59:0x.250Z"})
    EXPECT_FALSE(parse_time(text)) << text;
}

TEST(Time, years_that_have_no_four_digits_are_written_as_the_nearest)
{
  EXPECT_EQ(time_text(Time::max()), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(time_text(Time::min()), "0000-01-01T00:00:00.000Z");
}

TEST(Duration, is_written_for_a_person)
{
  EXPECT_EQ(duration_text(milliseconds{-5}), "0.0s");
  EXPECT_EQ(duration_text(milliseconds{1'849}), "1.8s");
  EXPECT_EQ(duration_text(milliseconds{59'999}), "59.9s");
  EXPECT_EQ(duration_text(milliseconds{862'000}), "14m22s");
  EXPECT_EQ(duration_text(milliseconds{3'720'000}), "1h02m");
}

}  // namespace
}  // namespace coroner::record
