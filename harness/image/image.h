// SPDX-License-Identifier: Apache-2.0
// OCI image archives made of files: no engine, no registry.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "harness/archive/writer.h"
#include "harness/base/result.h"

namespace coroner::image {

/// A container image: what runs, with what around it, and its whole file system.
struct Image {
  std::string name;                      ///< With registry and tag: registry.k8s.io/pause:3.10.1.
  std::string architecture = "amd64";    ///< As Go names it (OCI image-spec 1.1, config.md).
  std::vector<std::string> environment;  ///< NAME=value each.
  std::vector<std::string> entrypoint;
  std::vector<std::string> command;
  std::string working_directory;
  std::string user;  ///< "", "65534" or "65534:65534".
  std::map<std::string, std::string> labels;
  std::vector<archive::Entry> files;  ///< Folders above a file are added with mode 0755.
};

/// An image as it lies in a file.
struct BuiltImage {
  std::string name;
  std::string digest;            ///< Of the manifest, "sha256:" and 64 hexadecimal digits.
  std::string config_digest;     ///< The image id that containerd's CRI plugin shows.
  std::uint64_t size_bytes = 0;  ///< Of the archive.
  std::filesystem::path path;
};

/// Refuses what is no full image name: registry/path:tag, lower case but for the tag.
/// ErrorKind::invalid.
base::Result<void> check_name(const std::string& name);

/// Writes `image` to `file` as an OCI image layout in a tar: one uncompressed layer, its name in
/// the annotations io.containerd.image.name and org.opencontainers.image.ref.name, so that
/// `ctr -n k8s.io images import` gives it exactly that name (containerd 1.7.28 and 2.1.4,
/// import.go). The same image gives the same bytes.
/// Takes as much disk again for a moment, beside `file`. ErrorKind::invalid for a bad name or
/// file, and as write_archive.
base::Result<BuiltImage> write_image(const Image& image, const std::filesystem::path& file);

/// SHA-256 over all that write_image would write, without writing it: a cache key. Reads each file.
base::Result<std::string> content_key(const Image& image);

/// What an archive of write_image holds, read from the archive itself. ErrorKind::invalid when it
/// is no such archive, not_found when there is none.
base::Result<BuiltImage> inspect_image(const std::filesystem::path& file);

}  // namespace coroner::image
