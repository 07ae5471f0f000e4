// SPDX-License-Identifier: Apache-2.0
// Normalising and comparing approved output.
#include "harness/testing/golden.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>

#include "harness/base/files.h"
#include "harness/base/text.h"

namespace coroner::testing {

namespace {

/// A form of text: 9 stands for a digit, h for a hexadecimal digit, the rest for itself.
struct Shape {
  std::string_view form;
  std::string_view name;
};

constexpr std::array<Shape, 4> shapes = {{
    {"9999-99-99T99:99:99.999Z", "TIME"},
    {"9999-99-99T99:99:99Z", "TIME"},
    {"99999999-999999-hhhh", "RUN"},
    {"hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh", "UUID"},
}};

bool has_shape(std::string_view text, std::string_view form)
{
  if (text.size() < form.size()) return false;
  return std::equal(form.begin(), form.end(), text.begin(), [](char wanted, char c) {
    const auto byte = static_cast<unsigned char>(c);
    if (wanted == '9') return std::isdigit(byte) != 0;
    if (wanted == 'h') return std::isxdigit(byte) != 0;
    return wanted == c;
  });
}

void replace_all(std::string& text, const std::string& what, std::string_view with)
{
  if (what.size() < 2) return;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

std::string first_difference(std::string_view approved, std::string_view actual)
{
  const auto wanted = base::split(approved, '\n');
  const auto got = base::split(actual, '\n');
  const auto length = std::min(wanted.size(), got.size());
  std::size_t line = 0;
  while (line < length && wanted[line] == got[line]) ++line;
  const auto at = [&](const std::vector<std::string>& lines) {
    return line < lines.size() ? base::printable(lines[line]) : std::string("(no such line)");
  };
  return fmt::format("line {}\n  approved: {}\n  actual:   {}", line + 1, at(wanted), at(got));
}

}  // namespace

std::string normalised(std::string_view text)
{
  std::string all;
  for (std::size_t at = 0; at < text.size();) {
    const auto shape = std::find_if(shapes.begin(), shapes.end(), [&](const Shape& each) {
      return has_shape(text.substr(at), each.form);
    });
    all += shape == shapes.end() ? text.substr(at, 1) : shape->name;
    at += shape == shapes.end() ? 1 : shape->form.size();
  }
  replace_all(all, std::filesystem::current_path().string(), "ROOT");
  replace_all(all, std::filesystem::temp_directory_path().string() + "/", "TMP/");
  return all;
}

base::Result<void> check_golden(const std::filesystem::path& approved, std::string_view actual)
{
  const auto text = normalised(actual);
  const char* approve = std::getenv("CORONER_APPROVE");
  if (approve != nullptr && std::string_view(approve) == "1") {
    TRY(base::make_directories(approved.parent_path()));
    return base::write_file(approved, text);
  }
  const std::string hint = "if this is what it should be: CORONER_APPROVE=1, run again, look at it";
  auto wanted = base::read_file(approved);
  if (!wanted) {
    wanted.error().hint = hint;
    return tl::unexpected(wanted.error());
  }
  if (*wanted == text) return {};
  return base::error_with_hint(base::ErrorKind::invalid,
                               approved.string() + " differs at " + first_difference(*wanted, text),
                               hint);
}

}  // namespace coroner::testing
