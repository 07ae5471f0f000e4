// SPDX-License-Identifier: Apache-2.0
#include "harness/base/base64.h"

namespace coroner::base {
namespace {

constexpr std::string_view base64_letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

Result<std::string> base64_decoded(std::string_view text)
{
  constexpr unsigned bits_each = 6;
  constexpr unsigned bits_of_byte = 8;
  std::string bytes;
  unsigned held = 0;
  unsigned held_bits = 0;
  std::size_t letters = 0;
  std::size_t pads = 0;
  const auto refuse = [] { return error(ErrorKind::invalid, "this is no base64"); };
  for (const char letter : text) {
    if (letter == '\n' || letter == '\r') continue;
    ++letters;
    if (letter == '=') {
      ++pads;
      continue;
    }
    const auto value = base64_letters.find(letter);
    if (value == std::string_view::npos || pads > 0) return refuse();
    held = (held << bits_each) | static_cast<unsigned>(value);
    held_bits += bits_each;
    if (held_bits < bits_of_byte) continue;
    held_bits -= bits_of_byte;
    bytes += static_cast<char>((held >> held_bits) & 0xffU);
    held &= (1U << held_bits) - 1U;
  }
  if (letters % 4 != 0 || pads > 2) return refuse();
  return bytes;
}

std::string base64_encoded(std::string_view bytes)
{
  constexpr unsigned low_six = 63;
  std::string text;
  for (std::size_t place = 0; place < bytes.size(); place += 3) {
    const auto byte = [&bytes, place](std::size_t offset) {
      return place + offset < bytes.size() ? static_cast<unsigned char>(bytes[place + offset]) : 0U;
    };
    const unsigned group = (byte(0) << 16U) | (byte(1) << 8U) | byte(2);
    text += base64_letters[(group >> 18U) & low_six];
    text += base64_letters[(group >> 12U) & low_six];
    text += place + 1 < bytes.size() ? base64_letters[(group >> 6U) & low_six] : '=';
    text += place + 2 < bytes.size() ? base64_letters[group & low_six] : '=';
  }
  return text;
}

}  // namespace coroner::base
