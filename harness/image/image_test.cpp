// SPDX-License-Identifier: Apache-2.0
// Image archives read back as an engine reads them: index, manifest, configuration, layer.
#include "harness/image/image.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness/archive/reader.h"
#include "harness/base/files.h"
#include "harness/crypto/digest.h"

namespace coroner::image {
namespace {

using archive::Bytes;
using archive::Directory;
using archive::DiskFile;
using archive::Link;
using base::ErrorKind;
using nlohmann::json;
using testing::HasSubstr;
namespace fs = std::filesystem;

class ImageArchive : public testing::Test {
 protected:
  fs::path file(const std::string& name) const { return folder_.path() / name; }

  Image sample() const
  {
    Image image;
    image.name = "registry.example.org/tools/sample:v1.2";
    image.environment = {"PATH=/bin", "B=2"};
    image.entrypoint = {"/usr/bin/tool"};
    image.command = {"--help"};
    image.user = "65534:65534";
    image.working_directory = "/work";
    image.labels = {{"vendor", "us"}};
    image.files = {{"usr/bin/tool", 0755, Bytes{"program"}},
                   {"bin", 0777, Link{"usr/bin"}},
                   {"tmp", 01777, Directory{}}};
    return image;
  }

  /// Every file of the archive by path.
  std::map<std::string, std::string> unpack(const fs::path& path) const
  {
    std::map<std::string, std::string> found;
    auto reader = archive::Reader::open(path);
    while (reader) {
      const auto item = reader->next();
      EXPECT_TRUE(item) << item.error().text();
      if (!item || !*item) break;
      if (!(*item)->is_directory) found[(*item)->path] = reader->content().value_or("unread");
    }
    return found;
  }

 private:
  base::ScopedDirectory folder_ = base::ScopedDirectory::make(testing::TempDir(), "image-").value();
};

std::string blob(const std::map<std::string, std::string>& files, const json& descriptor)
{
  const auto digest = descriptor.at("digest").get<std::string>();
  const auto& content = files.at("blobs/sha256/" + digest.substr(7));
  EXPECT_EQ("sha256:" + crypto::sha256_hex(content), digest);
  EXPECT_EQ(descriptor.at("size").get<std::size_t>(), content.size());
  return content;
}

TEST_F(ImageArchive, an_engine_finds_its_way_from_the_index_to_every_file)
{
  const auto built = write_image(sample(), file("sample.tar"));
  ASSERT_TRUE(built) << built.error().text();
  const auto files = unpack(file("sample.tar"));
  EXPECT_EQ(json::parse(files.at("oci-layout")).at("imageLayoutVersion"), "1.0.0");
  const auto index = json::parse(files.at("index.json"));
  ASSERT_EQ(index.at("manifests").size(), 1U);
  const auto& entry = index["manifests"][0];
  EXPECT_EQ(entry.at("annotations").at("io.containerd.image.name"), sample().name);
  EXPECT_EQ(entry.at("annotations").at("org.opencontainers.image.ref.name"), "v1.2");
  EXPECT_EQ(entry.at("digest"), built->digest);

  const auto manifest = json::parse(blob(files, entry));
  EXPECT_EQ(manifest.at("config").at("digest"), built->config_digest);
  const auto config = json::parse(blob(files, manifest["config"]));
  EXPECT_EQ(config.at("architecture"), "amd64");
  EXPECT_EQ(config.at("config"),
            json::parse(R"({"Env":["PATH=/bin","B=2"],"Entrypoint":["/usr/bin/tool"],
                            "Cmd":["--help"],"User":"65534:65534","WorkingDir":"/work",
                            "Labels":{"vendor":"us"}})"));
  ASSERT_EQ(manifest.at("layers").size(), 1U);
  EXPECT_EQ(manifest["layers"][0].at("mediaType"), "application/vnd.oci.image.layer.v1.tar");
  const auto layer = blob(files, manifest["layers"][0]);
  EXPECT_EQ(config.at("rootfs").at("diff_ids"),
            json::array({"sha256:" + crypto::sha256_hex(layer)}));
  // In the order of a tar: a folder stands before what is in it, even where none was named.
  EXPECT_LT(layer.find("usr/bin/"), layer.find("usr/bin/tool"));
  EXPECT_THAT(layer, HasSubstr("program"));
}

TEST_F(ImageArchive, the_same_input_gives_the_same_digest_and_bytes)
{
  auto turned = sample();
  std::reverse(turned.files.begin(), turned.files.end());
  const auto one = write_image(sample(), file("one.tar"));
  const auto two = write_image(turned, file("two.tar"));
  ASSERT_TRUE(one && two);
  EXPECT_EQ(one->digest, two->digest);
  EXPECT_EQ(base::read_file(file("one.tar")).value(), base::read_file(file("two.tar")).value());
  EXPECT_EQ(content_key(sample()).value(), content_key(turned).value());
}

TEST_F(ImageArchive, whatever_differs_changes_digest_and_key)
{
  ASSERT_TRUE(base::write_file(file("content"), "first"));
  const auto with = [&](const std::function<void(Image&)>& change) {
    auto image = sample();
    image.files.push_back({"data", 0644, DiskFile{file("content")}});
    change(image);
    return std::pair(write_image(image, file("changed.tar")).value().digest,
                     content_key(image).value());
  };
  std::vector<std::pair<std::string, std::string>> all;
  all.push_back(with([](Image&) {}));
  all.push_back(with([](Image& image) { image.environment.push_back("C=3"); }));
  all.push_back(with([](Image& image) { image.user = ""; }));
  all.push_back(with([](Image& image) { image.files[0].mode = 0700; }));
  all.push_back(with([](Image& image) { image.files[0].content = Bytes{"other"}; }));
  all.push_back(with([](Image& image) { image.files[1].content = Link{"usr/sbin"}; }));
  all.push_back(with([](Image& image) { image.files[0].path = "usr/bin/tool2"; }));
  ASSERT_TRUE(base::write_file(file("content"), "other"));
  all.push_back(with([](Image&) {}));
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      EXPECT_NE(all[i].first, all[j].first) << i << " and " << j;
      EXPECT_NE(all[i].second, all[j].second) << i << " and " << j;
    }
}

TEST_F(ImageArchive, what_was_written_is_told_from_the_archive_alone)
{
  const auto built = write_image(sample(), file("sample.tar")).value();
  const auto seen = inspect_image(file("sample.tar"));
  ASSERT_TRUE(seen) << seen.error().text();
  EXPECT_EQ(seen->name, built.name);
  EXPECT_EQ(seen->digest, built.digest);
  EXPECT_EQ(seen->config_digest, built.config_digest);
  EXPECT_EQ(seen->size_bytes, fs::file_size(file("sample.tar")));
}

TEST_F(ImageArchive, an_archive_that_is_no_image_is_refused)
{
  EXPECT_EQ(inspect_image(file("missing.tar")).error().kind, ErrorKind::not_found);
  ASSERT_TRUE(archive::write_archive({{"a", 0644, Bytes{"x"}}}, file("plain.tar")));
  EXPECT_THAT(inspect_image(file("plain.tar")).error().what, HasSubstr("no OCI image"));
  const auto index = [&](const std::string& text) {
    EXPECT_TRUE(archive::write_archive({{"index.json", 0644, Bytes{text}}}, file("odd.tar")));
    const auto seen = inspect_image(file("odd.tar"));
    return seen ? "accepted" : seen.error().what;
  };
  EXPECT_THAT(index("{"), HasSubstr("names no manifest"));
  EXPECT_THAT(index(R"({"manifests":[7]})"), HasSubstr("names no manifest"));
  EXPECT_THAT(index(R"({"manifests":[{"digest":"sha256:00"}]})"), HasSubstr("names no image"));
  EXPECT_THAT(index(R"({"manifests":[{"digest":"sha256:00",
                       "annotations":{"io.containerd.image.name":"n"}}]})"),
              HasSubstr("does not hold the manifest"));
}

TEST_F(ImageArchive, nothing_is_left_of_an_image_that_cannot_be_written)
{
  auto image = sample();
  image.files.push_back({"data", 0644, DiskFile{file("missing")}});
  EXPECT_EQ(write_image(image, file("broken.tar")).error().kind, ErrorKind::not_found);
  EXPECT_TRUE(fs::is_empty(file("")));
  image = sample();
  image.environment.push_back("BAD=\xff");
  EXPECT_EQ(write_image(image, file("broken.tar")).error().kind, ErrorKind::invalid);
  EXPECT_TRUE(fs::is_empty(file("")));
}

TEST(ImageName, only_full_names_pass)
{
  for (const auto* name : {"registry.k8s.io/pause:3.10.1", "localhost:5000/a/b:T_1-x",
                           "nvcr.io/nvidia/k8s-device-plugin:v0.17.4"})
    EXPECT_TRUE(check_name(name)) << name;
  for (const auto* name : {"", "pause", "pause:1", "library/pause:1", "registry.k8s.io/pause",
                           "registry.k8s.io/pause:", "registry.k8s.io/Pause:1",
                           "registry.k8s.io:5000/pause", "a.b/c:d e", "a.b/c d:e", "a.b/c:d/e"})
    EXPECT_FALSE(check_name(name)) << name;
}

}  // namespace
}  // namespace coroner::image
