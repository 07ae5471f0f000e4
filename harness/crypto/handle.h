// SPDX-License-Identifier: Apache-2.0
// Handles that free what OpenSSL allocates, and its errors as ours; for this room only.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "harness/base/result.h"

namespace coroner::crypto {

/// Calls the C function `release` on what it is given.
template <auto release>
struct Releaser {
  template <class T>
  void operator()(T* owned) const
  {
    release(owned);
  }
};

using KeyHandle = std::unique_ptr<EVP_PKEY, Releaser<&EVP_PKEY_free>>;
using CertificateHandle = std::unique_ptr<X509, Releaser<&X509_free>>;
using BufferHandle = std::unique_ptr<BIO, Releaser<&BIO_free>>;

/// ErrorKind::internal "cannot {verb}: {OpenSSL's reason}"; empties the thread's error queue.
inline tl::unexpected<base::Error> openssl_error(std::string_view verb,
                                                 base::ErrorKind kind = base::ErrorKind::internal)
{
  constexpr std::size_t reason_bytes = 256;
  std::string reason(reason_bytes, '\0');
  ERR_error_string_n(ERR_peek_last_error(), reason.data(), reason.size());
  ERR_clear_error();
  return base::error(kind, "cannot {}: {}", verb, reason.c_str());
}

}  // namespace coroner::crypto
