// SPDX-License-Identifier: Apache-2.0
// One RE2 set says which signatures occur; each of those then scans for its lines.
#include "harness/graveyard/signature_set.h"

#include <algorithm>

#include <re2/re2.h>
#include <re2/set.h>

namespace coroner::graveyard {
namespace {

using base::ErrorKind;
using base::Result;

constexpr std::size_t chunk_bytes = 1U << 20U;
constexpr std::size_t longest_line_bytes = 16U << 10U;  ///< Kept of a hit line.

RE2::Options options(std::int64_t memory_bytes)
{
  RE2::Options made;
  made.set_log_errors(false);
  made.set_max_mem(memory_bytes);
  return made;
}

std::string by_lines(const std::string& pattern)
{
  return "(?m)" + pattern;
}

/// Where a piece of at most chunk_bytes that begins at `begin` ends: after a line's end.
std::size_t piece_end(std::string_view text, std::size_t begin)
{
  if (text.size() - begin <= chunk_bytes) return text.size();
  const auto end = text.rfind('\n', begin + chunk_bytes);
  if (end != std::string_view::npos && end > begin) return end + 1;
  const auto next = text.find('\n', begin + chunk_bytes);
  return next == std::string_view::npos ? text.size() : next + 1;
}

}  // namespace

struct SignatureSet::State {
  std::unique_ptr<RE2::Set> set;
  std::vector<std::unique_ptr<RE2>> patterns;

  /// Adds the hits of one signature in `piece`, whose first line is `first_line`.
  void find_lines(int signature, std::string_view piece, int first_line,
                  std::vector<Hit>& hits) const
  {
    const auto& pattern = *patterns[static_cast<std::size_t>(signature)];
    const re2::StringPiece all(piece.data(), piece.size());
    std::vector<re2::StringPiece> groups(
        static_cast<std::size_t>(pattern.NumberOfCapturingGroups()) + 1);
    std::size_t from = 0;
    std::size_t counted = 0;
    int line = first_line;
    for (std::size_t found = 0; found < most_hits_per_signature && from <= piece.size(); ++found) {
      if (!pattern.Match(all, from, piece.size(), RE2::UNANCHORED, groups.data(),
                         static_cast<int>(groups.size())))
        return;
      const auto at = static_cast<std::size_t>(groups[0].data() - piece.data());
      line += static_cast<int>(std::count(piece.begin() + static_cast<std::ptrdiff_t>(counted),
                                          piece.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
      counted = at;
      const auto previous = at == 0 ? std::string_view::npos : piece.rfind('\n', at - 1);
      const auto begin = previous == std::string_view::npos ? 0 : previous + 1;
      const auto end = std::min(piece.find('\n', at), piece.size());
      Hit hit{.signature = signature, .line = line};
      hit.text = std::string(piece.substr(begin, std::min(end - begin, longest_line_bytes)));
      hit.column = static_cast<int>(at - begin) + 1;
      hit.length = static_cast<int>(std::min<std::size_t>(groups[0].size(), end - at));
      for (const auto& [name, index] : pattern.NamedCapturingGroups())
        hit.captures[name] = std::string(groups[static_cast<std::size_t>(index)]);
      hits.push_back(std::move(hit));
      from = end + 1;
    }
  }
};

SignatureSet::SignatureSet(std::unique_ptr<State> state) : state_(std::move(state)) {}
SignatureSet::SignatureSet(SignatureSet&&) noexcept = default;
SignatureSet& SignatureSet::operator=(SignatureSet&&) noexcept = default;
SignatureSet::~SignatureSet() = default;

Result<SignatureSet> SignatureSet::make(const std::vector<std::string>& patterns,
                                        std::int64_t memory_bytes)
{
  auto state = std::make_unique<State>();
  state->set = std::make_unique<RE2::Set>(options(memory_bytes), RE2::UNANCHORED);
  for (const auto& pattern : patterns) {
    state->patterns.push_back(std::make_unique<RE2>(by_lines(pattern), options(largest_set_bytes)));
    std::string problem = state->patterns.back()->ok() ? "" : state->patterns.back()->error();
    if (!problem.empty() || state->set->Add(by_lines(pattern), &problem) < 0)
      return base::error(ErrorKind::invalid, "the pattern '{}' is refused: {}", pattern, problem);
  }
  if (!state->set->Compile())
    return base::error(ErrorKind::internal, "{} signatures do not fit into {} bytes",
                       patterns.size(), memory_bytes);
  return SignatureSet(std::move(state));
}

Result<std::vector<Hit>> SignatureSet::scan(std::string_view text) const
{
  std::vector<Hit> hits;
  if (state_->patterns.empty()) return hits;
  int line = 1;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = piece_end(text, begin);
    const auto piece = text.substr(begin, end - begin);
    std::vector<int> present;
    RE2::Set::ErrorInfo problem{};
    const bool is_hit =
        state_->set->Match(re2::StringPiece(piece.data(), piece.size()), &present, &problem);
    if (!is_hit && problem.kind != RE2::Set::kNoError)
      return base::error(ErrorKind::internal, "the automaton of {} signatures ran out of memory",
                         state_->patterns.size());
    std::sort(present.begin(), present.end());
    for (const int signature : present) state_->find_lines(signature, piece, line, hits);
    line += static_cast<int>(std::count(piece.begin(), piece.end(), '\n'));
    begin = end;
  }
  return hits;
}

std::string pattern_problem(const std::string& pattern)
{
  const RE2 compiled(by_lines(pattern), RE2::Quiet);
  return compiled.ok() ? "" : compiled.error();
}

std::vector<std::string> capture_names(const std::string& pattern)
{
  const RE2 compiled(by_lines(pattern), RE2::Quiet);
  std::vector<std::string> names;
  if (!compiled.ok()) return names;
  for (const auto& [name, index] : compiled.NamedCapturingGroups()) names.push_back(name);
  return names;
}

bool is_found(const std::string& pattern, std::string_view text)
{
  const RE2 compiled(by_lines(pattern), RE2::Quiet);
  return compiled.ok() && RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), compiled);
}

}  // namespace coroner::graveyard
