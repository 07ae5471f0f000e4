// SPDX-License-Identifier: Apache-2.0
// Which component wrote a line, recognised from its content alone.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"

namespace coroner::graveyard {

/// The words of all components that a rule may name, "any" first.
std::vector<std::string> component_words();

/// Recognises components by what only they print.
class Components {
 public:
  static base::Result<Components> make();
  Components(Components&&) noexcept;
  Components& operator=(Components&&) noexcept;
  ~Components();

  /// The component that wrote `line`; "" when the line does not tell.
  std::string of_line(std::string_view line) const;

  /// The component that most telling lines of `text` speak for; "" when none does.
  std::string of_text(std::string_view text) const;

 private:
  struct State;
  explicit Components(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace coroner::graveyard
