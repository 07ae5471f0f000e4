// SPDX-License-Identifier: Apache-2.0
// Thin wrappers: a test that cannot make its certificates ends with an exception.
#include "harness/testing/certificates.h"

namespace coroner::testing {
namespace {

constexpr std::chrono::days one_day{1};

}  // namespace

KeyPair make_authority()
{
  return crypto::make_authority("test authority", one_day).value();
}

KeyPair make_server(const KeyPair& authority, const std::string& address, const std::string& name)
{
  return crypto::issue(authority,
                       {.common_name = "server",
                        .organizations = {},
                        .dns_names = {name},
                        .addresses = {address},
                        .is_server = true},
                       one_day)
      .value();
}

KeyPair make_client(const KeyPair& authority, const std::string& user)
{
  return crypto::issue(authority, {.common_name = user, .is_client = true}, one_day).value();
}

}  // namespace coroner::testing
