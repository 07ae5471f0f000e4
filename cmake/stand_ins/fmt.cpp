// SPDX-License-Identifier: Apache-2.0
// The part of fmt that is compiled once, made from its own headers: Debian 12 has no archive of it.
#include <locale>

#include <fmt/format-inl.h>

// What headers of fmt 9.1 leave to the library, as far as it is a template.
template std::locale fmt::detail::locale_ref::get<std::locale>() const;
template fmt::detail::locale_ref::locale_ref(const std::locale& locale);
template fmt::detail::thousands_sep_result<char> fmt::detail::thousands_sep_impl(locale_ref);
template char fmt::detail::decimal_point_impl(locale_ref);
template fmt::detail::dragonbox::decimal_fp<float> fmt::detail::dragonbox::to_decimal(float);
template fmt::detail::dragonbox::decimal_fp<double> fmt::detail::dragonbox::to_decimal(double);
template void fmt::detail::buffer<char>::append(const char* begin, const char* end);
