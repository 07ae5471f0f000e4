// SPDX-License-Identifier: Apache-2.0
#include "payload/proof.h"

#include <set>

#include <gtest/gtest.h>

namespace coroner::payload::proof {
namespace {

static_assert(checksum("0123456789abcdef", 0, 0) == seed_of("0123456789abcdef", 0));

// Worked out beside this project's code, from the formula in proof.h (Python, whole numbers).
TEST(Proof, gives_the_checksums_of_the_formula)
{
  EXPECT_EQ(checksum("0123456789abcdef", 0, 1), 0x7BE89AF873DEEF36ULL);
  EXPECT_EQ(checksum("0123456789abcdef", 0, 1000), 0x241222D825BD3B0FULL);
  EXPECT_EQ(checksum("0123456789abcdef", 3, 1000), 0xCF2C6637099B386BULL);
  EXPECT_EQ(checksum("feedface", 0, 262144), 0xF4F66F87361294A6ULL);
}

TEST(Proof, letter_case_of_the_nonce_does_not_matter)
{
  EXPECT_EQ(checksum("DEADBEEF", 1, 10), checksum("deadbeef", 1, 10));
}

TEST(Proof, every_input_changes_the_checksum)
{
  std::set<std::uint64_t> seen;
  for (const char* nonce : {"00000000", "00000001", "000000000"}) {
    for (unsigned device = 0; device < 3; ++device) {
      for (std::uint64_t elements = 1; elements < 4; ++elements) {
        EXPECT_TRUE(seen.insert(checksum(nonce, device, elements)).second);
      }
    }
  }
}

TEST(Proof, every_sum_is_exact_as_a_float)
{
  for (const char* nonce : {"00000000", "00000001", "00000002", "00000003", "00000004"}) {
    const std::uint64_t seed = seed_of(nonce, 0);
    const std::uint32_t scale = scale_of(seed);
    Stream stream(seed);
    for (int index = 0; index < 100'000; ++index) {
      const Pair pair = stream.next();
      const std::uint32_t sum = sum_of(pair, scale);
      ASSERT_LT(sum, 1U << 24U);
      ASSERT_EQ(static_cast<float>(pair.a) + static_cast<float>(scale) * static_cast<float>(pair.b),
                static_cast<float>(sum));
    }
  }
}

TEST(Proof, two_results_that_change_places_change_the_digest)
{
  Digest straight(7);
  straight.add(1);
  straight.add(2);
  Digest swapped(7);
  swapped.add(2);
  swapped.add(1);
  EXPECT_NE(straight.value(), swapped.value());
}

}  // namespace
}  // namespace coroner::payload::proof
