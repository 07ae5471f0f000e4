// SPDX-License-Identifier: Apache-2.0
// Scanner for PTX.
#include "matrix/lab/driver/ptx/tokens.h"

#include <bit>
#include <charconv>
#include <optional>
#include <string>

namespace coroner::driver::ptx {
namespace {

bool is_digit(char letter)
{
  return letter >= '0' && letter <= '9';
}

bool begins_word(char letter)
{
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || letter == '_' ||
         letter == '$' || letter == '%' || letter == '.';
}

bool continues_word(char letter)
{
  return letter != '%' && (begins_word(letter) || is_digit(letter));
}

std::optional<std::uint64_t> read_digits(std::string_view digits, int base)
{
  std::uint64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto result = std::from_chars(digits.data(), end, value, base);
  if (digits.empty() || result.ec != std::errc{} || result.ptr != end) return {};
  return value;
}

std::optional<Token> read_fraction(std::string_view text, Token token)
{
  double value = 0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  if (result.ec != std::errc{} || result.ptr != end) return {};
  token.kind = TokenKind::floating64;
  token.bits = std::bit_cast<std::uint64_t>(value);
  return token;
}

std::optional<Token> read_prefixed(std::string_view text, Token token)
{
  const char letter = text.size() > 1 && text[0] == '0' ? text[1] : ' ';
  std::optional<std::uint64_t> value;
  switch (letter) {
    case 'f':
    case 'F':
      if (text.size() == 10) value = read_digits(text.substr(2), 16);
      token.kind = TokenKind::floating32;
      break;
    case 'd':
    case 'D':
      if (text.size() == 18) value = read_digits(text.substr(2), 16);
      token.kind = TokenKind::floating64;
      break;
    case 'x':
    case 'X':
      value = read_digits(text.substr(2), 16);
      break;
    case 'b':
    case 'B':
      value = read_digits(text.substr(2), 2);
      break;
    default:
      value = read_digits(text, text.size() > 1 && text[0] == '0' ? 8 : 10);
      break;
  }
  if (!value) return {};
  token.bits = *value;
  return token;
}

std::optional<Token> read_number(std::string_view text, Token token)
{
  token.kind = TokenKind::integer;
  const bool is_prefixed =
      text.size() > 1 && text[0] == '0' && !is_digit(text[1]) && text[1] != '.';
  if (!is_prefixed && text.find_first_of(".eE") != std::string_view::npos) {
    return read_fraction(text, token);
  }
  if (text.ends_with('U')) text.remove_suffix(1);
  return read_prefixed(text, token);
}

class Scanner {
 public:
  explicit Scanner(std::string_view source) : source_(source) {}

  Outcome<std::vector<Token>> scan()
  {
    std::vector<Token> tokens;
    while (true) {
      if (!skip_space()) return tl::unexpected(problem_at(line_, "Comment is not closed"));
      if (at_ == source_.size()) break;
      if (tokens.size() == most_tokens)
        return tl::unexpected(problem_at(line_, "Text is too long"));
      auto token = next();
      if (!token) {
        return tl::unexpected(problem_at(line_, "Parsing error: unexpected text"));
      }
      tokens.push_back(*token);
    }
    tokens.push_back({TokenKind::end, source_.substr(at_), 0, line_});
    return tokens;
  }

 private:
  // Passes blanks and comments; false where a comment has no end.
  bool skip_space()
  {
    while (at_ < source_.size()) {
      const char letter = source_[at_];
      if (letter == '\n') ++line_;
      if (letter == ' ' || letter == '\t' || letter == '\r' || letter == '\n') {
        ++at_;
      } else if (source_.substr(at_).starts_with("//")) {
        at_ = std::min(source_.find('\n', at_), source_.size());
      } else if (source_.substr(at_).starts_with("/*")) {
        const std::size_t end = source_.find("*/", at_ + 2);
        if (end == std::string_view::npos) return false;
        for (; at_ < end + 2; ++at_) line_ += source_[at_] == '\n' ? 1 : 0;
      } else {
        return true;
      }
    }
    return true;
  }

  std::optional<Token> next()
  {
    constexpr std::string_view marks = "@!,;:[](){}<>+-|=";
    Token token{TokenKind::word, {}, 0, line_};
    const std::size_t begin = at_;
    const char first = source_[at_++];
    if (begins_word(first)) {
      while (at_ < source_.size() && continues_word(source_[at_])) ++at_;
    } else if (is_digit(first)) {
      while (at_ < source_.size() && (continues_word(source_[at_]) || is_exponent_sign(begin)))
        ++at_;
      token.text = source_.substr(begin, at_ - begin);
      return read_number(token.text, token);
    } else if (marks.find(first) != std::string_view::npos) {
      token.kind = TokenKind::mark;
    } else {
      return {};
    }
    token.text = source_.substr(begin, at_ - begin);
    return token;
  }

  // "1.5e-3" goes on at its sign, "0x1e-3" does not.
  [[nodiscard]] bool is_exponent_sign(std::size_t begin) const
  {
    const char letter = source_[at_];
    if (letter != '+' && letter != '-') return false;
    const char before = source_[at_ - 1];
    const std::string_view text = source_.substr(begin, at_ - begin);
    return (before == 'e' || before == 'E') && text.find('.') != std::string_view::npos;
  }

  std::string_view source_;
  std::size_t at_ = 0;
  unsigned line_ = 1;
};

}  // namespace

Outcome<std::vector<Token>> tokenize(std::string_view source)
{
  if (source.size() > most_text_bytes) return tl::unexpected(problem_at(1, "Text is too long"));
  return Scanner(source).scan();
}

}  // namespace coroner::driver::ptx
