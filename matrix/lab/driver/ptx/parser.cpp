// SPDX-License-Identifier: Apache-2.0
// Recursive descent over PTX tokens; the first mistake ends it.
#include "matrix/lab/driver/ptx/parser.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "matrix/lab/driver/ptx/tokens.h"

namespace coroner::driver::ptx {
namespace {

bool read_unsigned(std::string_view text, unsigned& number)
{
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  return result.ec == std::errc{} && result.ptr == end;
}

// "9.0" -> {9, 0}.
bool read_version(std::string_view text, Version& version)
{
  const auto dot = text.find('.');
  if (dot == std::string_view::npos) return false;
  unsigned major = 0;
  unsigned minor = 0;
  if (!read_unsigned(text.substr(0, dot), major) || !read_unsigned(text.substr(dot + 1), minor)) {
    return false;
  }
  version = {static_cast<int>(major % 1000), static_cast<int>(minor % 1000)};
  return major < 1000 && minor < 1000;
}

class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  Outcome<Source> parse()
  {
    while (!problem_ && peek().kind != TokenKind::end) parse_directive();
    if (!problem_ && source_.target == 0) fail(".target is missing");
    if (problem_) return tl::unexpected(std::move(*problem_));
    return std::move(source_);
  }

 private:
  [[nodiscard]] const Token& peek() const { return tokens_[at_]; }

  Token take()
  {
    const Token token = tokens_[at_];
    if (token.kind != TokenKind::end) ++at_;
    return token;
  }

  bool take_if(std::string_view text)
  {
    if (peek().text != text || peek().kind == TokenKind::end) return false;
    ++at_;
    return true;
  }

  bool fail(const std::string& text) { return fail_at(peek().line, text); }

  bool fail_at(unsigned line, const std::string& text)
  {
    if (!problem_) problem_ = problem_at(line, text);
    return false;
  }

  bool fail_near()
  {
    return fail("Parsing error near '" + std::string(peek().text) + "': syntax error");
  }

  bool expect(std::string_view text) { return take_if(text) || fail_near(); }

  std::optional<std::string> expect_name()
  {
    const Token& token = peek();
    if (token.kind != TokenKind::word || token.text.starts_with('.')) {
      fail_near();
      return {};
    }
    return std::string(take().text);
  }

  std::optional<unsigned> expect_integer(unsigned most)
  {
    const Token& token = peek();
    if (token.kind != TokenKind::integer || token.bits > most) {
      fail_near();
      return {};
    }
    return static_cast<unsigned>(take().bits);
  }

  bool parse_directive()
  {
    const Token token = take();
    if (token.text == ".version") return parse_version(token.line);
    if (token.text == ".target") return parse_target(token.line);
    if (token.text == ".address_size") return parse_address_size();
    if (token.text == ".visible" || token.text == ".weak") {
      return peek().text == ".entry" || fail_outside(peek());
    }
    if (token.text == ".entry") return parse_entry();
    return fail_outside(token);
  }

  bool fail_outside(const Token& token)
  {
    return fail_at(token.line,
                   "'" + std::string(token.text) + "' is outside the simulated driver's subset");
  }

  bool parse_version(unsigned line)
  {
    source_.version_line = line;
    return read_version(take().text, source_.version) || fail_at(line, ".version is malformed");
  }

  bool parse_target(unsigned line)
  {
    source_.target_line = line;
    std::string_view text = take().text;
    if (text.starts_with("sm_")) text.remove_prefix(3);
    if (!read_unsigned(text, source_.target) || source_.target < 10 || source_.target > 999) {
      source_.target = 0;
      return fail_at(line, "this .target is outside the simulated driver's subset");
    }
    return peek().text != "," || fail_outside(peek());
  }

  bool parse_address_size()
  {
    if (peek().bits != 64) return fail("only .address_size 64 is simulated");
    take();
    return true;
  }

  bool parse_entry()
  {
    Entry entry;
    entry.line = peek().line;
    const auto name = expect_name();
    if (!name) return false;
    entry.name = *name;
    if (take_if("(") && !parse_parameters(entry)) return false;
    if (!skip_performance_directives() || !expect("{")) return false;
    while (!take_if("}")) {
      if (!parse_statement(entry)) return false;
    }
    source_.entries.push_back(std::move(entry));
    return true;
  }

  bool parse_parameters(Entry& entry)
  {
    if (take_if(")")) return true;
    do {
      if (!parse_parameter(entry)) return false;
    } while (take_if(","));
    return expect(")");
  }

  // `.param .u64 .ptr .global .align 4 name` or `.param .align 8 .b8 name[16]`.
  bool parse_parameter(Entry& entry)
  {
    if (!expect(".param")) return false;
    Parameter parameter;
    unsigned bytes = 0;
    while (peek().kind == TokenKind::word && peek().text.starts_with('.')) {
      const Token token = take();
      if (token.text == ".align") {
        const auto alignment = expect_integer(128);
        if (!alignment) return false;
        parameter.alignment = *alignment;
      } else if (const auto type = type_from(token.text.substr(1)); type && type->bits >= 8) {
        bytes = type->bytes();
      } else if (token.text != ".ptr" && token.text != ".global") {
        return fail_outside(token);
      }
    }
    const auto name = expect_name();
    if (!name || bytes == 0) return fail_near();
    parameter.name = *name;
    const bool is_pointer_alignment = peek().text != "[";
    parameter.alignment = is_pointer_alignment ? bytes : std::max(parameter.alignment, bytes);
    parameter.bytes = bytes;
    if (take_if("[")) {
      const auto count = expect_integer(most_parameter_bytes);
      if (!count || !expect("]")) return false;
      parameter.bytes = bytes * *count;
    }
    return place(entry, std::move(parameter));
  }

  bool place(Entry& entry, Parameter parameter)
  {
    const unsigned alignment = parameter.alignment;
    if ((alignment & (alignment - 1)) != 0) return fail("an alignment must be a power of two");
    parameter.offset = (entry.parameter_bytes + alignment - 1) / alignment * alignment;
    entry.parameter_bytes = parameter.offset + parameter.bytes;
    if (entry.parameter_bytes > most_parameter_bytes)
      return fail("Formal parameter space overflowed");
    entry.parameters.push_back(std::move(parameter));
    return true;
  }

  // They steer the compiler, not what is computed.
  bool skip_performance_directives()
  {
    constexpr std::array<std::string_view, 4> known = {".maxntid", ".reqntid", ".minnctapersm",
                                                       ".maxnreg"};
    while (peek().text.starts_with('.')) {
      const Token token = take();
      if (std::find(known.begin(), known.end(), token.text) == known.end())
        return fail_outside(token);
      do {
        if (!expect_integer(1U << 30U)) return false;
      } while (take_if(","));
    }
    return true;
  }

  bool parse_statement(Entry& entry)
  {
    if (peek().text == ".reg") return parse_registers(entry);
    if (peek().text == ".loc") return skip_location();
    if (tokens_[at_].kind == TokenKind::word && tokens_[at_ + 1].text == ":") {
      const Token token = take();
      take();
      entry.labels.push_back({std::string(token.text), entry.statements.size(), token.line});
      return true;
    }
    return parse_instruction(entry);
  }

  bool skip_location()
  {
    take();
    while (peek().kind == TokenKind::integer) take();
    return true;
  }

  bool parse_registers(Entry& entry)
  {
    take();
    const Token type_token = take();
    const auto type =
        type_token.text.starts_with('.') ? type_from(type_token.text.substr(1)) : std::nullopt;
    if (!type || type->bits == 8) return fail_outside(type_token);
    do {
      const auto name = expect_name();
      if (!name) return false;
      if (!take_if("<")) {
        entry.registers.push_back({*name, *type});
      } else {
        const auto count = expect_integer(most_registers);
        if (!count || !expect(">")) return false;
        if (entry.registers.size() + *count > most_registers) return fail("too many registers");
        for (unsigned number = 0; number < *count; ++number) {
          entry.registers.push_back({*name + std::to_string(number), *type});
        }
      }
      if (entry.registers.size() > most_registers) return fail("too many registers");
    } while (take_if(","));
    return expect(";");
  }

  bool parse_instruction(Entry& entry)
  {
    Statement statement;
    statement.line = peek().line;
    if (take_if("@")) {
      statement.guard_negated = take_if("!");
      const auto guard = expect_name();
      if (!guard) return false;
      statement.guard = *guard;
    }
    const auto operation = expect_name();
    if (!operation) return false;
    statement.operation = *operation;
    if (!take_if(";")) {
      do {
        if (statement.operands.size() == most_operands) return fail_near();
        if (!parse_operand(statement)) return false;
      } while (take_if(","));
      if (!expect(";")) return false;
    }
    entry.statements.push_back(std::move(statement));
    return true;
  }

  bool parse_operand(Statement& statement)
  {
    Operand operand;
    if (take_if("[")) {
      operand.form = OperandForm::address;
      if (!parse_address(operand)) return false;
    } else if (peek().kind == TokenKind::word) {
      const auto name = expect_name();
      if (!name) return false;
      operand.name = *name;
    } else if (!parse_constant(operand)) {
      return fail_outside_operand(statement);
    }
    statement.operands.push_back(std::move(operand));
    return true;
  }

  bool fail_outside_operand(const Statement& statement)
  {
    if (peek().text != "{" && peek().text != "!") return fail_near();
    return fail("this operand of '" + statement.operation +
                "' is outside the simulated driver's subset");
  }

  bool parse_constant(Operand& operand)
  {
    const bool is_negative = take_if("-");
    const Token token = peek();
    operand.bits = token.bits;
    if (token.kind == TokenKind::integer) {
      operand.form = OperandForm::integer;
      if (is_negative) operand.bits = 0 - operand.bits;
    } else if (token.kind == TokenKind::floating32) {
      operand.form = OperandForm::floating32;
      if (is_negative) operand.bits ^= 1ULL << 31U;
    } else if (token.kind == TokenKind::floating64) {
      operand.form = OperandForm::floating64;
      if (is_negative) operand.bits ^= 1ULL << 63U;
    } else {
      return false;
    }
    take();
    return true;
  }

  bool parse_address(Operand& operand)
  {
    const auto name = expect_name();
    if (!name) return false;
    operand.name = *name;
    const bool is_minus = peek().text == "-";
    if (take_if("+") || take_if("-")) {
      const bool is_negative = take_if("-") != is_minus;
      const auto offset = expect_integer(1U << 31U);
      if (!offset) return false;
      operand.offset = is_negative ? -static_cast<std::int64_t>(*offset) : *offset;
    }
    return expect("]");
  }

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  Source source_;
  std::optional<Problem> problem_;
};

}  // namespace

Outcome<Source> parse(std::string_view text)
{
  auto tokens = tokenize(text);
  const bool is_ptx = tokens && tokens->front().text == ".version";
  if (!is_ptx && text.find(".version") == std::string_view::npos) {
    return tl::unexpected(Problem{ProblemKind::not_ptx, "ptxas fatal   : this is no PTX text"});
  }
  if (!tokens) return tl::unexpected(std::move(tokens.error()));
  if (!is_ptx)
    return tl::unexpected(problem_at(tokens->front().line, "Missing .version directive"));
  return Parser(std::move(*tokens)).parse();
}

}  // namespace coroner::driver::ptx
