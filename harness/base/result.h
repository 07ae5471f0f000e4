// SPDX-License-Identifier: Apache-2.0
// Result<T>: a value, or an Error that says what is wrong and what to do next.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <tl/expected.hpp>

namespace coroner::base {

/// What kind of thing went wrong; decides retries and exit codes, never the text.
enum class ErrorKind {
  unreachable,  ///< The other side does not answer: refused, reset, no route, TLS.
  denied,       ///< It answered and refuses: 401, 403, EACCES, EPERM.
  not_found,    ///< It answered and has no such thing: 404, ENOENT.
  timed_out,    ///< The deadline passed first.
  invalid,      ///< Input is not what it must be: a person can correct it.
  internal,     ///< Our own mistake, or a machine out of resources.
};

/// An error as a person reads it: what happened, within what, and what to do next.
struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string what;                  ///< One sentence without a final stop.
  std::vector<std::string> context;  ///< Outermost last: "while booting cell nixos".
  std::string hint;                  ///< The next step, or empty.

  /// The whole error: `what`, then each context line, then `hint: ...`.
  std::string text() const
  {
    std::string all = what;
    for (const auto& line : context) all += "\n  " + line;
    if (!hint.empty()) all += "\n  hint: " + hint;
    return all;
  }

  Error& within(std::string line)
  {
    context.push_back(std::move(line));
    return *this;
  }
};

template <class T>
using Result = tl::expected<T, Error>;

/// An error value for `return`: `return error(ErrorKind::invalid, "no cell {}", name);`
template <class... Arguments>
tl::unexpected<Error> error(ErrorKind kind, fmt::format_string<Arguments...> format,
                            Arguments&&... arguments)
{
  return tl::unexpected(
      Error{kind, fmt::format(format, std::forward<Arguments>(arguments)...), {}, {}});
}

/// The same with the next step for the person who reads it.
inline tl::unexpected<Error> error_with_hint(ErrorKind kind, std::string what, std::string hint)
{
  return tl::unexpected(Error{kind, std::move(what), {}, std::move(hint)});
}

/// Hands an error on, with one more line of context.
inline tl::unexpected<Error> pass_on(Error inner, std::string context)
{
  inner.within(std::move(context));
  return tl::unexpected(std::move(inner));
}

}  // namespace coroner::base

#define CORONER_JOIN_(a, b) a##b
#define CORONER_JOIN(a, b) CORONER_JOIN_(a, b)

/// Returns the error of `expression` from the enclosing function, if there is one.
#define TRY(expression)                                                      \
  do {                                                                       \
    auto coroner_try = (expression);                                         \
    if (!coroner_try) return tl::unexpected(std::move(coroner_try).error()); \
  } while (false)

/// Declares `name` with the value of `expression`, or returns its error.
#define TRY_ASSIGN(name, expression)                                                \
  auto CORONER_JOIN(coroner_try_, __LINE__) = (expression);                         \
  if (!CORONER_JOIN(coroner_try_, __LINE__))                                        \
    return tl::unexpected(std::move(CORONER_JOIN(coroner_try_, __LINE__)).error()); \
  auto name = std::move(*CORONER_JOIN(coroner_try_, __LINE__))
