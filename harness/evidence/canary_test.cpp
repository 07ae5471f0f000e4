// SPDX-License-Identifier: Apache-2.0
// Canaries: secrets of fifty kinds planted wherever a bundle takes something in, found nowhere.
#include <optional>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "harness/base/base64.h"
#include "harness/base/files.h"
#include "harness/evidence/json_text.h"
#include "harness/evidence/reader.h"
#include "harness/evidence/writer.h"

namespace coroner::evidence {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

/// Text with a secret in it, and the part that must not be found.
struct Canary {
  std::string text;
  std::string secret;
};

constexpr std::string_view body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7Canary";

std::string pem(std::string_view kind, std::string_view line_end = "\n")
{
  return fmt::format("-----BEGIN {}-----{}{}{}-----END {}-----{}", kind, line_end, body, line_end,
                     kind, line_end);
}

/// Joined at run time, so that no scanner of this source takes them for real.
std::string joined(std::string_view prefix, std::string_view rest)
{
  return std::string(prefix) + std::string(rest);
}

std::vector<Canary> tokens()
{
  const std::string jwt = joined("eyJhbGciOiJSUzI1NiIsImtpZCI6IkNhbmFyeSJ9.",
                                 "eyJzdWIiOiJzeXN0ZW06Y2FuYXJ5In0.c2lnbmF0dXJlQ2FuYXJ5MTIzNDU2");
  std::vector<Canary> all = {
      {"using " + jwt, "eyJzdWIiOiJzeXN0ZW06Y2FuYXJ5In0"},
      {"Authorization: Bearer canarybearer0001", "canarybearer0001"},
      {"authorization: Basic Y2FuYXJ5OmNhbmFyeTAwMDI=", "Y2FuYXJ5OmNhbmFyeTAwMDI"},
      {"Cookie: session=canary0003; other=1", "canary0003"},
      {"https://canary:canary0004@registry.example/v2/", "canary0004"},
      {"token: \"canary0005\"", "canary0005"},
      {"join with K10" + std::string(64, 'a') + "::server:canary0006", "canary0006"},
      {"kubeadm join --token abcdef.0123456789abcdef", "0123456789abcdef"},
      {joined("AKIA", "CANARYCANARY2345"), "CANARYCANARY2345"},
      {joined("ASIA", "CANARYCANARY7777"), "CANARYCANARY7777"},
      {"aws_secret_access_key = canary0011/abcdefghijklmnopqrstuvwxyz", "canary0011"},
      {"AWS_SESSION_TOKEN=canary0012", "canary0012"},
      {joined("AIza", "SyCanaryCanaryCanaryCanaryCanary01234"), "SyCanaryCanary"},
      {joined("ya29.", "canary0014abcdef"), "canary0014"},
      {joined("GOCSPX-", "canary0015abcdefghijkl"), "canary0015"},
      {"AccountName=x;AccountKey=Y2FuYXJ5MDAxNmNhbmFyeTAwMTY=;Endpoint=y", "Y2FuYXJ5MDAxNm"},
      {"https://x.blob.example/y?sv=1&sig=canary0017%2Babcdefgh", "canary0017"},
      {joined("abc8Q~", "canary0018canary0018canary0018canar"), "canary0018"},
      {joined("ghp_", "canary0019canary0019canary0019"), "canary0019"},
      {joined("github_pat_", "canary0020canary0020canary0020"), "canary0020"},
      {joined("glpat-", "canary0021canary0021"), "canary0021"},
      {joined("xoxb-", "123456789012-canary0022"), "canary0022"},
      {joined("hf_", "canary0023canary0023canary"), "canary0023"},
      {joined("nvapi-", "canary0024canary0024canary"), "canary0024"},
      {joined("npm_", "canary0025canary0025canary0025canary"), "canary0025"},
      {joined("sk-", "canary0026canary0026canary"), "canary0026"},
      {joined("dckr_pat_", "canary0027canary0027"), "canary0027"},
      {joined("sk_live_", "canary0028canary0028"), "canary0028"},
      {joined("pypi-", "canary0029canary0029"), "canary0029"},
      {joined("AGE-SECRET-KEY-1", "CANARY0030CANARY0030CANARY"), "CANARY0030"},
  };
  return all;
}

std::vector<Canary> files_and_variables()
{
  const std::string line(body.substr(0, 30));
  return {
      {pem("PRIVATE KEY"), line},
      {pem("RSA PRIVATE KEY", "\\n"), line},
      {pem("EC PRIVATE KEY", "\\\\n"), line},
      {pem("OPENSSH PRIVATE KEY", "\r\n"), line},
      {pem("CERTIFICATE"), line},
      {"-----BEGIN PRIVATE KEY-----\n" + std::string(body) + "\n", line},
      {base::base64_encoded(pem("PRIVATE KEY")),
       base::base64_encoded(pem("PRIVATE KEY")).substr(40, 30)},
      {"client-key-data: " + base::base64_encoded("canary0038 key"),
       base::base64_encoded("canary0038 ke")},
      {"client-certificate-data: " + base::base64_encoded("canary0039 crt"),
       base::base64_encoded("canary0039 cr")},
      {"certificate-authority-data: Y2FuYXJ5MDA0MA==", "Y2FuYXJ5MDA0MA"},
      {R"({"auths":{"r.example":{"auth":"Y2FuYXJ5OjAwNDE="}}})", "Y2FuYXJ5OjAwNDE"},
      {R"({"identitytoken": "canary0042"})", "canary0042"},
      {"DB_PASSWORD=canary0043", "canary0043"},
      {"export MY_API_KEY=\"canary 0044 with blanks\"", "canary 0044 with blanks"},
      {"      VAULT_SECRET_ID:   canary0045", "canary0045"},
      {"- name: WEB_PASS\n  value: canary0046", "canary0046"},
      {R"({\"name\":\"HF_TOKEN\",\"value\":\"canary0047\"})", "canary0047"},
      {R"("private_key_id": "x", "private_key": "canary0048")", "canary0048"},
      {base::base64_encoded("user of GITHUB_TOKEN=canary0049"),
       base::base64_encoded("user of GITHUB_TOKEN=canary0049").substr(16, 20)},
      {base::base64_encoded(base::base64_encoded("some text with password=canary0050")),
       base::base64_encoded(base::base64_encoded("some text with password=canary0050"))
           .substr(20, 24)},
  };
}

json pod_with(const std::string& text)
{
  return {
      {"apiVersion", "v1"},
      {"kind", "Pod"},
      {"metadata",
       {{"name", "canary"},
        {"namespace", "default"},
        {"annotations",
         {{"kubectl.kubernetes.io/last-applied-configuration",
           json({{"spec", {{"note", text}}}}).dump()}}}}},
      {"spec",
       {{"containers",
         {{{"name", "main"},
           {"args", {"run", text}},
           {"env",
            {{{"name", "PLAIN"}, {"value", text}}, {{"name", "A_TOKEN"}, {"value", text}}}}}}}}},
      {"status", {{"message", text}}}};
}

json event_with(const std::string& text)
{
  return {{"apiVersion", "v1"},
          {"kind", "Event"},
          {"metadata", {{"name", "e"}, {"namespace", "default"}}},
          {"message", "it said: " + text}};
}

json config_map_with(const std::string& text)
{
  return {{"apiVersion", "v1"},
          {"kind", "ConfigMap"},
          {"metadata", {{"name", "c"}, {"namespace", "default"}}},
          {"data", {{"file.conf", "first\n" + text + "\nlast\n"}}}};
}

json secret_with(const std::string& text)
{
  return {{"apiVersion", "v1"},
          {"kind", "Secret"},
          {"metadata", {{"name", "s"}, {"namespace", "default"}}},
          {"stringData", {{"x", text}}}};
}

void plant(Writer& writer, const std::string& text)
{
  ASSERT_TRUE(writer.object(pod_with(text)));
  ASSERT_TRUE(writer.object(event_with(text)));
  ASSERT_TRUE(writer.object(config_map_with(text)));
  ASSERT_TRUE(writer.object(secret_with(text)));
  const json list = {{"apiVersion", "v1"},
                     {"kind", "PodList"},
                     {"metadata", {{"name", "l"}}},
                     {"items", {pod_with(text), secret_with(text)}}};
  ASSERT_TRUE(writer.object(list));
  ASSERT_TRUE(writer.log({"default", "canary", "main", false}, "before\n" + text + "\nafter\n"));
  ASSERT_TRUE(writer.log({"default", "canary", "main", true}, dump_json({{"msg", text}}) + "\n"));
  ASSERT_TRUE(writer.host_file("node", "/etc/rancher/k3s/config.yaml", text));
  ASSERT_TRUE(writer.pod_result("node", "security/environment",
                                dump_json({{"environment", {{"SOME_KEY", text}, {"x", text}}}})));
  ASSERT_TRUE(writer.verdict({{"message", "failed with " + text}}));
  ASSERT_TRUE(writer.plan({{"pods", {{{"command", {"run", text}}}}}}));
  ASSERT_TRUE(writer.answer({{"message", "refused: " + text}}));
  ASSERT_TRUE(writer.note(text));
  ASSERT_TRUE(writer.not_collected("host/x", "node", text));
}

/// Every byte of a bundle, file by file.
std::string all_bytes(const fs::path& folder)
{
  std::string all;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file())
      all += entry.path().string() + "\n" + base::read_file(entry.path()).value_or("") + "\n";
  return all;
}

TEST(Canary, no_secret_of_fifty_kinds_is_in_any_byte_of_a_bundle)
{
  auto canaries = tokens();
  for (auto& canary : files_and_variables()) canaries.push_back(canary);
  ASSERT_EQ(canaries.size(), 50U);
  const auto directory = base::ScopedDirectory::make(fs::temp_directory_path(), "canary");
  ASSERT_TRUE(directory);
  for (std::size_t i = 0; i < canaries.size(); ++i) {
    const auto folder = directory->path() / std::to_string(i);
    auto writer = Writer::create(folder, {.run = "canary"});
    ASSERT_TRUE(writer) << writer.error().text();
    plant(*writer, canaries[i].text);
    const auto manifest = writer->finish();
    ASSERT_TRUE(manifest);
    EXPECT_FALSE(manifest->redactions.empty());
    const auto bytes = all_bytes(folder);
    const auto at = bytes.find(canaries[i].secret);
    EXPECT_EQ(at, std::string::npos) << canaries[i].text << "\nfound in …"
                                     << bytes.substr(at - std::min<std::size_t>(at, 200), 300);
    EXPECT_NE(bytes.find("[redacted:"), std::string::npos) << canaries[i].text;
  }
}

}  // namespace
}  // namespace coroner::evidence
