// SPDX-License-Identifier: Apache-2.0
// Linked, never run, while configuring: do the archives of this machine fit together?
#include <archive.h>
#include <curl/curl.h>
#include <openssl/ssl.h>
#include <re2/re2.h>

int main()
{
  auto* written = archive_write_new();
  archive_write_set_format_pax_restricted(written);
  archive_write_add_filter_gzip(written);
  archive_write_add_filter_zstd(written);
  auto* read = archive_read_new();
  archive_read_support_filter_gzip(read);
  archive_read_support_filter_zstd(read);
  archive_read_support_format_tar(read);
  auto* context = SSL_CTX_new(TLS_server_method());
  return curl_global_init(CURL_GLOBAL_DEFAULT) + RE2::FullMatch("text", "t.*") +
         (context != nullptr);
}
