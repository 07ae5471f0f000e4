// SPDX-License-Identifier: Apache-2.0
// ELF program headers, and the loader's own word on where libraries are.
#include "harness/image/libraries.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

#include <elf.h>
#include <fcntl.h>
#include <unistd.h>

#include "harness/base/command.h"
#include "harness/base/files.h"
#include "harness/base/text.h"

namespace coroner::image {
namespace {

using base::error;
using base::ErrorKind;
using base::Result;
namespace fs = std::filesystem;

/// An open file that closes itself.
class OpenFile {
 public:
  explicit OpenFile(const fs::path& path)
      : path_(path), number_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)), code_(errno)
  {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile()
  {
    if (number_ >= 0) ::close(number_);
  }

  Result<std::string> read_at(std::uint64_t offset, std::size_t bytes) const
  {
    if (number_ < 0) return tl::unexpected(base::file_error("open", path_, code_));
    // An offset that no file has would be an error of the call; it is only past the end.
    if (offset > static_cast<std::uint64_t>(std::numeric_limits<off_t>::max() - 1))
      return std::string();
    std::string content(bytes, '\0');
    const auto got = ::pread(number_, content.data(), bytes, static_cast<off_t>(offset));
    if (got < 0) return tl::unexpected(base::file_error("read", path_, errno));
    content.resize(static_cast<std::size_t>(got));
    return content;
  }

 private:
  fs::path path_;
  int number_;
  int code_;
};

Result<Linkage> linkage_of_file(const fs::path& path)
{
  const OpenFile file(path);
  return linkage_of(
      [&file](std::uint64_t offset, std::size_t bytes) { return file.read_at(offset, bytes); });
}

/// The loader for a library, which names none: the one that this program runs with.
Result<std::string> own_interpreter()
{
  TRY_ASSIGN(linkage, linkage_of_file("/proc/self/exe"));
  if (linkage.interpreter.empty())
    return error(ErrorKind::invalid, "this program is static and knows no loader");
  return linkage.interpreter;
}

}  // namespace

Result<Linkage> linkage_of(const ReadAt& read_at)
{
  Linkage linkage;
  Elf64_Ehdr header = {};
  TRY_ASSIGN(head, read_at(0, sizeof(header)));
  if (!head.starts_with(ELFMAG)) return linkage;
  std::memcpy(&header, head.data(), std::min(head.size(), sizeof(header)));
  if (head.size() < sizeof(header) || header.e_ident[EI_CLASS] != ELFCLASS64 ||
      header.e_ident[EI_DATA] != ELFDATA2LSB || header.e_phentsize != sizeof(Elf64_Phdr))
    return error(ErrorKind::invalid, "it is no 64-bit little-endian ELF file");
  const std::size_t table_bytes = header.e_phnum * sizeof(Elf64_Phdr);
  TRY_ASSIGN(table, read_at(header.e_phoff, table_bytes));
  if (table.size() < table_bytes)
    return error(ErrorKind::invalid, "its program headers are not where it says");
  for (std::size_t at = 0; at < table_bytes; at += sizeof(Elf64_Phdr)) {
    Elf64_Phdr segment = {};
    std::memcpy(&segment, table.data() + at, sizeof(segment));
    if (segment.p_type == PT_DYNAMIC) linkage.is_dynamic = true;
    if (segment.p_type != PT_INTERP) continue;
    if (segment.p_filesz > longest_interpreter_bytes)
      return error(ErrorKind::invalid, "the name of its loader is too long");
    TRY_ASSIGN(text, read_at(segment.p_offset, static_cast<std::size_t>(segment.p_filesz)));
    if (text.size() < segment.p_filesz)
      return error(ErrorKind::invalid, "the name of its loader is not where it says");
    linkage.interpreter = text.substr(0, text.find('\0'));
  }
  return linkage;
}

Result<std::vector<Library>> parse_library_list(std::string_view list)
{
  std::vector<Library> libraries;
  for (const auto& raw : base::split(list, '\n')) {
    // "\tNAME => /PATH (0xADDRESS)", for the loader "\t/PATH (0xADDRESS)"
    std::string_view line = base::trim(raw);
    if (line.empty() || line == "statically linked") continue;
    const auto arrow = line.find(" => ");
    const auto name = arrow == line.npos ? std::string_view() : line.substr(0, arrow);
    auto path = arrow == line.npos ? line : line.substr(arrow + 4);
    if (path == "not found")
      return error(ErrorKind::not_found, "the shared library {} is not installed",
                   base::printable(name));
    path = path.substr(0, path.rfind(" (0x"));
    if (!path.starts_with('/')) continue;
    libraries.push_back({fs::path(name.empty() ? path : name).filename(), fs::path(path)});
  }
  return libraries;
}

Result<std::vector<Library>> libraries_of(const fs::path& file, const base::Deadline& deadline)
{
  auto linkage = linkage_of_file(file);
  if (!linkage) return pass_on(linkage.error(), "in " + file.string());
  // The loader itself crashes when it is asked for a static program.
  if (!linkage->is_dynamic) return std::vector<Library>{};
  if (linkage->interpreter.empty()) {
    TRY_ASSIGN(own, own_interpreter());
    linkage->interpreter = own;
  }
  // Through a link as /proc/self/exe the loader would find itself.
  std::error_code code;
  const auto real = fs::canonical(file, code);
  if (code) return tl::unexpected(base::file_error("find", file, code.value()));
  const base::Command command{.arguments = {linkage->interpreter, "--list", real.string()},
                              .environment = {{"LD_LIBRARY_PATH", ""}, {"LD_PRELOAD", ""}},
                              .directory = "/",
                              .log = {}};
  auto list = base::output_of(command, deadline);
  if (!list) return pass_on(list.error(), "while looking for the libraries of " + file.string());
  auto libraries = parse_library_list(*list);
  if (!libraries) return pass_on(libraries.error(), "needed by " + file.string());
  return libraries;
}

}  // namespace coroner::image
