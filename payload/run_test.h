// SPDX-License-Identifier: Apache-2.0
// What several tests need: folders of their own, and programs run with their lines read.
#pragma once

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include "payload/child.h"
#include "payload/text.h"

namespace coroner::payload {

inline constexpr const char* test_nonce = "0123456789abcdef";

#if defined(__x86_64__)
inline constexpr const char* own_architecture = "x86_64";
inline constexpr const char* own_portable = "coroner-payload-amd64";
#else
inline constexpr const char* own_architecture = "aarch64";
inline constexpr const char* own_portable = "coroner-payload-arm64";
#endif

// A folder that goes with its test.
class TestFolder {
 public:
  TestFolder()
  {
    std::string name = std::filesystem::temp_directory_path() / "payload-XXXXXX";
    path_ = mkdtemp(name.data());
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  ~TestFolder()
  {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] std::string path(const std::string& inside = "") const { return path_ + inside; }

  void write(const std::string& inside, std::string_view text, mode_t mode = 0644) const
  {
    std::filesystem::create_directories(std::filesystem::path(path(inside)).parent_path());
    std::ofstream(path(inside)) << text;
    chmod(path(inside).c_str(), mode);
  }

  void link(const std::string& inside, const std::string& target) const
  {
    std::filesystem::create_directories(std::filesystem::path(path(inside)).parent_path());
    std::filesystem::create_symlink(target, path(inside));
  }

 private:
  std::string path_;
};

// A run with its standard output read as JSON lines; one that is no JSON is a discarded value.
struct Ran {
  ChildResult child;
  std::vector<nlohmann::json> lines;

  // The only line; null where there is none or more than one.
  [[nodiscard]] nlohmann::json line() const
  {
    return lines.size() == 1 ? lines[0] : nlohmann::json();
  }
};

inline Ran read_lines(ChildResult child)
{
  Ran ran{std::move(child), {}};
  for (const std::string_view line : split(ran.child.output, '\n')) {
    if (!line.empty()) ran.lines.push_back(nlohmann::json::parse(line, nullptr, false));
  }
  return ran;
}

inline constexpr std::size_t max_test_output_bytes = std::size_t{1024} * 1024;

inline Ran run_body(const std::function<int()>& body)
{
  return read_lines(run_in_child(body, Deadline(std::chrono::seconds(60)), max_test_output_bytes));
}

inline Ran run_words(const std::vector<std::string>& words)
{
  return read_lines(run_program(words, Deadline(std::chrono::seconds(60)), max_test_output_bytes));
}

}  // namespace coroner::payload
