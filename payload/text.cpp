// SPDX-License-Identifier: Apache-2.0
// Plain functions over text.
#include "payload/text.h"

#include <cerrno>

namespace coroner::payload {
namespace {

constexpr std::string_view blanks = " \t";
constexpr std::string_view blanks_and_line_ends = " \t\r\n";

struct ErrorName {
  int error;
  std::string_view name;
};
// glibc has strerrorname_np since 2.32, which is newer than what we may ask for.
constexpr std::array error_names = {
    ErrorName{EPERM, "EPERM"},
    ErrorName{ENOENT, "ENOENT"},
    ErrorName{EINTR, "EINTR"},
    ErrorName{EIO, "EIO"},
    ErrorName{ENXIO, "ENXIO"},
    ErrorName{E2BIG, "E2BIG"},
    ErrorName{ENOEXEC, "ENOEXEC"},
    ErrorName{EBADF, "EBADF"},
    ErrorName{ECHILD, "ECHILD"},
    ErrorName{EAGAIN, "EAGAIN"},
    ErrorName{ENOMEM, "ENOMEM"},
    ErrorName{EACCES, "EACCES"},
    ErrorName{EFAULT, "EFAULT"},
    ErrorName{EBUSY, "EBUSY"},
    ErrorName{EEXIST, "EEXIST"},
    ErrorName{ENODEV, "ENODEV"},
    ErrorName{ENOTDIR, "ENOTDIR"},
    ErrorName{EISDIR, "EISDIR"},
    ErrorName{EINVAL, "EINVAL"},
    ErrorName{ENFILE, "ENFILE"},
    ErrorName{EMFILE, "EMFILE"},
    ErrorName{ENOTTY, "ENOTTY"},
    ErrorName{ETXTBSY, "ETXTBSY"},
    ErrorName{ENOSPC, "ENOSPC"},
    ErrorName{EROFS, "EROFS"},
    ErrorName{EPIPE, "EPIPE"},
    ErrorName{ELOOP, "ELOOP"},
    ErrorName{ENOSYS, "ENOSYS"},
    ErrorName{ESTALE, "ESTALE"},
    ErrorName{ENOTCONN, "ENOTCONN"},
    ErrorName{ETIMEDOUT, "ETIMEDOUT"},
    ErrorName{EOPNOTSUPP, "EOPNOTSUPP"},
    ErrorName{ENAMETOOLONG, "ENAMETOOLONG"},
    ErrorName{EOVERFLOW, "EOVERFLOW"},
};

}  // namespace

std::vector<std::string_view> split(std::string_view text, char separator)
{
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
    if (text.empty()) parts.emplace_back();
  }
  return parts;
}

std::vector<std::string_view> words(std::string_view text)
{
  std::vector<std::string_view> found;
  while (true) {
    const std::size_t begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return found;
    text.remove_prefix(begin);
    const std::size_t end = text.find_first_of(blanks);
    found.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return found;
    text.remove_prefix(end);
  }
}

std::string_view trimmed(std::string_view text)
{
  const std::size_t begin = text.find_first_not_of(blanks_and_line_ends);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks_and_line_ends) - begin + 1);
}

std::string lower_case(std::string_view text)
{
  std::string lower(text);
  for (char& letter : lower) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return lower;
}

bool contains(std::string_view text, std::string_view part)
{
  return text.find(part) != std::string_view::npos;
}

std::string hexadecimal(unsigned long long value, unsigned digits)
{
  std::string text(digits, '0');
  for (unsigned place = digits; place > 0 && value != 0; --place, value >>= 4U) {
    text[place - 1] = "0123456789abcdef"[value & 0xFU];
  }
  return text;
}

std::string error_name(int error)
{
  for (const ErrorName& row : error_names) {
    if (row.error == error) return std::string(row.name);
  }
  return "errno " + std::to_string(error);
}

}  // namespace coroner::payload
