// SPDX-License-Identifier: Apache-2.0
// The command line as data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "payload/limits.h"

namespace coroner::payload {

enum class Command { inspect, nvml, vectoradd, smi, version, help };

struct Options {
  Command command = Command::help;
  std::optional<Command> then;  // what is done after it, whatever it gave
  std::string nonce;            // as given; hexadecimal digits
  unsigned timeout_s = default_timeout_s;
  std::optional<std::uint64_t> elements;
  unsigned device = 0;
  bool all_devices = false;
  bool exits_zero = false;  // whatever the result says: what comes after must run too
};

struct ParsedOptions {
  std::optional<Options> options;
  std::string problem;  // one sentence without a final stop, where there are no options
};

/// `words` are the arguments without the program's name.
ParsedOptions parse_options(const std::vector<std::string_view>& words);

/// The sub-command's word, which is also the `kind` of its result lines.
std::string_view word_of(Command command);

/// For people, several lines.
std::string_view usage();

}  // namespace coroner::payload
