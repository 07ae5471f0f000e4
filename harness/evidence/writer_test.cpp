// SPDX-License-Identifier: Apache-2.0
// A bundle's life: written, killed, gone on with, finished, packed, read back.
#include "harness/evidence/writer.h"

#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/archive/writer.h"
#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/evidence/reader.h"

namespace coroner::evidence {
namespace {

using base::ErrorKind;
using nlohmann::json;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

class Bundle : public ::testing::Test {
 protected:
  void SetUp() override
  {
    auto made = base::ScopedDirectory::make(fs::temp_directory_path(), "bundle");
    ASSERT_TRUE(made) << made.error().text();
    directory_.emplace(std::move(*made));
  }
  fs::path folder() const { return directory_->path() / "run"; }
  static Manifest manifest()
  {
    return {.run = "run-1", .tool = "0.1.0", .cluster = {"uid", "https://api:6443", "v1.34.1"}};
  }
  static json pod(const std::string& name, const std::string& phase)
  {
    return {{"apiVersion", "v1"},
            {"kind", "Pod"},
            {"metadata", {{"name", name}, {"namespace", "default"}}},
            {"status", {{"phase", phase}}}};
  }
  void fill(Writer& writer) const
  {
    ASSERT_TRUE(writer.object(pod("a", "Pending")));
    ASSERT_TRUE(writer.object(pod("a", "Running"), "MODIFIED"));
    ASSERT_TRUE(writer.log({"default", "a", "main", false}, "line one\nline two\n"));
    ASSERT_TRUE(writer.host_file("node", "/etc/containerd/config.toml", "version = 3\n"));
    ASSERT_TRUE(writer.pod_result("node", "smoke/cuda_vector_add", "{\"work\":1}\n"));
    ASSERT_TRUE(writer.collected("api/v1/Pod"));
  }

 private:
  std::optional<base::ScopedDirectory> directory_;
};

TEST_F(Bundle, what_was_written_is_read_back_in_order)
{
  auto writer = Writer::create(folder(), manifest());
  ASSERT_TRUE(writer) << writer.error().text();
  fill(*writer);
  ASSERT_TRUE(writer->finish());
  const auto reader = Reader::open(folder());
  ASSERT_TRUE(reader) << reader.error().text();
  EXPECT_TRUE(reader->manifest().is_complete);
  EXPECT_EQ(reader->manifest().cluster.version, "v1.34.1");
  const auto events = reader->events();
  ASSERT_TRUE(events) << events.error().text();
  ASSERT_EQ(events->size(), 6U);
  for (std::size_t i = 0; i < events->size(); ++i) EXPECT_EQ((*events)[i].sequence, i + 1);
  EXPECT_EQ((*events)[0].data["status"]["phase"], "Pending");
  EXPECT_EQ((*events)[1].change, "MODIFIED");
  const auto objects = reader->objects();
  ASSERT_EQ(objects->size(), 1U);
  EXPECT_EQ(objects->front().object["status"]["phase"], "Running");
  EXPECT_EQ(reader->content("logs/default/a/main.log").value(), "line one\nline two\n");
  EXPECT_EQ(reader->content("host/node/etc/containerd/config.toml").value(), "version = 3\n");
  EXPECT_EQ(reader->content("../manifest.json").error().kind, ErrorKind::not_found);
  EXPECT_TRUE(reader->verify());
}

TEST_F(Bundle, a_second_writer_is_refused)
{
  auto first = Writer::create(folder(), manifest());
  ASSERT_TRUE(first);
  EXPECT_EQ(Writer::create(folder(), manifest()).error().kind, ErrorKind::invalid);
  EXPECT_EQ(Writer::resume(folder()).error().kind, ErrorKind::denied);
  ASSERT_TRUE(first->finish());
  EXPECT_FALSE(first->note("late"));
  EXPECT_FALSE(first->finish());
}

TEST_F(Bundle, a_finished_bundle_takes_no_more)
{
  {
    auto writer = Writer::create(folder(), manifest());
    ASSERT_TRUE(writer->finish());
  }
  EXPECT_EQ(Writer::resume(folder()).error().kind, ErrorKind::invalid);
}

TEST_F(Bundle, a_half_written_last_event_is_cut_off_and_work_goes_on)
{
  {
    auto writer = Writer::create(folder(), manifest());
    fill(*writer);
  }
  std::ofstream(folder() / events_file, std::ios::app) << R"({"sequence":7,"kind":"no)";
  const auto killed = Reader::open(folder());
  ASSERT_TRUE(killed);
  EXPECT_FALSE(killed->manifest().is_complete);
  EXPECT_EQ(killed->events()->size(), 6U);
  EXPECT_EQ(killed->objects()->front().object["status"]["phase"], "Running");
  EXPECT_FALSE(killed->verify());

  auto again = Writer::resume(folder());
  ASSERT_TRUE(again) << again.error().text();
  ASSERT_TRUE(again->note("after the kill"));
  ASSERT_TRUE(again->finish());
  const auto whole = Reader::open(folder());
  EXPECT_EQ(whole->events()->size(), 7U);
  EXPECT_EQ(whole->events()->back().sequence, 7U);
  EXPECT_TRUE(whole->verify());
}

TEST_F(Bundle, a_kill_at_any_moment_loses_no_event_that_was_acknowledged)
{
  int acknowledged[2] = {};
  ASSERT_EQ(::pipe(acknowledged), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    auto writer = Writer::create(folder(), manifest());
    for (int i = 0; writer; ++i) {
      if (!writer->object(pod("p" + std::to_string(i), "Running"))) break;
      if (::write(acknowledged[1], "x", 1) != 1) break;
    }
    ::_exit(0);
  }
  constexpr int enough = 40;
  char byte = 0;
  int seen = 0;
  while (seen < enough && ::read(acknowledged[0], &byte, 1) == 1) ++seen;
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(acknowledged[1]);
  while (::read(acknowledged[0], &byte, 1) == 1) ++seen;
  ::close(acknowledged[0]);
  const auto reader = Reader::open(folder());
  ASSERT_TRUE(reader) << reader.error().text();
  EXPECT_GE(reader->objects()->size(), static_cast<std::size_t>(seen));
  EXPECT_TRUE(Writer::resume(folder()));
}

TEST_F(Bundle, a_broken_event_in_the_middle_is_named_by_its_line)
{
  {
    auto writer = Writer::create(folder(), manifest());
    fill(*writer);
    ASSERT_TRUE(writer->finish());
  }
  auto text = *base::read_file(folder() / events_file);
  text.replace(text.find('\n') + 1, 1, "#");
  ASSERT_TRUE(base::write_file(folder() / events_file, text));
  const auto reader = Reader::open(folder());
  EXPECT_THAT(reader->events().error().text(), HasSubstr("events.ndjson:2"));
  EXPECT_THAT(reader->verify().error().text(), HasSubstr("events.ndjson was changed"));
}

TEST_F(Bundle, an_archive_says_the_same_as_the_folder)
{
  {
    auto writer = Writer::create(folder(), manifest());
    fill(*writer);
    ASSERT_TRUE(writer->finish());
  }
  const auto packed = folder().parent_path() / "run.tar.zst";
  ASSERT_TRUE(pack(folder(), packed));
  const auto from_folder = Reader::open(folder());
  const auto from_archive = Reader::open(packed);
  ASSERT_TRUE(from_archive) << from_archive.error().text();
  EXPECT_EQ(from_archive->files(), from_folder->files());
  for (const auto& path : from_folder->files())
    EXPECT_EQ(from_archive->content(path).value(), from_folder->content(path).value());
  EXPECT_TRUE(from_archive->verify());
}

TEST_F(Bundle, an_archive_with_foreign_names_is_refused_by_name)
{
  const auto file = folder().parent_path() / "evil.tar.zst";
  for (const std::string name :
       {"run/objects/.hidden/x/y", "run/etc/passwd", "other/manifest.json"}) {
    ASSERT_TRUE(
        archive::write_archive({{.path = "run/a", .content = archive::Directory{}},
                                {.path = "run/events.ndjson", .content = archive::Bytes{""}},
                                {.path = name, .content = archive::Bytes{"x"}}},
                               file, archive::Filter::zstd));
    const auto reader = Reader::open(file);
    ASSERT_FALSE(reader) << name;
    EXPECT_EQ(reader.error().kind, ErrorKind::invalid);
  }
}

TEST_F(Bundle, links_in_a_folder_are_not_followed)
{
  {
    auto writer = Writer::create(folder(), manifest());
    fill(*writer);
  }
  fs::create_symlink("/etc/passwd", folder() / "logs" / "default" / "a" / "link.log");
  fs::create_directory_symlink("/etc", folder() / "host" / "evil");
  const auto reader = Reader::open(folder());
  ASSERT_TRUE(reader);
  for (const auto& path : reader->files()) EXPECT_THAT(path, ::testing::Not(HasSubstr("link")));
  EXPECT_FALSE(reader->content("logs/default/a/link.log"));
}

TEST_F(Bundle, what_is_no_bundle_is_said_to_be_none)
{
  EXPECT_EQ(Reader::open(folder()).error().kind, ErrorKind::not_found);
  ASSERT_TRUE(base::make_directories(folder()));
  EXPECT_EQ(Reader::open(folder()).error().kind, ErrorKind::invalid);
  ASSERT_TRUE(base::write_file(folder() / manifest_file, R"({"schema":"other/9","run":"x"})"));
  EXPECT_THAT(Reader::open(folder()).error().text(), HasSubstr("other/9"));
  EXPECT_FALSE(pack(folder(), folder().parent_path() / "none.tar.zst"));
}

TEST_F(Bundle, several_threads_write_one_order)
{
  auto writer = Writer::create(folder(), manifest());
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < 10; ++i)
          EXPECT_TRUE(writer->object(pod(std::to_string(t) + "-" + std::to_string(i), "Running")));
      });
  }
  ASSERT_TRUE(writer->finish());
  const auto events = Reader::open(folder())->events();
  ASSERT_EQ(events->size(), 40U);
  for (std::size_t i = 0; i < events->size(); ++i) EXPECT_EQ((*events)[i].sequence, i + 1);
}

}  // namespace
}  // namespace coroner::evidence
