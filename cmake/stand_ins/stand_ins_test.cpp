// SPDX-License-Identifier: Apache-2.0
// What libcurl and libarchive say where a stand-in takes the place of what they would use.
#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include <archive.h>
#include <arpa/inet.h>
#include <curl/curl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace coroner {
namespace {

using ::testing::HasSubstr;

struct Outcome {
  CURLcode code = CURLE_OK;
  std::string words;
  long status = 0;
};

/// Listens on loopback and answers the first connection with `answer`.
class OneAnswer {
 public:
  explicit OneAnswer(std::string_view answer)
  {
    sockaddr_in address{.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t bytes = sizeof address;
    auto* name = reinterpret_cast<sockaddr*>(&address);
    if (bind(socket_, name, bytes) != 0 || listen(socket_, 1) != 0 ||
        getsockname(socket_, name, &bytes) != 0)
      throw std::runtime_error("no port of 127.0.0.1 can be had");
    authority_ = fmt::format("127.0.0.1:{}", ntohs(address.sin_port));
    thread_ = std::thread([this, answer] {
      const int connection = accept(socket_, nullptr, nullptr);
      if (connection < 0) return;
      static_cast<void>(send(connection, answer.data(), answer.size(), MSG_NOSIGNAL));
      std::array<char, 4096> rest{};
      while (recv(connection, rest.data(), rest.size(), 0) > 0) {
      }
      close(connection);
    });
  }
  OneAnswer(const OneAnswer&) = delete;
  OneAnswer& operator=(const OneAnswer&) = delete;
  ~OneAnswer()
  {
    shutdown(socket_, SHUT_RDWR);
    thread_.join();
    close(socket_);
  }

  const std::string& authority() const { return authority_; }

 private:
  int socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::string authority_;
  std::thread thread_;
};

/// Asks for `url` with every protocol allowed, which coroner itself never does.
Outcome outcome_of(const std::string& url, unsigned long authentication = CURLAUTH_BASIC)
{
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy(curl_easy_init(),
                                                                 &curl_easy_cleanup);
  std::array<char, CURL_ERROR_SIZE> words{};
  curl_easy_setopt(easy.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, words.data());
  curl_easy_setopt(easy.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(easy.get(), CURLOPT_HTTPAUTH, authentication);
  curl_easy_setopt(easy.get(), CURLOPT_USERPWD, ":");
  curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT, 20L);
  Outcome outcome{.code = curl_easy_perform(easy.get()), .words = words.data()};
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &outcome.status);
  return outcome;
}

TEST(StandIns, curl_starts_and_names_its_parts)
{
  ASSERT_EQ(curl_global_init(CURL_GLOBAL_DEFAULT), CURLE_OK);
  EXPECT_THAT(curl_version(), HasSubstr("libssh2/absent"));
  EXPECT_THAT(curl_version(), HasSubstr("nghttp2/"));
}

TEST(StandIns, ldap_is_refused_before_a_connection)
{
  EXPECT_EQ(outcome_of("ldap://127.0.0.1/").code, CURLE_URL_MALFORMAT);
}

TEST(StandIns, rtmp_is_refused_before_a_connection)
{
  EXPECT_EQ(outcome_of("rtmp://127.0.0.1/x/y").code, CURLE_OUT_OF_MEMORY);
}

TEST(StandIns, ssh_has_no_session)
{
  for (const char* scheme : {"scp", "sftp"}) {
    const OneAnswer server("SSH-2.0-x\r\n");
    const auto outcome = outcome_of(fmt::format("{}://{}/x", scheme, server.authority()));
    EXPECT_EQ(outcome.code, CURLE_FAILED_INIT) << scheme;
    EXPECT_THAT(outcome.words, HasSubstr("Failure initialising ssh session"));
  }
}

TEST(StandIns, negotiation_ends_without_credentials)
{
  const OneAnswer server(
      "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Negotiate\r\nContent-Length: 0\r\n"
      "Connection: close\r\n\r\n");
  const auto outcome =
      outcome_of(fmt::format("http://{}/", server.authority()), CURLAUTH_NEGOTIATE);
  EXPECT_EQ(outcome.code, CURLE_OK) << outcome.words;
  EXPECT_EQ(outcome.status, 401);
}

TEST(StandIns, libarchive_does_not_write_what_a_stand_in_refuses)
{
  const std::unique_ptr<archive, decltype(&archive_write_free)> writer(archive_write_new(),
                                                                       &archive_write_free);
  EXPECT_EQ(archive_write_set_format_zip(writer.get()), ARCHIVE_FATAL);
  EXPECT_THAT(archive_error_string(writer.get()), HasSubstr("zip is not in this program"));
  EXPECT_EQ(archive_write_set_format_pax_restricted(writer.get()), ARCHIVE_OK);
}

TEST(StandIns, fmt_formats_numbers_and_says_what_is_wrong_with_a_format)
{
  EXPECT_EQ(fmt::format("{:.3f} {} {:>4}", 1.5, 0.1, "x"), "1.500 0.1    x");
  EXPECT_EQ(fmt::format(fmt::runtime("{:?}"), "\xc2\xa0"), R"("\xa0")");
  EXPECT_THROW(static_cast<void>(fmt::format(fmt::runtime("{:"), 1)), fmt::format_error);
}

}  // namespace
}  // namespace coroner
