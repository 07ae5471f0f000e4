// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/marks.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/random.h>

#include "harness/crypto/digest.h"
#include "harness/engine/sweep.h"

namespace coroner::engine {

base::Result<std::string> random_digits(std::size_t count)
{
  std::string digits;
  while (digits.size() < count) {
    unsigned char byte = 0;
    if (::getrandom(&byte, 1, 0) != 1)
      return base::error(base::ErrorKind::internal, "the kernel gives no random bytes");
    digits += fmt::format("{:02x}", byte);
  }
  digits.resize(count);
  return digits;
}

std::string nonce_of(const std::string& seed, const std::string& pod, const std::string& container)
{
  return crypto::sha256_hex(seed + "\n" + pod + "\n" + container).substr(0, nonce_digits);
}

std::string time_text(std::chrono::system_clock::time_point time)
{
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                     fmt::gmtime(std::chrono::floor<std::chrono::seconds>(time)));
}

std::string space_name(const std::string& run_id, std::string_view suffix)
{
  return "coroner-" + run_id + (suffix.empty() ? "" : "-" + std::string(suffix));
}

void mark(nlohmann::json& object, const std::string& run_id, const std::string& expires_at)
{
  object["metadata"]["labels"][std::string(run_label)] = run_id;
  object["metadata"]["labels"][std::string(managed_label)] = manager;
  object["metadata"]["annotations"][std::string(expiry_annotation)] = expires_at;
}

}  // namespace coroner::engine
