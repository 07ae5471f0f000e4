// SPDX-License-Identifier: Apache-2.0
// OpenSSL 3 as a server, its certificate read from memory.
#include "harness/crypto/tls_server.h"

#include <algorithm>
#include <limits>

#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "harness/crypto/handle.h"

namespace coroner::crypto {

using base::Result;

class TlsConnection::Body {
 public:
  explicit Body(SSL* made) : ssl(made) {}
  const std::unique_ptr<SSL, Releaser<&SSL_free>> ssl;
  bool is_whole = true;
};

class TlsServer::Body {
 public:
  explicit Body(SSL_CTX* made) : context(made) {}
  const std::unique_ptr<SSL_CTX, Releaser<&SSL_CTX_free>> context;
};

namespace {

BufferHandle memory_of(const std::string& pem)
{
  return BufferHandle(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

CertificateHandle certificate_of(const std::string& pem)
{
  return CertificateHandle(PEM_read_bio_X509(memory_of(pem).get(), nullptr, nullptr, nullptr));
}

int as_int(std::size_t bytes)
{
  return static_cast<int>(std::min<std::size_t>(bytes, std::numeric_limits<int>::max()));
}

}  // namespace

TlsConnection::TlsConnection(std::unique_ptr<Body> body) : body_(std::move(body)) {}

TlsConnection::~TlsConnection()
{
  // After an error OpenSSL forbids it (SSL_shutdown(3)).
  if (body_->is_whole) SSL_shutdown(body_->ssl.get());
  ERR_clear_error();
}

std::size_t TlsConnection::read(char* into, std::size_t bytes)
{
  if (!body_->is_whole) return 0;
  const int count = SSL_read(body_->ssl.get(), into, as_int(bytes));
  if (count > 0) return static_cast<std::size_t>(count);
  body_->is_whole = SSL_get_error(body_->ssl.get(), count) == SSL_ERROR_ZERO_RETURN;
  ERR_clear_error();
  return 0;
}

bool TlsConnection::write(std::string_view text)
{
  while (body_->is_whole && !text.empty()) {
    const int count = SSL_write(body_->ssl.get(), text.data(), as_int(text.size()));
    body_->is_whole = count > 0;
    if (count > 0) text.remove_prefix(static_cast<std::size_t>(count));
  }
  if (!body_->is_whole) ERR_clear_error();
  return text.empty();
}

void TlsConnection::abandon()
{
  body_->is_whole = false;
}

TlsServer::TlsServer(std::unique_ptr<Body> body) : body_(std::move(body)) {}
TlsServer::~TlsServer() = default;

Result<std::unique_ptr<TlsServer>> TlsServer::make(const KeyPair& certificate,
                                                   const std::string& client_authority_pem)
{
  auto body = std::make_unique<Body>(SSL_CTX_new(TLS_server_method()));
  const auto shown = certificate_of(certificate.certificate_pem);
  const KeyHandle key(
      PEM_read_bio_PrivateKey(memory_of(certificate.key_pem).get(), nullptr, nullptr, nullptr));
  SSL_CTX* context = body->context.get();
  if (context == nullptr || !shown || !key ||
      SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1 ||
      SSL_CTX_use_certificate(context, shown.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context, key.get()) != 1)
    return openssl_error("use a server's certificate");
  if (!client_authority_pem.empty()) {
    const auto authority = certificate_of(client_authority_pem);
    if (!authority || X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get()) != 1)
      return openssl_error("use the authority of clients");
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  return std::unique_ptr<TlsServer>(new TlsServer(std::move(body)));
}

std::unique_ptr<TlsConnection> TlsServer::accept(int socket) const
{
  auto body = std::make_unique<TlsConnection::Body>(SSL_new(body_->context.get()));
  SSL* ssl = body->ssl.get();
  if (ssl == nullptr || SSL_set_fd(ssl, socket) != 1 || SSL_accept(ssl) != 1) {
    ERR_clear_error();
    return nullptr;
  }
  return std::make_unique<TlsConnection>(std::move(body));
}

}  // namespace coroner::crypto
