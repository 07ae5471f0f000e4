// SPDX-License-Identifier: Apache-2.0
#include "harness/lab/image_store.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/command.h"
#include "harness/base/files.h"

namespace coroner::lab {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class ImageStore : public testing::Test {
 protected:
  fs::path at(const std::string& name) const { return folder_.path() / name; }

  void write(const std::string& file, const std::string& text, mode_t mode = 0644)
  {
    ASSERT_TRUE(base::make_directories(at(file).parent_path()));
    ASSERT_TRUE(base::write_file(at(file), text));
    ASSERT_EQ(::chmod(at(file).c_str(), mode), 0);
  }

  static ino_t inode(const fs::path& path)
  {
    struct stat status = {};
    EXPECT_EQ(::lstat(path.c_str(), &status), 0) << path;
    return status.st_ino;
  }

 private:
  base::ScopedDirectory folder_ =
      base::ScopedDirectory::make(fs::temp_directory_path(), "image-store-").value();
};

TEST_F(ImageStore, is_linked_but_for_its_databases)
{
  write("store/content/blobs/sha256/ab", "a layer");
  write("store/snapshots/1/fs/tmp/program", "of an image", 04755);
  write("store/metadata/meta.db", "state");
  ASSERT_EQ(::chmod(at("store/snapshots/1/fs/tmp").c_str(), 01777), 0);
  fs::create_symlink("/nowhere", at("store/snapshots/1/fs/link"));
  ASSERT_TRUE(link_image_store(at("store"), at("cell/var/root")));
  const auto root = at("cell/var/root");
  EXPECT_EQ(inode(root / "content/blobs/sha256/ab"), inode(at("store/content/blobs/sha256/ab")));
  EXPECT_EQ(fs::status(root / "snapshots/1/fs/tmp").permissions(), fs::perms(01777));
  EXPECT_EQ(fs::status(root / "snapshots/1/fs/tmp/program").permissions(), fs::perms(04755));
  EXPECT_EQ(fs::read_symlink(root / "snapshots/1/fs/link"), "/nowhere");
  EXPECT_NE(inode(root / "metadata/meta.db"), inode(at("store/metadata/meta.db")));
  EXPECT_EQ(base::read_file(root / "metadata/meta.db").value(), "state");
}

TEST_F(ImageStore, on_another_disk_is_not_linked_and_leaves_nothing)
{
  if (::access("/dev/shm", W_OK) != 0 || fs::temp_directory_path() == "/dev/shm")
    GTEST_SKIP() << "this machine has no second disk to write to (/dev/shm)";
  struct stat here = {};
  struct stat there = {};
  ::stat(at(".").c_str(), &here);
  ::stat("/dev/shm", &there);
  if (here.st_dev == there.st_dev) GTEST_SKIP() << "/dev/shm is on the disk of /tmp";
  write("store/content/blob", "a layer");
  const auto other = base::ScopedDirectory::make("/dev/shm", "image-store-").value();
  EXPECT_FALSE(link_image_store(at("store"), other.path() / "root"));
  EXPECT_FALSE(fs::exists(other.path() / "root"));
}

TEST_F(ImageStore, that_containerd_cannot_make_says_why_and_leaves_nothing)
{
  if (::geteuid() != 0) GTEST_SKIP() << "mount namespaces need root";
  write("containerd-1/containerd",
        "#!/bin/sh\necho 'failed to mount: no such device' >&2\nexit 1\n", 0755);
  const Places places{"matrix", at("cache"), {}, {}};
  const auto made = provide_image_store(places, at("containerd-1"), {at("one.tar")},
                                        [](const std::string&) {}, {});
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().text(), HasSubstr("failed to mount: no such device"));
  EXPECT_TRUE(fs::is_empty(places.image_stores()));
}

}  // namespace
}  // namespace coroner::lab
