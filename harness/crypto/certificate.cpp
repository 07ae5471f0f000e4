// SPDX-License-Identifier: Apache-2.0
// X.509 version 3 over OpenSSL 3: keys, names, extensions, signatures.
#include "harness/crypto/certificate.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "harness/base/text.h"
#include "harness/crypto/handle.h"

namespace coroner::crypto {
namespace {

using base::error;
using base::ErrorKind;
using base::Result;

using NamesHandle = std::unique_ptr<GENERAL_NAMES, Releaser<&GENERAL_NAMES_free>>;
using NameHandle = std::unique_ptr<GENERAL_NAME, Releaser<&GENERAL_NAME_free>>;
using NumberHandle = std::unique_ptr<BIGNUM, Releaser<&BN_free>>;
using ExtensionHandle = std::unique_ptr<X509_EXTENSION, Releaser<&X509_EXTENSION_free>>;

/// RFC 5280 (4.1.2.2) allows serial numbers of at most 20 bytes; these are positive.
constexpr int serial_bits = 127;

Result<KeyHandle> make_key()
{
  KeyHandle key(EVP_EC_gen("P-256"));
  if (!key) return openssl_error("make a key");
  return key;
}

std::string text_of(BIO* buffer)
{
  char* start = nullptr;
  const long size = BIO_get_mem_data(buffer, &start);
  return size > 0 ? std::string(start, static_cast<std::size_t>(size)) : std::string();
}

Result<std::string> pem_of_key(EVP_PKEY* key)
{
  const BufferHandle buffer(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PrivateKey(buffer.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return openssl_error("write a private key");
  return text_of(buffer.get());
}

Result<KeyPair> pair_of(X509* certificate, EVP_PKEY* key)
{
  const BufferHandle buffer(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_X509(buffer.get(), certificate) != 1)
    return openssl_error("write a certificate");
  TRY_ASSIGN(key_pem, pem_of_key(key));
  return KeyPair{text_of(buffer.get()), std::move(key_pem)};
}

Result<void> set_serial(X509* certificate)
{
  const NumberHandle number(BN_new());
  if (BN_rand(number.get(), serial_bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) != 1 ||
      BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) == nullptr)
    return openssl_error("choose a serial number");
  return {};
}

Result<void> set_validity(X509* certificate, std::chrono::days validity)
{
  if (validity < std::chrono::days{1} || validity > longest_validity)
    return error(ErrorKind::invalid, "a certificate cannot be valid for {} days: 1 to {} can be",
                 validity.count(), longest_validity.count());
  const long before = -std::chrono::duration_cast<std::chrono::seconds>(backdating).count();
  if (X509_gmtime_adj(X509_getm_notBefore(certificate), before) == nullptr ||
      X509_time_adj_ex(X509_getm_notAfter(certificate), static_cast<int>(validity.count()), 0,
                       nullptr) == nullptr)
    return openssl_error("set a validity");
  return {};
}

Result<void> add_to_name(X509_NAME* name, int field, std::string_view value)
{
  const auto* bytes = reinterpret_cast<const unsigned char*>(value.data());
  if (value.empty() || X509_NAME_add_entry_by_NID(name, field, MBSTRING_UTF8, bytes,
                                                  static_cast<int>(value.size()), -1, 0) != 1)
    return openssl_error(fmt::format("name a certificate '{}'", base::printable(value)),
                         ErrorKind::invalid);
  return {};
}

/// An extension with a value in the form of OpenSSL's x509v3_config(5); always a constant here.
struct Extension {
  int id;
  const char* value;
};

Result<void> add_extension(X509* certificate, X509* issuer, const Extension& extension)
{
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const ExtensionHandle made(X509V3_EXT_conf_nid(nullptr, &context, extension.id, extension.value));
  if (!made || X509_add_ext(certificate, made.get(), -1) != 1)
    return openssl_error(fmt::format("add {}", OBJ_nid2sn(extension.id)));
  return {};
}

Result<void> add_name(GENERAL_NAMES* names, const std::string& text, bool is_address)
{
  NameHandle name(GENERAL_NAME_new());
  ASN1_STRING* value = is_address ? a2i_IPADDRESS(text.c_str()) : ASN1_IA5STRING_new();
  if (value == nullptr) {
    ERR_clear_error();
    return error(ErrorKind::invalid, "'{}' is no IP address", base::printable(text));
  }
  GENERAL_NAME_set0_value(name.get(), is_address ? GEN_IPADD : GEN_DNS, value);
  if (!is_address && ASN1_STRING_set(value, text.data(), static_cast<int>(text.size())) != 1)
    return openssl_error("write a name");
  if (sk_GENERAL_NAME_push(names, name.get()) == 0) return openssl_error("collect a name");
  (void)name.release();  // the stack owns it now
  return {};
}

/// The names are built as values, not as configuration text, in which a comma would start another.
Result<void> add_alternative_names(X509* certificate, const Subject& subject)
{
  if (subject.dns_names.empty() && subject.addresses.empty()) return {};
  const NamesHandle names(GENERAL_NAMES_new());
  for (const auto& name : subject.dns_names) TRY(add_name(names.get(), name, false));
  for (const auto& address : subject.addresses) TRY(add_name(names.get(), address, true));
  if (X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, X509V3_ADD_DEFAULT) != 1)
    return openssl_error("add subjectAltName");
  return {};
}

Result<CertificateHandle> begin(EVP_PKEY* key, std::chrono::days validity)
{
  CertificateHandle certificate(X509_new());
  if (!certificate || X509_set_version(certificate.get(), X509_VERSION_3) != 1 ||
      X509_set_pubkey(certificate.get(), key) != 1)
    return openssl_error("begin a certificate");
  TRY(set_serial(certificate.get()));
  TRY(set_validity(certificate.get(), validity));
  return certificate;
}

Result<void> sign(X509* certificate, EVP_PKEY* key)
{
  if (X509_sign(certificate, key, EVP_sha256()) == 0) return openssl_error("sign a certificate");
  return {};
}

struct Authority {
  CertificateHandle certificate;
  KeyHandle key;
};

Result<Authority> read_authority(const KeyPair& pair)
{
  const auto buffer_of = [](const std::string& text) {
    return BufferHandle(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  };
  Authority authority;
  const auto certificate = buffer_of(pair.certificate_pem);
  authority.certificate.reset(PEM_read_bio_X509(certificate.get(), nullptr, nullptr, nullptr));
  if (!authority.certificate)
    return openssl_error("read the authority's certificate", ErrorKind::invalid);
  // Without a callback that refuses, an encrypted key would ask for its pass phrase on a terminal.
  const auto refuse = [](char*, int, int, void*) { return -1; };
  const auto key = buffer_of(pair.key_pem);
  authority.key.reset(PEM_read_bio_PrivateKey(key.get(), nullptr, refuse, nullptr));
  if (!authority.key) return openssl_error("read the authority's key", ErrorKind::invalid);
  if (X509_check_private_key(authority.certificate.get(), authority.key.get()) != 1)
    return openssl_error("use the authority's key with its certificate", ErrorKind::invalid);
  if (X509_check_ca(authority.certificate.get()) == 0)
    return error(ErrorKind::invalid, "the certificate that is to sign is no authority");
  return authority;
}

Result<void> check(const Subject& subject)
{
  if (!subject.is_server && !subject.is_client)
    return error(ErrorKind::invalid, "the certificate of '{}' is neither a server's nor a client's",
                 subject.common_name);
  if (subject.is_server && subject.dns_names.empty() && subject.addresses.empty())
    return error(ErrorKind::invalid, "the server certificate of '{}' has no name and no address",
                 subject.common_name);
  return {};
}

const char* usages_of(const Subject& subject)
{
  if (subject.is_server && subject.is_client) return "serverAuth,clientAuth";
  return subject.is_server ? "serverAuth" : "clientAuth";
}

}  // namespace

Result<KeyPair> make_authority(std::string_view common_name, std::chrono::days validity)
{
  TRY_ASSIGN(key, make_key());
  TRY_ASSIGN(certificate, begin(key.get(), validity));
  TRY(add_to_name(X509_get_subject_name(certificate.get()), NID_commonName, common_name));
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
  constexpr Extension extensions[] = {
      {NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
      {NID_key_usage, "critical,digitalSignature,keyCertSign,cRLSign"},
      {NID_subject_key_identifier, "hash"},
      {NID_authority_key_identifier, "keyid:always"},
  };
  for (const auto& extension : extensions)
    TRY(add_extension(certificate.get(), certificate.get(), extension));
  TRY(sign(certificate.get(), key.get()));
  return pair_of(certificate.get(), key.get());
}

Result<KeyPair> issue(const KeyPair& authority, const Subject& subject, std::chrono::days validity)
{
  TRY(check(subject));
  TRY_ASSIGN(signer, read_authority(authority));
  TRY_ASSIGN(key, make_key());
  TRY_ASSIGN(certificate, begin(key.get(), validity));
  auto* name = X509_get_subject_name(certificate.get());
  for (const auto& organization : subject.organizations)
    TRY(add_to_name(name, NID_organizationName, organization));
  TRY(add_to_name(name, NID_commonName, subject.common_name));
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(signer.certificate.get()));
  const Extension extensions[] = {
      {NID_basic_constraints, "critical,CA:FALSE"},   {NID_key_usage, "critical,digitalSignature"},
      {NID_ext_key_usage, usages_of(subject)},        {NID_subject_key_identifier, "hash"},
      {NID_authority_key_identifier, "keyid:always"},
  };
  for (const auto& extension : extensions)
    TRY(add_extension(certificate.get(), signer.certificate.get(), extension));
  TRY(add_alternative_names(certificate.get(), subject));
  TRY(sign(certificate.get(), signer.key.get()));
  return pair_of(certificate.get(), key.get());
}

Result<SigningKey> make_signing_key()
{
  TRY_ASSIGN(key, make_key());
  TRY_ASSIGN(private_pem, pem_of_key(key.get()));
  const BufferHandle buffer(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PUBKEY(buffer.get(), key.get()) != 1)
    return openssl_error("write a public key");
  return SigningKey{std::move(private_pem), text_of(buffer.get())};
}

}  // namespace coroner::crypto
