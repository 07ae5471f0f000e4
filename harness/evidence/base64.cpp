// SPDX-License-Identifier: Apache-2.0
// Base64 both ways.
#include "harness/evidence/base64.h"

#include <cstdint>

namespace coroner::evidence {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int digit_of(char c)
{
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return -1;
}

}  // namespace

std::string decoded_base64(std::string_view text)
{
  std::string bytes;
  std::uint32_t bits = 0;
  int held = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' || text[i] == '\r' || text[i] == ' ' || text[i] == '\t') continue;
    if (text[i] == '\\' && i + 1 < text.size()) {
      ++i;
      continue;
    }
    const int digit = digit_of(text[i]);
    if (digit < 0) break;
    bits = (bits << 6U) | static_cast<std::uint32_t>(digit);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes += static_cast<char>((bits >> static_cast<unsigned>(held)) & 0xffU);
  }
  return bytes;
}

std::string encoded_base64(std::string_view bytes)
{
  std::string text;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : bytes) {
    bits = (bits << 8U) | static_cast<unsigned char>(c);
    held += 8;
    while (held >= 6) {
      held -= 6;
      text += alphabet[(bits >> held) & 0x3fU];
    }
  }
  if (held > 0) text += alphabet[(bits << (6U - held)) & 0x3fU];
  while (text.size() % 4 != 0) text += '=';
  return text;
}

}  // namespace coroner::evidence
