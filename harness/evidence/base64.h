// SPDX-License-Identifier: Apache-2.0
// Base64 as it is found in logs: either alphabet, padded or not, maybe broken over lines.
#pragma once

#include <string>
#include <string_view>

namespace coroner::evidence {

/// The bytes of `text` in the standard or the URL alphabet (RFC 4648, 4 and 5). White space and
/// literal `\n` are passed over, decoding ends at the first `=` or foreign byte. Never fails: what
/// is no base64 gives meaningless bytes.
std::string decoded_base64(std::string_view text);

}  // namespace coroner::evidence
