// SPDX-License-Identifier: Apache-2.0
// A shared library as the dynamic loader finds it.
#pragma once

#include <string>
#include <string_view>

namespace coroner::payload {

class Library {
 public:
  /// Asks the loader for `name` (a SONAME), with no place of our own added: what it finds is what
  /// any program in this container finds.
  explicit Library(const std::string& name);
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library();

  [[nodiscard]] bool is_open() const { return handle_ != nullptr; }
  /// The loader's own words where it is not open.
  [[nodiscard]] const std::string& problem() const { return problem_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  /// As the loader knows it; empty where it is not open.
  [[nodiscard]] std::string path() const;

  /// Sets `function`; false where the library has no such symbol.
  template <typename Function>
  bool find(const char* symbol, Function& function) const
  {
    function = reinterpret_cast<Function>(find_symbol(symbol));
    return function != nullptr;
  }

  /// Keeps the library loaded for ever: drivers do not like to be unloaded.
  void keep() { is_kept_ = true; }

 private:
  [[nodiscard]] void* find_symbol(const char* symbol) const;

  std::string name_;
  void* handle_ = nullptr;
  std::string problem_;
  bool is_kept_ = false;
};

/// "570.211.01" of ".../libcuda.so.570.211.01"; empty where nothing follows ".so.".
std::string_view version_suffix(std::string_view path);

}  // namespace coroner::payload
