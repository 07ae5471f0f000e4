// SPDX-License-Identifier: Apache-2.0
// Redaction: what must go, what must stay, and that equal secrets can be matched.
#include "harness/evidence/redact.h"

#include <random>

#include <gmock/gmock.h>

#include "harness/base/base64.h"

namespace coroner::evidence {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

Redactor redactor()
{
  auto made = Redactor::make("key");
  EXPECT_TRUE(made) << made.error().text();
  return std::move(*made);
}

TEST(Redactor, text_without_secrets_is_unchanged)
{
  constexpr std::string_view clean[] = {
      "E1120 20:38:21.561816       1 factory.go:93] Failed to initialize NVML: "
      "ERROR_LIBRARY_NOT_FOUND.",
      R"(level=warning msg="failed to load plugin io.containerd.grpc.v1.cri" error="invalid plugin )"
      R"(config: no corresponding runtime configured in `containerd.runtimes` for `containerd` )"
      R"(`default_runtime_name = \"nvidia\"")",
      "open /var/run/secrets/kubernetes.io/serviceaccount/token: no such file or directory",
      "/nix/store/8vq3x0k9d1m5n7p2r4s6w8y0z1a3b5c7-nvidia-x11-570.211.01-6.12.58/lib/libcuda.so.1",
      "Test PASSED: init 0.393s jit 0.106s total 0.735s",
      "tolerations: [{key: nvidia.com/gpu, operator: Exists, effect: NoSchedule}]",
      "GPU-5f6e1c52-8f0c-4b0e-9d5e-3f6f0a8d2b11 sha256:"
      "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0bc3f6a3e1b2c3d4e5f607",
      "",
  };
  auto taken = redactor();
  for (const auto text : clean) EXPECT_EQ(taken.text(text), text);
  EXPECT_EQ(taken.count(), 0U);
}

TEST(Redactor, equal_secrets_get_equal_tags_and_others_do_not)
{
  auto taken = redactor();
  const auto one = taken.text("HF_TOKEN=first-secret");
  EXPECT_EQ(one, taken.text("HF_TOKEN=first-secret"));
  EXPECT_NE(one, taken.text("HF_TOKEN=other-secret"));
  EXPECT_THAT(one, ::testing::MatchesRegex(R"(HF_TOKEN=\[redacted:variable:[0-9a-f]{6}\])"));
  auto other = *Redactor::make("another key");
  EXPECT_NE(one, other.text("HF_TOKEN=first-secret"));
}

TEST(Redactor, doing_it_again_changes_nothing)
{
  auto taken = redactor();
  for (const std::string text :
       {"Authorization: Bearer abcdefghijklmnop", R"({"password": "p4ss word", "token": "abcdef"})",
        "API_KEY='with blanks in it'", "https://user:hunter22@registry.example/v2/",
        "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----\n"}) {
    const auto once = taken.text(text);
    EXPECT_NE(once, text);
    EXPECT_EQ(taken.text(once), once);
  }
}

TEST(Redactor, names_and_surroundings_stay)
{
  auto taken = redactor();
  EXPECT_THAT(
      taken.text("pull https://user:hunter22@registry.example/v2/ failed"),
      ::testing::MatchesRegex(
          R"(pull https://user:\[redacted:password:[0-9a-f]*\]@registry.example/v2/ failed)"));
  EXPECT_THAT(
      taken.text("curl -H 'Authorization: Bearer abcdefghijkl' https://api"),
      AllOf(HasSubstr("Authorization"), HasSubstr("https://api"), Not(HasSubstr("abcdefghijkl"))));
}

TEST(Redactor, a_secret_object_is_never_kept_not_even_in_a_list)
{
  auto taken = redactor();
  const json secret = {{"apiVersion", "v1"}, {"kind", "Secret"}, {"metadata", {{"name", "s"}}}};
  const json pod = {{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", {{"name", "p"}}}};
  EXPECT_FALSE(taken.object(secret));
  const auto list = taken.object({{"kind", "List"}, {"items", {secret, pod}}});
  ASSERT_TRUE(list);
  EXPECT_EQ((*list)["items"], json::array({pod}));
  EXPECT_EQ(taken.counts().at("secret"), 2U);
}

TEST(Redactor, environment_of_a_container_loses_values_of_secret_names_only)
{
  auto taken = redactor();
  const json env = {{{"name", "DEVICE_DISCOVERY_STRATEGY"}, {"value", "nvml"}},
                    {{"name", "db_password"}, {"value", "x"}},
                    {{"name", "NGC_API_KEY"}, {"value", "short"}},
                    {{"name", "TOKEN_REF"}, {"valueFrom", {{"secretKeyRef", {{"name", "s"}}}}}}};
  const auto clean = taken.object({{"kind", "Pod"}, {"env", env}});
  ASSERT_TRUE(clean);
  EXPECT_EQ((*clean)["env"][0]["value"], "nvml");
  EXPECT_THAT((*clean)["env"][1]["value"].get<std::string>(), HasSubstr("[redacted:"));
  EXPECT_THAT((*clean)["env"][2]["value"].get<std::string>(), HasSubstr("[redacted:"));
  EXPECT_EQ((*clean)["env"][3], env[3]);
}

TEST(Redactor, a_flag_and_its_value_in_the_next_argument_are_known)
{
  auto taken = redactor();
  const auto clean =
      taken.object({{"args", {"serve", "--token", "hunter22", "--password=hunter23", "--v", "4"}}});
  EXPECT_THAT(clean->dump(), AllOf(Not(HasSubstr("hunter2")), HasSubstr("serve"),
                                   HasSubstr("--token"), HasSubstr("\"4\"")));
}

TEST(Redactor, json_inside_a_string_is_redacted_as_json)
{
  auto taken = redactor();
  const json inner = {{"spec", {{"env", {{{"name", "HF_TOKEN"}, {"value", "a \"quoted\" one"}}}}}}};
  const auto clean = taken.object({{"annotations", {{"last-applied", inner.dump()}}}});
  EXPECT_THAT(clean->dump(), AllOf(Not(HasSubstr("quoted")), HasSubstr("HF_TOKEN")));
}

TEST(Redactor, base64_of_a_secret_is_found_at_any_alignment_and_over_lines)
{
  auto taken = redactor();
  const std::string secret = "prefix text AWS_SECRET_ACCESS_KEY=abcdEFGH0123456789/abcdEFGH end";
  const auto once = base::base64_encoded(secret);
  EXPECT_THAT(taken.text("value " + once + " rest"), HasSubstr("value [redacted:base64:"));
  EXPECT_THAT(taken.text("path/" + once), Not(HasSubstr(once.substr(8, 40))));
  EXPECT_THAT(taken.text(base::base64_encoded(once)), HasSubstr("[redacted:base64:"));
  std::string broken;
  for (std::size_t i = 0; i < once.size(); i += 32) broken += once.substr(i, 32) + "\n  ";
  EXPECT_THAT(taken.text(broken), Not(HasSubstr(once.substr(32, 32))));
}

TEST(Redactor, what_only_looks_like_a_tag_hides_no_secret)
{
  auto taken = redactor();
  const std::string secret = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";
  for (const auto* begin : {"[redacted:", "[redacted:token:", "[redacted: a log says\n",
                            "[redacted:token:1a2b3]", "[redacted:token:1a2b3c"})
    EXPECT_THAT(taken.text(begin + secret + "]\nlater ]"), Not(HasSubstr(secret))) << begin;
  const json fake = {{"env", {{{"name", "API_TOKEN"}, {"value", "[redacted:hunter2]"}}}}};
  EXPECT_THAT(taken.object(fake)->dump(), Not(HasSubstr("hunter2")));
}

TEST(Redactor, what_goes_on_behind_a_tag_belongs_to_the_secret)
{
  auto taken = redactor();
  for (const auto* text :
       {"KEY=[redacted:token:1a2b3c]hunter2", "KEY=\"[redacted:token:1a2b3c]hunter2\"",
        "password: '[redacted:token:1a2b3c]hunter2'"}) {
    const auto once = taken.text(text);
    EXPECT_THAT(once, AllOf(Not(HasSubstr("hunter2")), HasSubstr("[redacted:"))) << text;
    EXPECT_EQ(taken.text(once), once) << text;
  }
  const std::string told = "token=[redacted:token:1a2b3c] and (KEY=[redacted:token:1a2b3c])";
  EXPECT_EQ(taken.text(told), told) << "a tag alone is left as it is";
}

TEST(Redactor, random_bytes_neither_crash_nor_grow_without_bound)
{
  auto taken = redactor();
  std::mt19937 random(7);
  const std::string_view pieces[] = {
      "-----BEGIN X-----", "token", "\"", "\\", ":", "=", "eyJhbGciOi", "password", "\n",
      "LS0tLS1CRUdJTi"};
  for (int round = 0; round < 500; ++round) {
    std::string text;
    for (int i = 0; i < 60; ++i)
      text += random() % 3 == 0 ? std::string(pieces[random() % std::size(pieces)])
                                : std::string(1, static_cast<char>(random()));
    const auto once = taken.text(text);
    EXPECT_LT(once.size(), text.size() * 12 + 100);
  }
}

}  // namespace
}  // namespace coroner::evidence
