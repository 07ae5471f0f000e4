// SPDX-License-Identifier: Apache-2.0
// A matrix/ of a test's own, with an empty cache beside it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/base/command.h"
#include "harness/base/files.h"
#include "harness/lab/components.h"
#include "harness/lab/places.h"

namespace coroner::lab {

class SmallMatrix : public testing::Test {
 protected:
  SmallMatrix() : places_{folder_.path() / "matrix", folder_.path() / "cache", {}, {}}
  {
    EXPECT_TRUE(base::make_directories(places_.components()));
  }

  /// A file below matrix/lab.
  void write(const std::string& file, const std::string& text)
  {
    const auto path = places_.matrix / "lab" / file;
    ASSERT_TRUE(base::make_directories(path.parent_path()));
    ASSERT_TRUE(base::write_file(path, text));
  }

  /// Keeps what a person would be told.
  Progress progress()
  {
    return [this](const std::string& line) { said_.push_back(line); };
  }

  static bool has_go()
  {
    const auto said =
        base::run({.arguments = {"go", "version"}}, base::Deadline::in(std::chrono::seconds(20)));
    return said && said->exit_code == 0;
  }

  std::vector<std::string> said_;

 private:
  base::ScopedDirectory folder_ =
      base::ScopedDirectory::make(std::filesystem::temp_directory_path(), "matrix-").value();

 protected:
  const Places places_;
};

}  // namespace coroner::lab
