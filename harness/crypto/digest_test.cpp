// SPDX-License-Identifier: Apache-2.0
// Digests against the published vectors of FIPS 180-4, and against each other.
#include "harness/crypto/digest.h"

#include <set>

#include <gtest/gtest.h>

#include "harness/base/files.h"

namespace coroner::crypto {
namespace {

constexpr std::string_view empty_digest =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr std::string_view abc_digest =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Digest, published_vectors_hold)
{
  EXPECT_EQ(sha256_hex(""), empty_digest);
  EXPECT_EQ(sha256_hex("abc"), abc_digest);
}

TEST(Digest, pieces_give_the_digest_of_the_whole)
{
  Sha256 digest;
  EXPECT_EQ(digest.hex(), empty_digest);
  digest.update("a");
  EXPECT_EQ(digest.hex(), sha256_hex("a"));
  digest.update("");
  digest.update("bc");
  EXPECT_EQ(digest.hex(), abc_digest);
  Sha256 moved = std::move(digest);
  EXPECT_EQ(moved.hex(), abc_digest);
}

TEST(Digest, a_file_larger_than_the_buffer_has_the_digest_of_its_text)
{
  const auto folder = base::ScopedDirectory::make(testing::TempDir(), "digest-");
  ASSERT_TRUE(folder);
  std::string content;
  for (int i = 0; i < 200'000; ++i) content += std::to_string(i);
  ASSERT_TRUE(base::write_file(folder->path() / "file", content));
  EXPECT_EQ(sha256_of_file(folder->path() / "file").value_or(""), sha256_hex(content));
}

TEST(Digest, a_missing_file_and_a_folder_are_errors)
{
  const auto missing = sha256_of_file("/nowhere/file");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, base::ErrorKind::not_found);
  const auto folder = sha256_of_file("/");
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().kind, base::ErrorKind::invalid);
}

TEST(Random, names_have_their_length_and_never_repeat)
{
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const auto name = random_hex(8);
    EXPECT_EQ(name.size(), 16U);
    EXPECT_EQ(name.find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_TRUE(seen.insert(name).second);
  }
  EXPECT_EQ(random_hex(0), "");
}

}  // namespace
}  // namespace coroner::crypto
