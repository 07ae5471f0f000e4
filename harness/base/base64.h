// SPDX-License-Identifier: Apache-2.0
// Base64 (RFC 4648, the standard alphabet).
#pragma once

#include <string>
#include <string_view>

#include "harness/base/result.h"

namespace coroner::base {

/// Bytes of padded base64, line breaks allowed; ErrorKind::invalid otherwise.
Result<std::string> base64_decoded(std::string_view text);

/// `bytes`, padded, in one line.
std::string base64_encoded(std::string_view bytes);

}  // namespace coroner::base
