// SPDX-License-Identifier: Apache-2.0
// The vector addition's numbers as a formula, so that whoever holds the nonce can check the result.
#pragma once

#include <cstdint>
#include <string_view>

/// Needs nothing but the C++ library: the payload computes with it, and whoever judges the
/// payload's answer recomputes with it.
///
///     seed   = splitmix64(fnv1a_64(nonce in lower case) + device · 0x9E3779B97F4A7C15), never 0
///     scale  = 1 + seed mod 3
///     x(i+1) = xorshift64(x(i)) by 13, 7, 17 with x(0) = seed, one step an element
///     a[i]   = bits 63…42 of x(i+1), b[i] = bits 41…20 of it
///     c[i]   = a[i] + scale · b[i]
///     digest = the fold d ← rotate_left(d, 5) xor c[i], times 0x9E3779B97F4A7C15, from d = seed
///
/// Every number is a whole one below 2^24, which a 32-bit float holds exactly, so any correct
/// machine gives the same bits, however it rounds.
namespace coroner::payload::proof {

inline constexpr std::uint64_t odd_constant = 0x9E3779B97F4A7C15ULL;

/// From the nonce's text (letter case does not matter) and the number of the CUDA device.
constexpr std::uint64_t seed_of(std::string_view nonce, unsigned device)
{
  std::uint64_t mixed = 0xCBF29CE484222325ULL;
  for (char letter : nonce) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    mixed = (mixed ^ static_cast<unsigned char>(letter)) * 0x100000001B3ULL;
  }
  mixed += device * odd_constant;
  mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBULL;
  mixed ^= mixed >> 31U;
  return mixed == 0 ? odd_constant : mixed;
}

constexpr std::uint32_t scale_of(std::uint64_t seed)
{
  return static_cast<std::uint32_t>(1 + seed % 3);
}

/// One pair of addends.
struct Pair {
  std::uint32_t a;
  std::uint32_t b;
};

/// The addends in order; a second stream of the same seed gives the same ones.
class Stream {
 public:
  constexpr explicit Stream(std::uint64_t seed) : state_(seed) {}

  constexpr Pair next()
  {
    state_ ^= state_ << 13U;
    state_ ^= state_ >> 7U;
    state_ ^= state_ << 17U;
    return {static_cast<std::uint32_t>(state_ >> 42U),
            static_cast<std::uint32_t>((state_ >> 20U) & 0x3FFFFFU)};
  }

 private:
  std::uint64_t state_;
};

constexpr std::uint32_t sum_of(Pair pair, std::uint32_t scale)
{
  return pair.a + scale * pair.b;
}

/// Folds results in their order; two that change places change it.
class Digest {
 public:
  constexpr explicit Digest(std::uint64_t seed) : value_(seed) {}

  constexpr void add(std::uint32_t result)
  {
    value_ = (((value_ << 5U) | (value_ >> 59U)) ^ result) * odd_constant;
  }
  [[nodiscard]] constexpr std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_;
};

/// What the payload must report as `checksum` (there as 16 hexadecimal digits) for that nonce,
/// device number and number of elements. About 30 ms for 16 Mi elements.
constexpr std::uint64_t checksum(std::string_view nonce, unsigned device, std::uint64_t elements)
{
  const std::uint64_t seed = seed_of(nonce, device);
  const std::uint32_t scale = scale_of(seed);
  Stream stream(seed);
  Digest digest(seed);
  for (std::uint64_t index = 0; index < elements; ++index) {
    digest.add(sum_of(stream.next(), scale));
  }
  return digest.value();
}

}  // namespace coroner::payload::proof
