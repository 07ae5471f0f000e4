// SPDX-License-Identifier: Apache-2.0
// The calls of OpenSSL that a scripted server needs.
#include "harness/testing/tls_stream.h"

#include <csignal>

#include <openssl/pem.h>
#include <openssl/x509.h>

namespace coroner::testing {
namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

template <class T>
using Owned = std::unique_ptr<T, Free>;

Owned<BIO> memory_of(const std::string& pem)
{
  return Owned<BIO>(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

Owned<X509> certificate_of(const std::string& pem)
{
  return Owned<X509>(PEM_read_bio_X509(memory_of(pem).get(), nullptr, nullptr, nullptr));
}

}  // namespace

TlsStream::~TlsStream()
{
  if (!is_abandoned_) SSL_shutdown(ssl_);
  SSL_free(ssl_);
}

ssize_t TlsStream::read(char* into, std::size_t bytes)
{
  return SSL_read(ssl_, into, static_cast<int>(bytes));
}

ssize_t TlsStream::write(const char* from, std::size_t bytes)
{
  return SSL_write(ssl_, from, static_cast<int>(bytes));
}

base::Result<std::unique_ptr<TlsContext>> TlsContext::make(const std::string& certificate_pem,
                                                           const std::string& key_pem,
                                                           const std::string& client_authority_pem)
{
  // SSL_write has no MSG_NOSIGNAL; a client that went away must not end the test.
  std::signal(SIGPIPE, SIG_IGN);
  std::unique_ptr<TlsContext> context(new TlsContext(SSL_CTX_new(TLS_server_method())));
  const auto certificate = certificate_of(certificate_pem);
  const Owned<EVP_PKEY> key(
      PEM_read_bio_PrivateKey(memory_of(key_pem).get(), nullptr, nullptr, nullptr));
  if (!certificate || !key || SSL_CTX_use_certificate(context->context_, certificate.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context->context_, key.get()) != 1)
    return base::error(base::ErrorKind::invalid, "the scripted server cannot use its certificate");
  if (client_authority_pem.empty()) return context;
  const auto authority = certificate_of(client_authority_pem);
  if (!authority ||
      X509_STORE_add_cert(SSL_CTX_get_cert_store(context->context_), authority.get()) != 1)
    return base::error(base::ErrorKind::invalid, "the scripted server cannot use the authority");
  SSL_CTX_set_verify(context->context_, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return context;
}

TlsContext::~TlsContext()
{
  SSL_CTX_free(context_);
}

std::unique_ptr<TlsStream> TlsContext::accept(int descriptor) const
{
  SSL* ssl = SSL_new(context_);
  SSL_set_fd(ssl, descriptor);
  if (SSL_accept(ssl) == 1) return std::make_unique<TlsStream>(ssl);
  SSL_free(ssl);
  return nullptr;
}

}  // namespace coroner::testing
