// SPDX-License-Identifier: Apache-2.0
// The common shape of NVML's getters: check, ask, write the answer.
#pragma once

#include <cstring>
#include <optional>
#include <string_view>

#include "matrix/lab/driver/nvml/library.h"

namespace coroner::driver::nvml {

// Copies a text with its terminating zero into the caller's buffer.
inline Status copy_text(std::string_view text, char* buffer, unsigned length)
{
  if (buffer == nullptr) return Status::invalid_argument;
  if (text.size() + 1 > length) return Status::insufficient_size;
  std::memcpy(buffer, text.data(), text.size());
  buffer[text.size()] = '\0';
  return Status::success;
}

// For getters that write one value: `question` takes the Device and gives an optional value, where
// nothing means that this GPU does not support it.
template <typename Value, typename Question>
Status answer(DeviceHandle handle, Value* value, Question question)
{
  Device device;
  if (const Status status = library().find(handle, device); status != Status::success)
    return status;
  if (value == nullptr) return Status::invalid_argument;
  const std::optional<Value> found = question(device);
  if (!found) return Status::not_supported;
  *value = *found;
  return Status::success;
}

// For getters that write a text.
template <typename Question>
Status answer_text(DeviceHandle handle, char* buffer, unsigned length, Question question)
{
  Device device;
  if (const Status status = library().find(handle, device); status != Status::success)
    return status;
  const std::optional<std::string_view> text = question(device);
  return text ? copy_text(*text, buffer, length) : Status::not_supported;
}

}  // namespace coroner::driver::nvml

// What a function of NVML's C interface is declared with. Its name and its lack of a namespace are
// NVML's.
#define CORONER_NVML extern "C" [[gnu::visibility("default")]] ::coroner::driver::nvml::Status
