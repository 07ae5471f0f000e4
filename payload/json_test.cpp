// SPDX-License-Identifier: Apache-2.0
#include "payload/json.h"

#include <algorithm>
#include <cmath>
#include <random>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace coroner::payload {
namespace {

using nlohmann::json;

bool is_printable_ascii(const std::string& text)
{
  return std::all_of(text.begin(), text.end(),
                     [](char letter) { return letter >= 0x20 && letter < 0x7F; });
}

void append_utf8(std::string& text, char32_t point)
{
  const auto byte = [&text](char32_t value) { text += static_cast<char>(value); };
  if (point < 0x80) return byte(point);
  if (point < 0x800) {
    byte(0xC0 | (point >> 6U));
    return byte(0x80 | (point & 0x3FU));
  }
  if (point < 0x10000) {
    byte(0xE0 | (point >> 12U));
  } else {
    byte(0xF0 | (point >> 18U));
    byte(0x80 | ((point >> 12U) & 0x3FU));
  }
  byte(0x80 | ((point >> 6U) & 0x3FU));
  byte(0x80 | (point & 0x3FU));
}

TEST(Json, any_bytes_become_printable_ascii_that_a_reader_takes)
{
  std::mt19937 random(1);
  for (int round = 0; round < 5000; ++round) {
    std::string bytes(random() % 60, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    const std::string text = JsonObject().text("k", bytes).str();
    EXPECT_TRUE(is_printable_ascii(text));
    EXPECT_TRUE(json::parse(text).at("k").is_string()) << text;
  }
}

TEST(Json, valid_text_comes_back_as_it_was)
{
  std::mt19937 random(2);
  for (int round = 0; round < 5000; ++round) {
    std::string text;
    for (unsigned left = random() % 20; left > 0; --left) {
      const char32_t largest[] = {0x7F, 0x7FF, 0xFFFF, 0x10FFFF};
      const char32_t point = random() % (largest[random() % 4] + 1);
      if (point < 0xD800 || point > 0xDFFF) append_utf8(text, point);
    }
    EXPECT_EQ(json::parse(json_string(text)).get<std::string>(), text);
  }
}

TEST(Json, what_is_no_utf_8_is_replaced_byte_by_byte)
{
  for (const char* bad :
       {"\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\xFF", "\x80"}) {
    std::string replaced;
    for (std::size_t byte = 0; byte < std::string_view(bad).size(); ++byte) replaced += "\\ufffd";
    EXPECT_EQ(json_string(bad), "\"" + replaced + "\"");
  }
}

TEST(Json, a_bound_holds_for_every_length_and_what_is_cut_says_so)
{
  std::mt19937 random(3);
  for (int round = 0; round < 3000; ++round) {
    std::string bytes(random() % 100, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    const std::size_t bound = 8 + random() % 200;
    const std::string whole = json_string(bytes, 10'000);
    const std::string text = json_string(bytes, bound);
    EXPECT_LE(text.size(), bound);
    EXPECT_TRUE(json::accept(text)) << text;
    if (whole.size() <= bound) {
      EXPECT_EQ(text, whole);
    } else {
      EXPECT_TRUE(text.ends_with("\\u2026\"")) << text;
    }
  }
}

TEST(Json, a_list_keeps_what_fits_and_counts_the_rest)
{
  JsonList list(20);
  for (const char* text : {"12345678", "1234567890", "123456789", "1"}) list.add_text(text);
  const auto read = json::parse(JsonObject().list("l", list).str());
  EXPECT_EQ(read, json::parse(R"({"l":["12345678","1"],"l_omitted":2})"));
}

TEST(Json, every_kind_of_value_is_read_back)
{
  JsonObject object;
  object.text("t", "x").flag("f", true).number("n", -3).number("u", UINT64_MAX);
  object.decimal("d", 0.25).decimal("i", std::nan("")).nothing("z");
  object.object("o", JsonObject().flag("a", false)).merge(JsonObject().number("m", 1)).merge({});
  const auto read = json::parse(object.str());
  EXPECT_EQ(read, json::parse(R"({"t":"x","f":true,"n":-3,"u":18446744073709551615,"d":0.25,)"
                              R"("i":null,"z":null,"o":{"a":false},"m":1})"));
}

}  // namespace
}  // namespace coroner::payload
