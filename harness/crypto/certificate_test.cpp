// SPDX-License-Identifier: Apache-2.0
// Certificates as OpenSSL's own verification sees them: chain, purpose, names, validity.
#include "harness/crypto/certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "harness/crypto/handle.h"

namespace coroner::crypto {
namespace {

using base::ErrorKind;
using std::chrono::days;

CertificateHandle read(const std::string& pem)
{
  const BufferHandle buffer(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return CertificateHandle(PEM_read_bio_X509(buffer.get(), nullptr, nullptr, nullptr));
}

KeyHandle read_key(const std::string& pem)
{
  const BufferHandle buffer(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return KeyHandle(PEM_read_bio_PrivateKey(buffer.get(), nullptr, nullptr, nullptr));
}

/// X509_V_OK, or the code of why `certificate` is not trusted by `authority` for `purpose`.
int verify(const KeyPair& authority, const KeyPair& certificate, int purpose)
{
  using StoreHandle = std::unique_ptr<X509_STORE, Releaser<&X509_STORE_free>>;
  using ContextHandle = std::unique_ptr<X509_STORE_CTX, Releaser<&X509_STORE_CTX_free>>;
  const StoreHandle store(X509_STORE_new());
  const auto root = read(authority.certificate_pem);
  X509_STORE_add_cert(store.get(), root.get());
  const ContextHandle context(X509_STORE_CTX_new());
  const auto leaf = read(certificate.certificate_pem);
  X509_STORE_CTX_init(context.get(), store.get(), leaf.get(), nullptr);
  X509_STORE_CTX_set_purpose(context.get(), purpose);
  X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(context.get()), X509_V_FLAG_X509_STRICT);
  X509_verify_cert(context.get());
  return X509_STORE_CTX_get_error(context.get());
}

KeyPair authority()
{
  return make_authority("test authority", days{10}).value();
}

Subject server()
{
  return {.common_name = "kube-apiserver",
          .dns_names = {"kubernetes", "kubernetes.default.svc"},
          .addresses = {"10.96.0.1", "127.0.0.1", "fd00::1"},
          .is_server = true};
}

Subject client()
{
  return {.common_name = "system:node:gpu", .organizations = {"system:nodes"}, .is_client = true};
}

TEST(Certificate, the_chain_holds_for_its_purpose_and_no_other)
{
  const auto root = authority();
  const auto serving = issue(root, server(), days{5});
  const auto asking = issue(root, client(), days{5});
  ASSERT_TRUE(serving) << serving.error().text();
  ASSERT_TRUE(asking) << asking.error().text();
  EXPECT_EQ(verify(root, *serving, X509_PURPOSE_SSL_SERVER), X509_V_OK);
  EXPECT_EQ(verify(root, *asking, X509_PURPOSE_SSL_CLIENT), X509_V_OK);
  EXPECT_EQ(verify(root, *serving, X509_PURPOSE_SSL_CLIENT), X509_V_ERR_INVALID_PURPOSE);
  EXPECT_EQ(verify(root, *asking, X509_PURPOSE_SSL_SERVER), X509_V_ERR_INVALID_PURPOSE);
  auto both = server();
  both.is_client = true;
  const auto peer = issue(root, both, days{5});
  ASSERT_TRUE(peer);
  EXPECT_EQ(verify(root, *peer, X509_PURPOSE_SSL_SERVER), X509_V_OK);
  EXPECT_EQ(verify(root, *peer, X509_PURPOSE_SSL_CLIENT), X509_V_OK);
}

TEST(Certificate, another_authority_of_the_same_name_is_not_trusted)
{
  const auto serving = issue(authority(), server(), days{5});
  ASSERT_TRUE(serving);
  EXPECT_NE(verify(authority(), *serving, X509_PURPOSE_SSL_SERVER), X509_V_OK);
}

TEST(Certificate, an_end_certificate_can_sign_nothing)
{
  const auto root = authority();
  const auto serving = issue(root, server(), days{5});
  ASSERT_TRUE(serving);
  const auto signed_by_it = issue(*serving, client(), days{5});
  ASSERT_FALSE(signed_by_it);
  EXPECT_EQ(signed_by_it.error().kind, ErrorKind::invalid);
}

TEST(Certificate, every_name_and_address_is_there_and_no_other)
{
  const auto serving = issue(authority(), server(), days{5});
  ASSERT_TRUE(serving);
  const auto certificate = read(serving->certificate_pem);
  const auto names_host = [&](const char* name) {
    return X509_check_host(certificate.get(), name, 0, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT,
                           nullptr) == 1;
  };
  const auto names_address = [&](const char* address) {
    return X509_check_ip_asc(certificate.get(), address, 0) == 1;
  };
  EXPECT_TRUE(names_host("kubernetes"));
  EXPECT_TRUE(names_host("kubernetes.default.svc"));
  EXPECT_FALSE(names_host("kube-apiserver"));
  EXPECT_TRUE(names_address("10.96.0.1"));
  EXPECT_TRUE(names_address("127.0.0.1"));
  EXPECT_TRUE(names_address("fd00::1"));
  EXPECT_FALSE(names_address("10.96.0.2"));
}

TEST(Certificate, a_comma_in_a_name_adds_no_second_name)
{
  auto subject = server();
  subject.dns_names = {"a,DNS:evil"};
  const auto serving = issue(authority(), subject, days{5});
  ASSERT_TRUE(serving);
  const auto certificate = read(serving->certificate_pem);
  EXPECT_NE(X509_check_host(certificate.get(), "evil", 0, 0, nullptr), 1);
}

TEST(Certificate, user_and_groups_stand_where_kubernetes_reads_them)
{
  auto subject = client();
  subject.organizations = {"system:nodes", "extra"};
  const auto asking = issue(authority(), subject, days{5});
  ASSERT_TRUE(asking);
  const auto certificate = read(asking->certificate_pem);
  const BufferHandle buffer(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(buffer.get(), X509_get_subject_name(certificate.get()), 0, XN_FLAG_ONELINE);
  char* start = nullptr;
  const long size = BIO_get_mem_data(buffer.get(), &start);
  EXPECT_EQ(std::string(start, static_cast<std::size_t>(size)),
            "O = system:nodes, O = extra, CN = system:node:gpu");
}

TEST(Certificate, it_is_valid_from_before_now_until_its_days_are_over)
{
  const auto asking = issue(authority(), client(), days{5});
  ASSERT_TRUE(asking);
  const auto certificate = read(asking->certificate_pem);
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  EXPECT_LT(ASN1_TIME_cmp_time_t(X509_get0_notBefore(certificate.get()), now - 60), 0);
  constexpr std::time_t day_s = 86'400;
  EXPECT_GT(ASN1_TIME_cmp_time_t(X509_get0_notAfter(certificate.get()), now + 5 * day_s - 60), 0);
  EXPECT_LT(ASN1_TIME_cmp_time_t(X509_get0_notAfter(certificate.get()), now + 5 * day_s + 60), 0);
}

TEST(Certificate, each_has_a_serial_number_and_a_key_of_its_own)
{
  const auto root = authority();
  const auto one = issue(root, client(), days{5}).value();
  const auto two = issue(root, client(), days{5}).value();
  EXPECT_NE(one.key_pem, two.key_pem);
  EXPECT_NE(ASN1_INTEGER_cmp(X509_get0_serialNumber(read(one.certificate_pem).get()),
                             X509_get0_serialNumber(read(two.certificate_pem).get())),
            0);
  EXPECT_EQ(X509_check_private_key(read(one.certificate_pem).get(), read_key(one.key_pem).get()),
            1);
}

TEST(Certificate, what_would_be_no_use_is_refused)
{
  const auto root = authority();
  const auto kind_of = [&](const Subject& subject, days validity) {
    const auto made = issue(root, subject, validity);
    return made ? "issued" : made.error().text();
  };
  EXPECT_THAT(kind_of({.common_name = "x"}, days{5}), testing::HasSubstr("neither"));
  EXPECT_THAT(kind_of({.common_name = "x", .is_server = true}, days{5}),
              testing::HasSubstr("no name and no address"));
  EXPECT_THAT(kind_of({.common_name = "", .is_client = true}, days{5}),
              testing::HasSubstr("cannot name"));
  EXPECT_THAT(kind_of({.common_name = std::string(65, 'x'), .is_client = true}, days{5}),
              testing::HasSubstr("cannot name"));
  auto odd = server();
  odd.addresses = {"10.96.0.1.2"};
  EXPECT_THAT(kind_of(odd, days{5}), testing::HasSubstr("is no IP address"));
  EXPECT_THAT(kind_of(client(), days{0}), testing::HasSubstr("cannot be valid"));
  EXPECT_THAT(kind_of(client(), days{40'000}), testing::HasSubstr("cannot be valid"));
  EXPECT_EQ(kind_of(client(), days{5}), "issued");
}

TEST(Certificate, an_authority_that_cannot_be_read_or_has_another_key_is_refused)
{
  const auto root = authority();
  for (const auto& broken :
       {KeyPair{}, KeyPair{root.certificate_pem, "no key"}, KeyPair{"no certificate", root.key_pem},
        KeyPair{root.certificate_pem, authority().key_pem}}) {
    const auto made = issue(broken, client(), days{5});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().kind, ErrorKind::invalid) << made.error().text();
  }
}

TEST(SigningKey, what_the_private_half_signs_the_public_half_accepts)
{
  const auto made = make_signing_key();
  ASSERT_TRUE(made);
  EXPECT_THAT(made->private_pem, testing::StartsWith("-----BEGIN PRIVATE KEY-----\n"));
  EXPECT_THAT(made->public_pem, testing::StartsWith("-----BEGIN PUBLIC KEY-----\n"));
  const auto key = read_key(made->private_pem);
  const BufferHandle buffer(
      BIO_new_mem_buf(made->public_pem.data(), static_cast<int>(made->public_pem.size())));
  const KeyHandle half(PEM_read_bio_PUBKEY(buffer.get(), nullptr, nullptr, nullptr));
  ASSERT_TRUE(key && half);
  EXPECT_EQ(EVP_PKEY_eq(key.get(), half.get()), 1);
  EXPECT_EQ(EVP_PKEY_get_bits(key.get()), 256);
}

}  // namespace
}  // namespace coroner::crypto
