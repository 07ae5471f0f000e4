// SPDX-License-Identifier: Apache-2.0
// Certificates of a cluster made here: an authority, what it issues, and token signing keys.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"

namespace coroner::crypto {

/// A certificate ("CERTIFICATE") and its private key (PKCS #8, "PRIVATE KEY"), both PEM. The key
/// is a secret: whoever writes it to disk gives it mode 0600.
struct KeyPair {
  std::string certificate_pem;
  std::string key_pem;
};

/// The longest validity that is issued.
inline constexpr std::chrono::days longest_validity{36'500};

/// How far in the past a validity begins, for clocks that lag.
inline constexpr std::chrono::minutes backdating{5};

/// A self-signed authority (ECDSA P-256) that may sign end certificates but no other authority.
/// ErrorKind::invalid for an empty or overlong (64 characters) name and a validity out of
/// [1 day, longest_validity].
base::Result<KeyPair> make_authority(std::string_view common_name, std::chrono::days validity);

/// Whom a certificate names. Kubernetes reads the user from common_name and its groups from
/// organizations (kubernetes.io: Authenticating, "X509 client certificates").
struct Subject {
  std::string common_name;
  std::vector<std::string> organizations;
  std::vector<std::string> dns_names;
  std::vector<std::string> addresses;  ///< IPv4 or IPv6, as text.
  bool is_server = false;
  bool is_client = false;
};

/// A certificate for `subject` with a fresh ECDSA P-256 key, signed by `authority`.
/// ErrorKind::invalid when the subject is neither server nor client, a server has no name or
/// address, an address is none, the validity is out of range, or `authority` is no authority or
/// its key does not fit.
base::Result<KeyPair> issue(const KeyPair& authority, const Subject& subject,
                            std::chrono::days validity);

/// A key for signing service account tokens (ECDSA P-256): PKCS #8 "PRIVATE KEY" and
/// SubjectPublicKeyInfo "PUBLIC KEY", as client-go's util/keyutil reads both.
struct SigningKey {
  std::string private_pem;
  std::string public_pem;
};

base::Result<SigningKey> make_signing_key();

}  // namespace coroner::crypto
