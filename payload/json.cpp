// SPDX-License-Identifier: Apache-2.0
// Escapes by code point; knows nothing of what is said.
#include "payload/json.h"

#include <array>
#include <cmath>
#include <cstdio>

namespace coroner::payload {
namespace {

constexpr char32_t replacement = 0xFFFD;
constexpr std::string_view cut_mark = "\\u2026";

struct Decoded {
  char32_t point = replacement;
  std::size_t bytes = 1;
};

struct Lead {
  unsigned char mask;
  unsigned char pattern;
  std::size_t bytes;
  char32_t least;  // below it the form is overlong
};
constexpr std::array leads = {
    Lead{0x80, 0x00, 1, 0},
    Lead{0xE0, 0xC0, 2, 0x80},
    Lead{0xF0, 0xE0, 3, 0x800},
    Lead{0xF8, 0xF0, 4, 0x10000},
};

unsigned byte_at(std::string_view text, std::size_t index)
{
  return static_cast<unsigned char>(text[index]);
}

// The code point that `text` begins with; one replaced byte where it begins with none.
Decoded decode(std::string_view text)
{
  const unsigned first = byte_at(text, 0);
  for (const Lead& lead : leads) {
    if ((first & lead.mask) != lead.pattern) continue;
    if (lead.bytes > text.size()) return {};
    char32_t point = first & ~static_cast<unsigned>(lead.mask) & 0xFFU;
    for (std::size_t index = 1; index < lead.bytes; ++index) {
      const unsigned next = byte_at(text, index);
      if ((next & 0xC0U) != 0x80U) return {};
      point = (point << 6U) | (next & 0x3FU);
    }
    const bool is_surrogate = point >= 0xD800 && point <= 0xDFFF;
    if (point < lead.least || point > 0x10FFFF || is_surrogate) return {};
    return {point, lead.bytes};
  }
  return {};
}

std::string unit(char32_t value)
{
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "\\u%04x", static_cast<unsigned>(value & 0xFFFFU));
  return text.data();
}

std::string escaped(char32_t point)
{
  if (point == U'"' || point == U'\\') return {'\\', static_cast<char>(point)};
  if (point == U'\n') return "\\n";
  if (point == U'\t') return "\\t";
  if (point == U'\r') return "\\r";
  if (point >= 0x20 && point < 0x7F) return {static_cast<char>(point)};
  if (point < 0x10000) return unit(point);
  const char32_t rest = point - 0x10000;
  return unit(0xD800 + (rest >> 10U)) + unit(0xDC00 + (rest & 0x3FFU));
}

}  // namespace

std::string json_string(std::string_view text, std::size_t max_bytes)
{
  const std::size_t ending = cut_mark.size() + 1;
  std::string all = "\"";
  std::size_t last_that_can_be_cut = all.size();
  while (!text.empty()) {
    const Decoded next = decode(text);
    all += escaped(next.point);
    text.remove_prefix(next.bytes);
    if (all.size() + ending <= max_bytes) last_that_can_be_cut = all.size();
    if (all.size() + 1 <= max_bytes) continue;
    all.resize(last_that_can_be_cut);
    all += cut_mark;
    break;
  }
  return all + "\"";
}

JsonObject& JsonObject::raw(std::string_view key, std::string_view value)
{
  if (!body_.empty()) body_ += ',';
  body_ += json_string(key);
  body_ += ':';
  body_ += value;
  return *this;
}

JsonObject& JsonObject::text(std::string_view key, std::string_view value, std::size_t max_bytes)
{
  return raw(key, json_string(value, max_bytes));
}

JsonObject& JsonObject::flag(std::string_view key, bool value)
{
  return raw(key, value ? "true" : "false");
}

JsonObject& JsonObject::decimal(std::string_view key, double value)
{
  if (!std::isfinite(value)) return nothing(key);
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.9g", value);
  return raw(key, text.data());
}

JsonObject& JsonObject::nothing(std::string_view key)
{
  return raw(key, "null");
}

JsonObject& JsonObject::object(std::string_view key, const JsonObject& value)
{
  return raw(key, value.str());
}

JsonObject& JsonObject::list(std::string_view key, const JsonList& value)
{
  raw(key, value.str());
  if (value.omitted() == 0) return *this;
  return number(std::string(key) + "_omitted", value.omitted());
}

JsonObject& JsonObject::merge(const JsonObject& other)
{
  if (other.body_.empty()) return *this;
  if (!body_.empty()) body_ += ',';
  body_ += other.body_;
  return *this;
}

void JsonList::add_raw(const std::string& value)
{
  const std::size_t separator = body_.empty() ? 0 : 1;
  if (body_.size() + separator + value.size() > max_bytes_) {
    ++omitted_;
    return;
  }
  if (separator != 0) body_ += ',';
  body_ += value;
}

}  // namespace coroner::payload
