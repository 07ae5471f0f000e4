// SPDX-License-Identifier: Apache-2.0
// Case ids and requirements, taken apart and checked.
#include "harness/record/case.h"

namespace coroner::record {

std::string_view suite_of(std::string_view id)
{
  return id.substr(0, id.find('/'));
}

std::string_view name_of(std::string_view id)
{
  const auto slash = id.find('/');
  return slash == std::string_view::npos ? id : id.substr(slash + 1);
}

std::string file_of(std::string_view id)
{
  return fmt::format("suites/{}.cpp", id);
}

namespace {

constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Where `word` stands in `text` with no letter beside it; npos when nowhere.
std::size_t find_word(std::string_view text, std::string_view word)
{
  for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const auto end = at + word.size();
    const bool begins = at == 0 || letters.find(text[at - 1]) == std::string_view::npos;
    const bool ends = end == text.size() || letters.find(text[end]) == std::string_view::npos;
    if (begins && ends) return at;
  }
  return std::string_view::npos;
}

bool is_part(std::string_view part)
{
  constexpr std::size_t longest = 60;
  if (part.empty() || part.size() > longest) return false;
  return part.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

}  // namespace

base::Result<Level> level_of(std::string_view requirement)
{
  const auto must = find_word(requirement, "MUST");
  const auto should = find_word(requirement, "SHOULD");
  if (must == std::string_view::npos && should == std::string_view::npos)
    return base::error(base::ErrorKind::invalid, "a requirement says MUST or SHOULD: '{}'",
                       base::printable(requirement.substr(0, 200)));
  return must < should ? Level::must : Level::should;
}

base::Result<void> check(const CaseMetadata& metadata)
{
  const auto id = base::printable(metadata.id.substr(0, 130));
  const auto slash = metadata.id.find('/');
  if (slash == std::string::npos || !is_part(suite_of(metadata.id)) ||
      !is_part(name_of(metadata.id)))
    return base::error(base::ErrorKind::invalid,
                       "case id '{}' is not suite/name in small letters, digits and _", id);
  const auto level = level_of(metadata.requirement);
  if (!level) return base::pass_on(level.error(), "in case " + id);
  if (!metadata.requirement.ends_with('.'))
    return base::error(base::ErrorKind::invalid, "the requirement of {} is no whole sentence", id);
  if (metadata.source.empty())
    return base::error(base::ErrorKind::invalid, "case {} names no source", id);
  if (metadata.timeout <= std::chrono::milliseconds{0})
    return base::error(base::ErrorKind::invalid, "case {} has no timeout", id);
  return {};
}

}  // namespace coroner::record
