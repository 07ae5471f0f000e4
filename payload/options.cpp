// SPDX-License-Identifier: Apache-2.0
// Reads the command line by two tables: words and options.
#include "payload/options.h"

#include <algorithm>
#include <array>

#include "payload/text.h"

namespace coroner::payload {
namespace {

struct CommandWord {
  std::string_view word;
  Command command;
};
constexpr std::array command_words = {
    CommandWord{"inspect", Command::inspect},     CommandWord{"nvml", Command::nvml},
    CommandWord{"vectoradd", Command::vectoradd}, CommandWord{"smi", Command::smi},
    CommandWord{"--version", Command::version},   CommandWord{"--help", Command::help},
};

/// The row of `word`, else nullptr.
const CommandWord* command_word(std::string_view word)
{
  const auto* found = std::find_if(command_words.begin(), command_words.end(),
                                   [word](const CommandWord& row) { return row.word == word; });
  return found == command_words.end() ? nullptr : found;
}

bool is_hexadecimal(std::string_view text)
{
  return std::all_of(text.begin(), text.end(), [](char letter) {
    return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f') ||
           (letter >= 'A' && letter <= 'F');
  });
}

bool take_nonce(Options& options, std::string_view value)
{
  if (value.size() < min_nonce_digits || value.size() > max_nonce_digits) return false;
  if (!is_hexadecimal(value)) return false;
  options.nonce = value;
  return true;
}

bool take_then(Options& options, std::string_view value)
{
  const auto* found = command_word(value);
  if (found == nullptr || value.starts_with("--")) return false;
  options.then = found->command;
  return true;
}

bool take_timeout(Options& options, std::string_view value)
{
  const auto seconds = number_of<unsigned>(value);
  if (!seconds || *seconds == 0 || *seconds > max_timeout_s) return false;
  options.timeout_s = *seconds;
  return true;
}

bool take_elements(Options& options, std::string_view value)
{
  const auto elements = number_of<std::uint64_t>(value);
  if (!elements || *elements == 0 || *elements > max_elements) return false;
  options.elements = *elements;
  return true;
}

bool take_device(Options& options, std::string_view value)
{
  const auto device = number_of<unsigned>(value);
  if (!device || *device >= max_gpus) return false;
  options.device = *device;
  return true;
}

struct ValuedOption {
  std::string_view name;
  bool (*take)(Options&, std::string_view);
  bool is_for_vectoradd_only;
  std::string_view range;
};
constexpr std::array valued_options = {
    ValuedOption{"--nonce", take_nonce, false, "8 to 64 hexadecimal digits"},
    ValuedOption{"--then", take_then, false, "a sub-command"},
    ValuedOption{"--timeout", take_timeout, false, "1 to 3600 seconds"},
    ValuedOption{"--elements", take_elements, true, "1 to 268435456"},
    ValuedOption{"--device", take_device, true, "0 to 63"},
};

ParsedOptions problem(std::string text)
{
  return {std::nullopt, std::move(text)};
}

const ValuedOption* valued_option(std::string_view name)
{
  const auto* found = std::find_if(valued_options.begin(), valued_options.end(),
                                   [name](const ValuedOption& row) { return row.name == name; });
  return found == valued_options.end() ? nullptr : found;
}

}  // namespace

ParsedOptions parse_options(const std::vector<std::string_view>& words)
{
  if (words.empty()) return problem("a sub-command is missing");
  Options options;
  const auto* command = command_word(words[0]);
  if (command == nullptr) {
    return problem("there is no sub-command '" + std::string(words[0]) + "'");
  }
  options.command = command->command;
  if (options.command == Command::version || options.command == Command::help) return {options, {}};
  const bool is_vectoradd = options.command == Command::vectoradd;
  for (std::size_t index = 1; index < words.size(); ++index) {
    const std::string name(words[index]);
    if (name == "--exit-zero") {
      options.exits_zero = true;
      continue;
    }
    if (name == "--all" && is_vectoradd) {
      options.all_devices = true;
      continue;
    }
    const ValuedOption* option = valued_option(name);
    if (option == nullptr || (option->is_for_vectoradd_only && !is_vectoradd)) {
      return problem(std::string(command->word) + " has no option '" + name + "'");
    }
    if (index + 1 == words.size() || !option->take(options, words[index + 1])) {
      return problem(name + " needs " + std::string(option->range));
    }
    ++index;
  }
  if (options.nonce.empty()) return problem("--nonce is missing");
  return {options, {}};
}

std::string_view word_of(Command command)
{
  for (const CommandWord& row : command_words) {
    if (row.command == command) return row.word;
  }
  return "";
}

std::string_view usage()
{
  return "usage: coroner-payload inspect   --nonce HEX [--timeout SECONDS]\n"
         "       coroner-payload nvml      --nonce HEX [--timeout SECONDS]\n"
         "       coroner-payload vectoradd --nonce HEX [--timeout SECONDS] [--elements N]\n"
         "                                 [--device N | --all]\n"
         "       coroner-payload smi       --nonce HEX [--timeout SECONDS]\n"
         "       coroner-payload --version | --help\n"
         "One JSON line a result on standard output. Exit: 0 ok, 1 failed, 2 usage.\n"
         "--then COMMAND: does that afterwards too, in a process of its own, whatever the first "
         "gave.\n"
         "--exit-zero: 0 also where the result says failed, so that what comes after runs.\n";
}

}  // namespace coroner::payload
