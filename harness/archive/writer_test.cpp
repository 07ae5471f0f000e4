// SPDX-License-Identifier: Apache-2.0
// What is written is found again, does not depend on order or time, and is refused when unclear.
#include "harness/archive/writer.h"

#include <algorithm>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "harness/archive/reader.h"
#include "harness/base/files.h"
#include "harness/crypto/digest.h"

namespace coroner::archive {
namespace {

using base::ErrorKind;
namespace fs = std::filesystem;

class Writer : public testing::Test {
 protected:
  fs::path file(const std::string& name) const { return folder_.path() / name; }

  std::string refusal(std::vector<Entry> entries) const
  {
    const auto written = write_archive(std::move(entries), file("refused.tar"));
    EXPECT_FALSE(fs::exists(file("refused.tar")));
    return written ? "written" : written.error().text();
  }

 private:
  base::ScopedDirectory folder_ =
      base::ScopedDirectory::make(testing::TempDir(), "writer-").value();
};

std::vector<Entry> sample()
{
  return {
      {"b/second.txt", 0600, Bytes{"two"}},
      {"a.txt", 0644, Bytes{"one"}},
      {"b", 0755, Directory{}},
      {"b/empty", 0644, Bytes{""}},
      {std::string(120, 'n') + "/" + std::string(180, 'm'), 0644, Bytes{"a name beyond ustar"}},
      {"ümlaut/\xff", 0644, Bytes{"a name beyond ASCII"}},
  };
}

std::map<std::string, std::string> read_back(const fs::path& path)
{
  std::map<std::string, std::string> found;
  auto reader = Reader::open(path);
  EXPECT_TRUE(reader) << reader.error().text();
  while (reader) {
    const auto item = reader->next();
    EXPECT_TRUE(item) << item.error().text();
    if (!item || !*item) break;
    found[(*item)->path] = (*item)->is_directory ? "folder" : reader->content().value_or("unread");
  }
  return found;
}

TEST_F(Writer, every_filter_gives_back_what_was_written)
{
  for (const auto filter : {Filter::none, Filter::gzip, Filter::zstd}) {
    const auto written = write_archive(sample(), file("sample"), filter);
    ASSERT_TRUE(written) << written.error().text();
    EXPECT_EQ(written->sha256, crypto::sha256_of_file(file("sample")).value_or(""));
    EXPECT_EQ(written->size_bytes, fs::file_size(file("sample")));
    const auto found = read_back(file("sample"));
    EXPECT_EQ(found.size(), sample().size());
    EXPECT_EQ(found.at("b/second.txt"), "two");
    EXPECT_EQ(found.at("b"), "folder");
    EXPECT_EQ(found.at("b/empty"), "");
    EXPECT_EQ(found.at("ümlaut/\xff"), "a name beyond ASCII");
    EXPECT_EQ(found.at(std::string(120, 'n') + "/" + std::string(180, 'm')), "a name beyond ustar");
  }
}

TEST_F(Writer, the_bytes_depend_on_neither_order_nor_the_age_of_files)
{
  for (const auto filter : {Filter::none, Filter::gzip, Filter::zstd}) {
    ASSERT_TRUE(base::write_file(file("content"), "from disk"));
    auto entries = sample();
    entries.push_back({"disk", 0755, DiskFile{file("content")}});
    const auto first = write_archive(entries, file("one"), filter);
    fs::last_write_time(file("content"), fs::file_time_type::clock::now() - std::chrono::hours{9});
    ASSERT_EQ(::chmod(file("content").c_str(), 0600), 0);
    std::reverse(entries.begin(), entries.end());
    const auto second = write_archive(entries, file("two"), filter);
    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->sha256, second->sha256);
    EXPECT_EQ(base::read_file(file("one")).value(), base::read_file(file("two")).value());
  }
}

TEST_F(Writer, a_file_of_many_pieces_arrives_whole_and_a_link_to_it_is_followed)
{
  std::string content;
  for (int i = 0; i < 300'000; ++i) content += std::to_string(i);
  ASSERT_TRUE(base::write_file(file("large"), content));
  fs::create_symlink("large", file("link"));
  ASSERT_TRUE(write_archive({{"large", 0644, DiskFile{file("link")}}}, file("large.tar")));
  EXPECT_EQ(read_back(file("large.tar")).at("large"), content);
}

TEST_F(Writer, links_are_written_as_links)
{
  ASSERT_TRUE(write_archive({{"sh", 0777, Link{"/usr/bin/busybox"}}}, file("link.tar")));
  auto reader = Reader::open(file("link.tar"));
  ASSERT_TRUE(reader);
  const auto item = reader->next();
  ASSERT_FALSE(item);
  EXPECT_THAT(item.error().what, testing::HasSubstr("symbolic link"));
}

TEST_F(Writer, an_archive_of_nothing_is_an_archive)
{
  ASSERT_TRUE(write_archive({}, file("empty.tar")));
  EXPECT_TRUE(read_back(file("empty.tar")).empty());
}

TEST_F(Writer, unclear_entries_are_refused_and_leave_no_file)
{
  EXPECT_THAT(refusal({{"/etc/passwd", 0644, Bytes{}}}), testing::HasSubstr("absolute"));
  EXPECT_THAT(refusal({{"a/../b", 0644, Bytes{}}}), testing::HasSubstr("'..'"));
  EXPECT_THAT(refusal({{"a", 0644, Bytes{}}, {"./a", 0644, Bytes{}}}), testing::HasSubstr("twice"));
  EXPECT_THAT(refusal({{"lib", 0777, Link{"usr/lib"}}, {"lib/x", 0644, Bytes{}}}),
              testing::HasSubstr("below 'lib', which is no folder"));
  EXPECT_THAT(refusal({{".", 0755, Directory{}}}), testing::HasSubstr("root folder"));
}

TEST_F(Writer, a_source_that_cannot_be_read_is_named_and_leaves_no_file)
{
  EXPECT_THAT(refusal({{"a", 0644, DiskFile{file("missing")}}}), testing::HasSubstr("missing"));
  EXPECT_THAT(refusal({{"a", 0644, DiskFile{"/"}}}), testing::HasSubstr("no regular file"));
  ASSERT_EQ(::mkfifo(file("pipe").c_str(), 0600), 0);
  EXPECT_THAT(refusal({{"a", 0644, DiskFile{file("pipe")}}}),
              testing::HasSubstr("no regular file"));
  // Only the pipe is left: a refused archive leaves nothing aside either.
  EXPECT_EQ(std::distance(fs::directory_iterator(file("")), fs::directory_iterator()), 1);
}

TEST_F(Writer, a_folder_that_cannot_be_written_is_an_error)
{
  const auto written = write_archive(sample(), file("missing") / "a.tar");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace coroner::archive
