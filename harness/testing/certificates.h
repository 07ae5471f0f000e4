// SPDX-License-Identifier: Apache-2.0
// Certificates for tests: an authority and what it issues, good for one day.
#pragma once

#include <string>

#include "harness/crypto/certificate.h"

namespace coroner::testing {

using crypto::KeyPair;

KeyPair make_authority();

/// For a server at `address` that is also called `name`.
KeyPair make_server(const KeyPair& authority, const std::string& address, const std::string& name);

KeyPair make_client(const KeyPair& authority, const std::string& user);

}  // namespace coroner::testing
