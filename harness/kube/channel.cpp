// SPDX-License-Identifier: Apache-2.0
// Driving one transfer, within bounds, so that it can be stopped at any moment.
#include "harness/kube/channel.h"

#include <algorithm>
#include <cstdlib>
#include <ctime>

#include "harness/base/base64.h"
#include "harness/base/text.h"
#include "harness/kube/url.h"

namespace coroner::kube {
namespace {

/// libcurl's options are variadic: this names the types that they take.
template <class Value>
void set(CURL* easy, CURLoption option, Value value)
{
  curl_easy_setopt(easy, option, value);
}

void set_flag(CURL* easy, CURLoption option, bool value)
{
  set(easy, option, value ? 1L : 0L);
}

/// The text must outlive the transfer.
void set_blob(CURL* easy, CURLoption option, const std::string& text)
{
  curl_blob blob = {const_cast<char*>(text.data()), text.size(), CURL_BLOB_COPY};
  curl_easy_setopt(easy, option, &blob);
}

void append(curl_slist*& list, const std::string& line)
{
  list = curl_slist_append(list, line.c_str());
}

}  // namespace

Channel::Channel(const Endpoint& endpoint, const Transport::Headers& headers)
    : endpoint_(endpoint), headers_(headers), multi_(curl_multi_init()), easy_(curl_easy_init())
{}

Channel::~Channel()
{
  finish();
  if (easy_ != nullptr) curl_easy_cleanup(easy_);
  if (multi_ != nullptr) curl_multi_cleanup(multi_);
  curl_slist_free_all(connect_to_);
}

void Channel::begin(const HttpRequest& request, const Presented& credentials, bool is_stream)
{
  finish();
  answer_ = {};
  largest_body_bytes_ = request.largest_body_bytes;
  headers_bytes_ = 0;
  keeps_cut_body_ = request.keeps_cut_body;
  is_stream_ = is_stream;
  has_ended_ = has_headers_ = is_too_large_ = false;
  code_ = CURLE_OK;
  body_ = request.body;
  std::fill(error_text_.begin(), error_text_.end(), '\0');

  curl_easy_reset(easy_);
  const auto url = url_for(endpoint_, request.path);
  set(easy_, CURLOPT_URL, url.c_str());
  set(easy_, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  const bool has_body = !request.body.empty() || request.method == "POST";
  if (has_body) {
    set(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body_.size()));
    set(easy_, CURLOPT_POSTFIELDS, body_.c_str());
  }
  set(easy_, CURLOPT_WRITEFUNCTION, &Channel::on_body);
  set(easy_, CURLOPT_WRITEDATA, static_cast<void*>(this));
  set(easy_, CURLOPT_HEADERFUNCTION, &Channel::on_header);
  set(easy_, CURLOPT_HEADERDATA, static_cast<void*>(this));
  set(easy_, CURLOPT_ERRORBUFFER, error_text_.data());
  set(easy_, CURLOPT_NOSIGNAL, 1L);
  set(easy_, CURLOPT_FOLLOWLOCATION, 0L);
  set(easy_, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
  set(easy_, CURLOPT_HTTP09_ALLOWED, 0L);
  // The server does not compress watches, and a compressor would hold events back.
  if (!is_stream) set(easy_, CURLOPT_ACCEPT_ENCODING, "gzip");
  set_connection();
  set_tls(credentials);
  set_headers(request, credentials);
  curl_multi_add_handle(multi_, easy_);
  is_running_ = true;
}

void Channel::set_connection()
{
  // Below the shortest idle limit of common load balancers (60 s).
  constexpr long keep_alive_seconds = 20;
  set(easy_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  set(easy_, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(endpoint_.connect.count()));
  set(easy_, CURLOPT_TCP_KEEPALIVE, 1L);
  set(easy_, CURLOPT_TCP_KEEPIDLE, keep_alive_seconds);
  set(easy_, CURLOPT_TCP_KEEPINTVL, keep_alive_seconds);
  if (!endpoint_.unix_socket.empty()) {
    set(easy_, CURLOPT_UNIX_SOCKET_PATH, endpoint_.unix_socket.c_str());
    set(easy_, CURLOPT_PROXY, "");
  } else if (!endpoint_.proxy_url.empty()) {
    set(easy_, CURLOPT_PROXY, endpoint_.proxy_url.c_str());
    set(easy_, CURLOPT_NOPROXY, "");
  } else if (is_loopback(endpoint_.url)) {
    set(easy_, CURLOPT_PROXY, "");  // as Go's httpproxy does, whatever HTTPS_PROXY says
  }
}

void Channel::set_tls(const Presented& credentials)
{
  set_flag(easy_, CURLOPT_SSL_VERIFYPEER, !endpoint_.is_insecure);
  set(easy_, CURLOPT_SSL_VERIFYHOST, endpoint_.is_insecure ? 0L : 2L);
  set(easy_, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!endpoint_.authority_pem.empty()) {
    set_blob(easy_, CURLOPT_CAINFO_BLOB, endpoint_.authority_pem);
    set(easy_, CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  } else if (const char* file = std::getenv("SSL_CERT_FILE");  // NOLINT(concurrency-mt-unsafe)
             file != nullptr && *file != 0) {
    // libcurl looks where the distro of the build keeps public authorities (Debian:
    // /etc/ssl/certs); elsewhere this names them, as it does for OpenSSL and Go (crypto/x509).
    set(easy_, CURLOPT_CAINFO, file);
  }
  if (!credentials.certificate_pem.empty()) {
    set_blob(easy_, CURLOPT_SSLCERT_BLOB, credentials.certificate_pem);
    set(easy_, CURLOPT_SSLCERTTYPE, "PEM");
    set_blob(easy_, CURLOPT_SSLKEY_BLOB, credentials.key_pem);
    set(easy_, CURLOPT_SSLKEYTYPE, "PEM");
  }
  if (endpoint_.tls_server_name.empty()) return;
  // libcurl takes the name to verify from the URL: the URL carries it, and the connection is
  // directed to where the server is.
  curl_slist_free_all(connect_to_);
  connect_to_ = nullptr;
  append(connect_to_, "::" + host_and_port(endpoint_.url));
  set(easy_, CURLOPT_CONNECT_TO, connect_to_);
}

void Channel::set_headers(const HttpRequest& request, const Presented& credentials)
{
  curl_slist_free_all(sent_headers_);
  sent_headers_ = nullptr;
  append(sent_headers_, "Accept: " + request.accept);
  append(sent_headers_, "Expect:");
  append(sent_headers_, "User-Agent: " + endpoint_.user_agent);
  if (!request.content_type.empty()) append(sent_headers_, "Content-Type: " + request.content_type);
  if (!endpoint_.tls_server_name.empty())
    append(sent_headers_, "Host: " + host_and_port(endpoint_.url));
  if (!credentials.token.empty())
    append(sent_headers_, "Authorization: Bearer " + credentials.token);
  else if (!credentials.username.empty())
    append(sent_headers_,
           "Authorization: Basic " +
               base::base64_encoded(credentials.username + ":" + credentials.password));
  for (const auto& [name, value] : headers_)
    append(sent_headers_, fmt::format("{}: {}", name, value));
  set(easy_, CURLOPT_HTTPHEADER, sent_headers_);
}

void Channel::finish()
{
  if (is_running_) curl_multi_remove_handle(multi_, easy_);
  is_running_ = false;
  curl_slist_free_all(sent_headers_);
  sent_headers_ = nullptr;
}

void Channel::step()
{
  int running = 0;
  curl_multi_perform(multi_, &running);
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    has_ended_ = true;
    has_headers_ = has_headers_ || message->data.result == CURLE_OK;
    code_ = message->data.result;
  }
}

void Channel::wait(const base::Deadline& deadline)
{
  constexpr std::chrono::milliseconds longest{1000};
  const auto pause = std::min({longest, deadline.left(), endpoint_.idle});
  curl_multi_poll(multi_, nullptr, 0, static_cast<int>(std::max<long>(1, pause.count())), nullptr);
}

void Channel::restart_idle_window()
{
  window_bytes_ = 0;
  window_began_ = base::Deadline::Clock::now();
}

/// A window without bytes is idle; so is, for calls, one with a handful: a server that dribbles
/// must not hold a call for hours. Streams may be silent for three windows (bookmarks come each
/// minute).
bool Channel::is_idle()
{
  constexpr std::size_t fewest_bytes = 64;
  constexpr int stream_windows = 3;
  const auto now = base::Deadline::Clock::now();
  if (now - window_began_ < endpoint_.idle * (is_stream_ ? stream_windows : 1)) return false;
  if (window_bytes_ < (is_stream_ ? 1 : fewest_bytes)) return true;
  restart_idle_window();
  return false;
}

std::size_t Channel::on_body(char* bytes, std::size_t size, std::size_t count, void* self)
{
  return static_cast<Channel*>(self)->take_body({bytes, size * count});
}

std::size_t Channel::on_header(char* bytes, std::size_t size, std::size_t count, void* self)
{
  return static_cast<Channel*>(self)->take_header({bytes, size * count});
}

std::size_t Channel::take_body(std::string_view bytes)
{
  has_headers_ = true;
  window_bytes_ += bytes.size();
  const auto room = largest_body_bytes_ - std::min(largest_body_bytes_, answer_.body.size());
  if (bytes.size() <= room) {
    answer_.body += bytes;
    return bytes.size();
  }
  answer_.body += bytes.substr(0, room);
  (keeps_cut_body_ ? answer_.was_cut : is_too_large_) = true;
  return 0;  // ends the transfer
}

std::size_t Channel::take_header(std::string_view line)
{
  window_bytes_ += line.size();
  headers_bytes_ += line.size();
  if (headers_bytes_ > largest_headers_bytes) {
    is_too_large_ = true;
    return 0;
  }
  const auto content = base::trim(line);
  if (line.starts_with("HTTP/")) {  // also of a 100 or of a proxy's CONNECT
    answer_.headers.clear();
    return line.size();
  }
  if (content.empty()) {
    long status = 0;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    answer_.status = static_cast<int>(status);
    constexpr int first_final_status = 200;
    has_headers_ = status >= first_final_status;
    return line.size();
  }
  const auto colon = content.find(':');
  if (colon == std::string_view::npos) return line.size();
  auto name = std::string(content.substr(0, colon));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  const auto value = std::string(base::trim(content.substr(colon + 1)));
  if (name == "date") {
    const auto there = curl_getdate(value.c_str(), nullptr);
    if (there > 0) clock_skew_ = std::chrono::seconds{there - std::time(nullptr)};
  }
  answer_.headers[name] = value;
  return line.size();
}

}  // namespace coroner::kube
