// SPDX-License-Identifier: Apache-2.0
// Hostile archives: slips, links, bombs, damage. Nothing gets past the bounds, nothing crashes.
#include "harness/archive/reader.h"

#include <array>
#include <random>

#include <archive.h>
#include <archive_entry.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/archive/path.h"
#include "harness/base/files.h"

namespace coroner::archive {
namespace {

using base::ErrorKind;
using testing::HasSubstr;

constexpr std::size_t block = 512;

/// One raw ustar member, as no honest writer would make it.
struct Member {
  std::string name;
  char type = '0';
  std::string content;
  std::string link;
  std::int64_t claimed_bytes = -1;  ///< -1: as long as the content.
};

void put_octal(std::string& header, std::size_t at, std::size_t width, std::uint64_t value)
{
  header.replace(at, width, fmt::format("{:0{}o}", value, width - 1) + '\0');
}

std::string member_of(const Member& member)
{
  std::string header(block, '\0');
  header.replace(0, std::min<std::size_t>(member.name.size(), 100), member.name, 0, 100);
  put_octal(header, 100, 8, 0644);
  put_octal(header, 108, 8, 0);
  put_octal(header, 116, 8, 0);
  const auto size = member.claimed_bytes < 0 ? member.content.size()
                                             : static_cast<std::uint64_t>(member.claimed_bytes);
  put_octal(header, 124, 12, size);
  put_octal(header, 136, 12, 0);
  header.replace(148, 8, "        ");
  header[156] = member.type;
  header.replace(157, member.link.size(), member.link);
  header.replace(257, 8,
                 std::string("ustar\0"
                             "00",
                             8));
  unsigned sum = 0;
  for (const char byte : header) sum += static_cast<unsigned char>(byte);
  header.replace(148, 8, fmt::format("{:06o}", sum) + std::string("\0 ", 2));
  std::string padded = member.content;
  padded.resize((padded.size() + block - 1) / block * block);
  return header + padded;
}

std::string tar_of(const std::vector<Member>& members)
{
  std::string all;
  for (const auto& member : members) all += member_of(member);
  return all + std::string(2 * block, '\0');
}

la_ssize_t append(::archive*, void* context, const void* bytes, std::size_t count)
{
  static_cast<std::string*>(context)->append(static_cast<const char*>(bytes), count);
  return static_cast<la_ssize_t>(count);
}

std::string compressed(const std::string& bytes, int (*add_filter)(::archive*))
{
  std::string packed;
  ::archive* writer = archive_write_new();
  archive_write_set_format_raw(writer);
  add_filter(writer);
  archive_write_set_bytes_in_last_block(writer, 1);
  archive_write_open(writer, &packed, nullptr, append, nullptr);
  archive_entry* entry = archive_entry_new();
  archive_entry_set_filetype(entry, AE_IFREG);
  archive_write_header(writer, entry);
  archive_entry_free(entry);
  archive_write_data(writer, bytes.data(), bytes.size());
  archive_write_close(writer);
  archive_write_free(writer);
  return packed;
}

struct Seen {
  std::vector<Item> items;
  std::uint64_t content_bytes = 0;
  std::string refusal;  ///< "" when the end was reached.
};

Seen go_through(std::string_view bytes, const Bounds& bounds = {}, bool wants_content = true)
{
  Seen seen;
  auto reader = Reader::of_bytes(bytes, "sample.tar", bounds);
  if (!reader) {
    seen.refusal = reader.error().what;
    return seen;
  }
  while (true) {
    auto item = reader->next();
    if (!item) {
      seen.refusal = item.error().what;
      EXPECT_EQ(item.error().kind, ErrorKind::invalid);
      EXPECT_FALSE(reader->next()) << "it went on after an error";
      return seen;
    }
    if (!*item) return seen;
    seen.items.push_back(**item);
    if (!wants_content) continue;
    const auto content = reader->content();
    if (!content) {
      seen.refusal = content.error().what;
      return seen;
    }
    EXPECT_EQ(content->size(), (*item)->size_bytes);
    seen.content_bytes += content->size();
  }
}

TEST(Reader, ordinary_archives_are_read_in_each_compression)
{
  const auto good =
      tar_of({{"./", '5'}, {"./a/", '5'}, {"./a/b", '0', "text"}, {"c", '\0', "old"}});
  for (const auto& bytes : {good, compressed(good, archive_write_add_filter_gzip),
                            compressed(good, archive_write_add_filter_zstd)}) {
    const auto seen = go_through(bytes);
    EXPECT_EQ(seen.refusal, "");
    ASSERT_EQ(seen.items.size(), 3U);
    EXPECT_EQ(seen.items[0].path, "a");
    EXPECT_TRUE(seen.items[0].is_directory);
    EXPECT_EQ(seen.items[1].path, "a/b");
    EXPECT_EQ(seen.items[2].size_bytes, 3U);
    EXPECT_EQ(seen.content_bytes, 7U);
  }
}

TEST(Reader, what_could_leave_the_folder_is_refused_by_name)
{
  EXPECT_THAT(go_through(tar_of({{"/etc/cron.d/x"}})).refusal, HasSubstr("'/etc/cron.d/x'"));
  EXPECT_THAT(go_through(tar_of({{"a/../../x"}})).refusal, HasSubstr("'a/../../x'"));
  EXPECT_THAT(go_through(tar_of({{"ok"}, {"l", '2', "", "/etc"}})).refusal,
              HasSubstr("'l' is a symbolic link"));
  EXPECT_THAT(go_through(tar_of({{"ok"}, {"h", '1', "", "/etc/shadow"}})).refusal,
              HasSubstr("'h' is a hard link"));
  EXPECT_THAT(go_through(tar_of({{"d", '3'}})).refusal, HasSubstr("'d' is a device"));
  EXPECT_THAT(go_through(tar_of({{"d", '4'}})).refusal, HasSubstr("'d' is a device"));
  EXPECT_THAT(go_through(tar_of({{"p", '6'}})).refusal, HasSubstr("'p' is a pipe"));
}

TEST(Reader, a_path_of_a_pax_header_is_judged_like_any_other)
{
  const auto pax = [](const std::string& record) {
    std::string line;
    std::size_t size = record.size() + 3;
    while ((line = std::to_string(size) + " " + record + "\n").size() != size) size = line.size();
    return line;
  };
  const auto evil = tar_of({{"x", 'x', pax("path=../../evil")}, {"innocent", '0', "x"}});
  EXPECT_THAT(go_through(evil).refusal, HasSubstr("'../../evil'"));
  const auto linked = tar_of({{"x", 'x', pax("linkpath=/etc/shadow")}, {"l", '2', ""}});
  EXPECT_THAT(go_through(linked).refusal, HasSubstr("link"));
  const auto grown = tar_of({{"x", 'x', pax("size=99999999999")}, {"big", '0', "x"}});
  EXPECT_THAT(go_through(grown).refusal, HasSubstr("'big' is larger"));
}

TEST(Reader, a_file_in_the_place_of_the_root_folder_is_refused)
{
  EXPECT_THAT(go_through(tar_of({{".", '0', "x"}})).refusal, HasSubstr("a file has no name"));
}

TEST(Reader, two_entries_of_one_path_are_refused)
{
  EXPECT_THAT(go_through(tar_of({{"a", '0', "1"}, {"./a", '0', "2"}})).refusal, HasSubstr("twice"));
}

TEST(Reader, each_bound_is_a_bound_and_no_less)
{
  const auto tar = tar_of({{"a", '0', "12345"}, {"b", '0', "12345"}});
  EXPECT_EQ(go_through(tar, {.most_entries = 2}).refusal, "");
  EXPECT_THAT(go_through(tar, {.most_entries = 1}).refusal, HasSubstr("more than 1 entries"));
  EXPECT_EQ(go_through(tar, {.largest_entry_bytes = 5}).refusal, "");
  EXPECT_THAT(go_through(tar, {.largest_entry_bytes = 4}).refusal, HasSubstr("'a' is larger than"));
  const std::uint64_t enough = tar.size();
  EXPECT_EQ(go_through(tar, {.largest_total_bytes = enough}).refusal, "");
  EXPECT_THAT(go_through(tar, {.largest_total_bytes = 9}).refusal, HasSubstr("more than 9 bytes"));
}

TEST(Reader, an_entry_that_only_claims_its_size_is_refused_before_memory_is_taken)
{
  const auto tar = tar_of({{"a", '0', "x", "", std::int64_t{60} << 20}});
  EXPECT_THAT(go_through(tar).refusal, HasSubstr("times its size"));
  const auto cut = tar_of({{"a", '0', "x", "", 900'000}});
  EXPECT_NE(go_through(cut).refusal, "");
}

TEST(Reader, bombs_are_refused_whether_their_content_is_asked_for_or_not)
{
  const auto bomb = tar_of({{"zeros", '0', std::string(24U << 20U, '\0')}});
  for (auto* filter : {archive_write_add_filter_gzip, archive_write_add_filter_zstd}) {
    const auto packed = compressed(bomb, filter);
    ASSERT_LT(packed.size(), bomb.size() / 100);
    for (const bool wants_content : {true, false})
      EXPECT_THAT(go_through(packed, {}, wants_content).refusal, HasSubstr("times its size"));
  }
}

TEST(Reader, a_bomb_of_many_small_entries_is_refused_too)
{
  std::vector<Member> members;
  for (int i = 0; i < 9'000; ++i) members.push_back({fmt::format("f{}", i), '0', ""});
  const auto packed = compressed(tar_of(members), archive_write_add_filter_zstd);
  const auto seen = go_through(packed, {.largest_ratio = 10});
  EXPECT_THAT(seen.refusal, HasSubstr("times its size"));
}

TEST(Reader, compression_within_compression_is_refused)
{
  const auto tar = tar_of({{"a", '0', "text"}});
  const auto twice =
      compressed(compressed(tar, archive_write_add_filter_gzip), archive_write_add_filter_gzip);
  EXPECT_THAT(go_through(twice).refusal, HasSubstr("more than once"));
}

TEST(Reader, endless_special_headers_end)
{
  std::string tar;
  for (int i = 0; i < 20'000; ++i) tar += member_of(Member{"x", 'x', "9 a=bcde\n"});
  for (const auto type : {'g', 'L', 'K'})
    for (int i = 0; i < 5'000; ++i) tar += member_of(Member{"x", type, "9 a=bcde\n"});
  EXPECT_NE(go_through(tar).refusal, "");
}

TEST(Reader, what_is_no_archive_is_refused_and_so_are_other_formats)
{
  EXPECT_THAT(go_through("").refusal, HasSubstr("sample.tar: it is damaged or no tar"));
  EXPECT_THAT(go_through("plain text, no archive at all\n").refusal, HasSubstr("no tar"));
  EXPECT_THAT(go_through("PK\x03\x04").refusal, HasSubstr("no tar"));
  EXPECT_THAT(go_through("7z\xbc\xaf\x27\x1c").refusal, HasSubstr("no tar"));
}

TEST(Reader, a_file_that_is_missing_or_no_file_is_an_error)
{
  EXPECT_EQ(Reader::open("/nowhere.tar").error().kind, ErrorKind::not_found);
  EXPECT_EQ(Reader::open("/").error().kind, ErrorKind::invalid);
}

TEST(Reader, content_is_given_once)
{
  const auto tar = tar_of({{"a", '0', "text"}});
  auto reader = Reader::of_bytes(tar, "sample.tar");
  ASSERT_TRUE(reader && reader->next());
  EXPECT_EQ(reader->content().value_or("none"), "text");
  EXPECT_FALSE(reader->content());
}

/// Whatever is read, the promises of the interface hold.
void check_promises(const std::string& bytes, const Bounds& bounds)
{
  const auto seen = go_through(bytes, bounds);
  EXPECT_LE(seen.items.size(), bounds.most_entries);
  EXPECT_LE(seen.content_bytes, bounds.largest_total_bytes);
  for (const auto& item : seen.items) {
    EXPECT_EQ(normal_path(item.path).value_or("refused"), item.path);
    EXPECT_LE(item.size_bytes, bounds.largest_entry_bytes);
  }
}

TEST(Reader, mutated_archives_keep_every_promise)
{
  const auto tar = tar_of({{"a/", '5'},
                           {"a/b", '0', std::string(700, 'b')},
                           {"x", 'x', "21 path=a/long/name\n\n"},
                           {"c", '0', "text"},
                           {"l", 'L', std::string(130, 'n')},
                           {"d", '0', "more"}});
  const std::array<std::string, 3> seeds = {tar, compressed(tar, archive_write_add_filter_gzip),
                                            compressed(tar, archive_write_add_filter_zstd)};
  constexpr Bounds bounds{
      .most_entries = 5, .largest_total_bytes = 100'000, .largest_entry_bytes = 50'000};
  std::mt19937 random(20'260'101);
  constexpr int rounds = 4'000;
  for (int round = 0; round < rounds; ++round) {
    auto bytes = seeds[random() % seeds.size()];
    const auto changes = 1 + random() % 6;
    for (unsigned change = 0; change < changes && !bytes.empty(); ++change) {
      const auto at = random() % bytes.size();
      switch (random() % 4) {
        case 0:
          bytes[at] = static_cast<char>(random());
          break;
        case 1:
          bytes.erase(at, random() % 600);
          break;
        case 2:
          bytes.insert(at, bytes.substr(random() % bytes.size(), random() % 600));
          break;
        default:
          bytes[at] = static_cast<char>('0' + random() % 10);
      }
    }
    check_promises(bytes, bounds);
  }
}

}  // namespace
}  // namespace coroner::archive
