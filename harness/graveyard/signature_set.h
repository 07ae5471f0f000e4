// SPDX-License-Identifier: Apache-2.0
// All signatures held against a text at once: which lines they hit, where, and what they caught.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"

namespace coroner::graveyard {

/// Memory that the automaton of all signatures may take.
inline constexpr std::int64_t largest_set_bytes = 64LL << 20U;

/// Lines of one signature in one text that are looked at; a loop prints the same for days.
inline constexpr std::size_t most_hits_per_signature = 16;

/// One line that a signature matches.
struct Hit {
  int signature = 0;                            ///< Index as given to make().
  int line = 1;                                 ///< Within the text, from 1.
  std::string text;                             ///< The whole line.
  int column = 1;                               ///< First byte of the match, from 1.
  int length = 0;                               ///< Bytes of the match.
  std::map<std::string, std::string> captures;  ///< By the names of (?P<name>…).
};

class SignatureSet {
 public:
  /// ErrorKind::invalid names the pattern that is refused and why; internal when all together do
  /// not fit into `memory_bytes`.
  static base::Result<SignatureSet> make(const std::vector<std::string>& patterns,
                                         std::int64_t memory_bytes = largest_set_bytes);
  SignatureSet(SignatureSet&&) noexcept;
  SignatureSet& operator=(SignatureSet&&) noexcept;
  ~SignatureSet();

  /// Hits in order of signature, then line. ErrorKind::internal when the automaton runs out of
  /// memory: that is never "no match".
  base::Result<std::vector<Hit>> scan(std::string_view text) const;

 private:
  struct State;
  explicit SignatureSet(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// nullptr-free check of one pattern: "" when RE2 takes it, else its complaint.
std::string pattern_problem(const std::string& pattern);

/// The names of the groups of a pattern that RE2 takes.
std::vector<std::string> capture_names(const std::string& pattern);

/// Whether `pattern` matches somewhere in `text`; false when RE2 refuses the pattern.
bool is_found(const std::string& pattern, std::string_view text);

}  // namespace coroner::graveyard
