// SPDX-License-Identifier: Apache-2.0
// Writes JSON that is printable ASCII whatever bytes go in, and of bounded size.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "payload/limits.h"

namespace coroner::payload {

/// `text` as a JSON string with its quotes, at most `max_bytes` long. Everything outside printable
/// ASCII is escaped; bytes that are no UTF-8 become U+FFFD; what was cut ends with U+2026. At least
/// 8 bytes are always used.
std::string json_string(std::string_view text, std::size_t max_bytes = max_text_bytes);

class JsonList;

/// An object under construction. A key is given once, by our own code.
class JsonObject {
 public:
  JsonObject& text(std::string_view key, std::string_view value,
                   std::size_t max_bytes = max_text_bytes);
  JsonObject& flag(std::string_view key, bool value);
  /// With 9 significant digits; null where it is not finite.
  JsonObject& decimal(std::string_view key, double value);
  JsonObject& nothing(std::string_view key);
  JsonObject& object(std::string_view key, const JsonObject& value);
  /// Also `<key>_omitted` with the count where the list left something out.
  JsonObject& list(std::string_view key, const JsonList& value);

  template <std::integral Number>
  JsonObject& number(std::string_view key, Number value)
  {
    return raw(key, std::to_string(value));
  }

  [[nodiscard]] std::string str() const { return "{" + body_ + "}"; }
  /// Takes over every key of `other`.
  JsonObject& merge(const JsonObject& other);

 private:
  JsonObject& raw(std::string_view key, std::string_view value);

  std::string body_;
};

/// A list that holds what fits into its share of the line and counts the rest.
class JsonList {
 public:
  explicit JsonList(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  void add(const JsonObject& value) { add_raw(value.str()); }
  void add_text(std::string_view value, std::size_t max_bytes = max_text_bytes)
  {
    add_raw(json_string(value, max_bytes));
  }

  [[nodiscard]] std::size_t omitted() const { return omitted_; }
  [[nodiscard]] bool is_empty() const { return body_.empty() && omitted_ == 0; }
  [[nodiscard]] std::string str() const { return "[" + body_ + "]"; }

 private:
  void add_raw(const std::string& value);

  std::size_t max_bytes_;
  std::size_t omitted_ = 0;
  std::string body_;
};

}  // namespace coroner::payload
