// SPDX-License-Identifier: Apache-2.0
// Reference results: integers in 128 bits and cut at the end, floating point by the CPU.
#include "matrix/lab/driver/ptx/reference.h"

#include <algorithm>
#include <bit>
#include <cfenv>
#include <cmath>
#include <utility>

namespace coroner::driver::ptx {
namespace {

__extension__ using Wide = __int128;
__extension__ using UnsignedWide = unsigned __int128;

std::uint64_t cut(Wide value, unsigned bits)
{
  const auto low = static_cast<std::uint64_t>(value);
  return bits >= 64 ? low : low & ((1ULL << bits) - 1);
}

Wide integer(std::uint64_t bits, Type type)
{
  const Wide value = static_cast<Wide>(cut(bits, type.bits));
  const bool is_negative =
      type.kind == Kind::signed_integer && ((bits >> (type.bits - 1)) & 1) != 0;
  return is_negative ? value - (static_cast<Wide>(1) << type.bits) : value;
}

double number(std::uint64_t bits, Type type)
{
  if (type.bits == 64) return std::bit_cast<double>(bits);
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
}

std::uint64_t bits_of(double value, Type type)
{
  if (type.bits == 64) return std::bit_cast<std::uint64_t>(value);
  if (std::isnan(value)) return 0x7fffffff;
  return std::bit_cast<std::uint32_t>(static_cast<float>(value));
}

std::uint64_t integer_result(const Signature& one, Wide a, Wide b, Wide c)
{
  const unsigned bits = one.target.bits;
  const std::string& name = one.mnemonic;
  const std::string half = one.modifiers.empty() ? "" : one.modifiers[0];
  if (name == "add") return cut(a + b, bits);
  if (name == "sub") return cut(a - b, bits);
  if (name == "neg") return cut(-a, bits);
  if (name == "abs") return cut(a < 0 ? -a : a, bits);
  if (name == "min") return cut(a < b ? a : b, bits);
  if (name == "max") return cut(a < b ? b : a, bits);
  if (name == "div") return b == 0 ? cut(-1, bits) : cut(a / b, bits);
  if (name == "rem") return b == 0 ? cut(a, bits) : cut(a % b, bits);
  const bool is_unsigned = one.sources[0].kind == Kind::unsigned_integer;
  const auto product = static_cast<UnsignedWide>(a) * static_cast<UnsignedWide>(b);
  const Wide high =
      is_unsigned ? static_cast<Wide>(product >> bits) : static_cast<Wide>(product) >> bits;
  const Wide part = half == "hi" ? high : static_cast<Wide>(product);
  return cut(static_cast<Wide>(static_cast<UnsignedWide>(part) + static_cast<UnsignedWide>(c)),
             bits);
}

template <typename Value>
double floating_in(const std::string& name, Value a, Value b, Value c)
{
  if (name == "add") return a + b;
  if (name == "sub") return a - b;
  if (name == "mul") return a * b;
  if (name == "div") return a / b;
  if (name == "sqrt") return std::sqrt(a);
  if (name == "fma" || name == "mad") return std::fma(a, b, c);
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) ? b : a;
  const bool is_less = a < b || (a == b && std::signbit(a));
  return (name == "min") == is_less ? a : b;
}

std::uint64_t floating_result(const Signature& one, const std::array<std::uint64_t, 3>& sources)
{
  const Type type = one.target;
  const std::uint64_t sign = 1ULL << (type.bits - 1);
  if (one.mnemonic == "neg") return cut(static_cast<Wide>(sources[0] ^ sign), type.bits);
  if (one.mnemonic == "abs") return cut(static_cast<Wide>(sources[0] & ~sign), type.bits);
  std::array<double, 3> in{};
  for (std::size_t at = 0; at < 3; ++at) in[at] = number(sources[at], type);
  if (type.bits == 64) return bits_of(floating_in(one.mnemonic, in[0], in[1], in[2]), type);
  return bits_of(floating_in(one.mnemonic, static_cast<float>(in[0]), static_cast<float>(in[1]),
                             static_cast<float>(in[2])),
                 type);
}

template <typename Value>
bool compare(std::string how, Value a, Value b, bool unordered)
{
  if (how == "num") return !unordered;
  if (how == "nan") return unordered;
  for (const auto& [one, same] :
       {std::pair{"lo", "lt"}, {"ls", "le"}, {"hi", "gt"}, {"hs", "ge"}}) {
    if (how == one) how = same;
  }
  if (unordered) return how.size() == 3;
  how = how.substr(0, 2);
  const bool is_equal = a == b;
  if (how == "eq" || how == "ne") return is_equal == (how == "eq");
  const bool is_less = a < b;
  if (how == "lt" || how == "ge") return is_less == (how == "lt");
  return (is_less || is_equal) == (how == "le");
}

std::uint64_t bit_result(const Signature& one, const std::array<std::uint64_t, 3>& sources)
{
  const unsigned bits = one.target.bits;
  const std::string& name = one.mnemonic;
  if (name == "and") return cut(static_cast<Wide>(sources[0] & sources[1]), bits);
  if (name == "or") return cut(static_cast<Wide>(sources[0] | sources[1]), bits);
  if (name == "xor") return cut(static_cast<Wide>(sources[0] ^ sources[1]), bits);
  if (name == "not") return cut(static_cast<Wide>(~sources[0]), bits);
  if (name == "selp") return sources[(sources[2] & 1) != 0 ? 0 : 1] & cut(-1, bits);
  if (name == "mov" || name == "cvta") return sources[0] & cut(-1, bits);
  const std::uint64_t count = std::min<std::uint64_t>(static_cast<std::uint32_t>(sources[1]), bits);
  if (name == "shl") return cut(static_cast<Wide>(sources[0]) << count, bits);
  return cut(integer(sources[0], one.sources[0]) >> count, bits);
}

std::uint64_t to_integer(const std::string& rounding, double value, Type from, Type to)
{
  if (std::isnan(value)) return from.bits == 64 || to.bits == 64 ? 1ULL << (to.bits - 1) : 0;
  double whole = std::trunc(value);
  if (rounding == "rni") whole = std::rint(value);
  if (rounding == "rmi") whole = std::floor(value);
  if (rounding == "rpi") whole = std::ceil(value);
  const bool is_signed = to.kind == Kind::signed_integer;
  const Wide least = is_signed ? -(static_cast<Wide>(1) << (to.bits - 1)) : 0;
  const Wide most = (static_cast<Wide>(1) << (is_signed ? to.bits - 1 : to.bits)) - 1;
  if (whole >= 0x1p100 || whole <= -0x1p100) return cut(whole > 0 ? most : least, to.bits);
  return cut(std::clamp(static_cast<Wide>(whole), least, most), to.bits);
}

// The CPU's own rounding mode, which the simulation does not touch.
template <typename Target, typename Source>
double rounded(Source value, bool is_toward_zero)
{
  std::fesetround(is_toward_zero ? FE_TOWARDZERO : FE_TONEAREST);
  const volatile Source before = value;
  const volatile auto after = static_cast<Target>(before);
  std::fesetround(FE_TONEAREST);
  return after;
}

template <typename Source>
std::uint64_t to_floating(Source value, Type to, bool is_toward_zero)
{
  return bits_of(to.bits == 32 ? rounded<float>(value, is_toward_zero)
                               : rounded<double>(value, is_toward_zero),
                 to);
}

std::uint64_t conversion_result(const Signature& one, std::uint64_t source)
{
  const Type from = one.sources[0];
  const Type to = one.target;
  const std::string rounding = one.modifiers.empty() ? "" : one.modifiers[0];
  const bool is_toward_zero = rounding == "rz";
  if (from.kind == Kind::floating) {
    const double value = number(source, from);
    if (to.kind == Kind::floating) return to_floating(value, to, is_toward_zero);
    return to_integer(rounding, value, from, to);
  }
  const Wide value = integer(source, from);
  if (to.kind != Kind::floating) return cut(value, to.bits);
  if (from.kind == Kind::signed_integer) {
    return to_floating(static_cast<std::int64_t>(value), to, is_toward_zero);
  }
  return to_floating(static_cast<std::uint64_t>(value), to, is_toward_zero);
}

}  // namespace

std::optional<Signature> signature_of(const std::string& name)
{
  std::vector<std::string> words;
  std::string word;
  for (const char letter : name + ".") {
    if (letter != '.') {
      word += letter;
    } else {
      words.push_back(std::exchange(word, ""));
    }
  }
  Signature one{words[0], {}, {}, {}};
  const auto is_one_of = [&](std::initializer_list<const char*> names) {
    return std::ranges::any_of(names, [&](const char* other) { return words[0] == other; });
  };
  if (is_one_of({"ld", "st", "bra", "ret", "exit"})) return {};
  const Type type = *type_from(words.back());
  one.target = type;
  std::size_t modifiers_end = words.size() - 1;
  if (words[0] == "cvt") {
    one.target = *type_from(words[words.size() - 2]);
    one.sources = {type};
    --modifiers_end;
  } else if (words[0] == "setp") {
    one.target = {Kind::predicate, 1};
    one.sources = {type, type};
  } else if (words[0] == "selp") {
    one.sources = {type, type, {Kind::predicate, 1}};
  } else if (is_one_of({"shl", "shr"})) {
    one.sources = {type, {Kind::unsigned_integer, 32}};
  } else if (is_one_of({"neg", "abs", "not", "mov", "cvta", "sqrt"})) {
    one.sources = {type};
  } else {
    one.sources.assign(is_one_of({"mad", "fma"}) ? 3 : 2, type);
  }
  one.modifiers.assign(words.begin() + 1,
                       words.begin() + static_cast<std::ptrdiff_t>(modifiers_end));
  if (!one.modifiers.empty() && one.modifiers[0] == "wide") {
    one.target.bits *= 2;
    if (one.sources.size() == 3) one.sources[2] = one.target;
  }
  return one;
}

std::uint64_t reference_result(const Signature& one, const std::array<std::uint64_t, 3>& sources)
{
  const std::string& name = one.mnemonic;
  if (name == "cvt") return conversion_result(one, sources[0]);
  if (name == "setp") {
    const Type type = one.sources[0];
    if (type.kind != Kind::floating) {
      return compare(one.modifiers[0], integer(sources[0], type), integer(sources[1], type), false);
    }
    const double a = number(sources[0], type);
    const double b = number(sources[1], type);
    return compare(one.modifiers[0], a, b, std::isnan(a) || std::isnan(b));
  }
  for (const char* other : {"and", "or", "xor", "not", "selp", "mov", "cvta", "shl", "shr"}) {
    if (name == other) return bit_result(one, sources);
  }
  if (one.target.kind == Kind::floating) return floating_result(one, sources);
  std::array<Wide, 3> in{};
  for (std::size_t at = 0; at < one.sources.size(); ++at)
    in[at] = integer(sources[at], one.sources[at]);
  return integer_result(one, in[0], in[1], in[2]);
}

}  // namespace coroner::driver::ptx
