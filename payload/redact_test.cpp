// SPDX-License-Identifier: Apache-2.0
#include "payload/redact.h"

#include <gtest/gtest.h>

namespace coroner::payload {
namespace {

TEST(Redaction, names_of_secrets_are_known_in_any_case)
{
  for (const char* name : {"GITHUB_TOKEN", "apiKey", "AWS_SECRET_ACCESS_KEY", "DB_PASSWORD",
                           "passwd", "MY_CREDENTIALS", "HTTP_COOKIE", "BASIC_AUTH"}) {
    EXPECT_TRUE(is_secret(name, "x")) << name;
  }
  for (const char* name : {"PATH", "NVIDIA_VISIBLE_DEVICES", "LD_LIBRARY_PATH", "HOME"}) {
    EXPECT_FALSE(is_secret(name, "/usr/bin:all")) << name;
  }
}

TEST(Redaction, values_that_show_themselves_as_secrets_are_known)
{
  EXPECT_TRUE(is_secret("A", "Bearer eyJhbGciOi.eyJzdWIi.c2ln"));
  EXPECT_TRUE(is_secret("A", "-----BEGIN RSA PRIVATE KEY-----"));
  EXPECT_TRUE(is_secret("DATABASE_URL", "postgres://user:word@host/db"));
  EXPECT_FALSE(is_secret("A", "http://host:8080/a@b"));
  EXPECT_FALSE(is_secret("A", "tcp://10.96.0.1:443"));
}

TEST(Redaction, a_command_line_loses_only_its_secrets)
{
  EXPECT_EQ(without_secrets("quiet  iommu=on vault_token=abc url=ftp://a:b@c nvidia.modeset=1\n"),
            "quiet iommu=on vault_token=redacted url=redacted nvidia.modeset=1");
  EXPECT_EQ(without_secrets("a ftp://u:p@h b"), "a redacted b");
}

}  // namespace
}  // namespace coroner::payload
