// SPDX-License-Identifier: Apache-2.0
// dlopen, dlinfo, dlsym.
#include "payload/library.h"

#include <dlfcn.h>
#include <link.h>

#include "payload/files.h"

namespace coroner::payload {

Library::Library(const std::string& name)
    : name_(name), handle_(dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL))
{
  if (handle_ != nullptr) return;
  const char* text = dlerror();
  problem_ = text == nullptr ? "dlopen failed and gave no reason" : text;
}

Library::~Library()
{
  if (handle_ != nullptr && !is_kept_) dlclose(handle_);
}

std::string Library::path() const
{
  link_map* map = nullptr;
  if (handle_ == nullptr || dlinfo(handle_, RTLD_DI_LINKMAP, &map) != 0 || map == nullptr)
    return {};
  return map->l_name == nullptr ? std::string() : map->l_name;
}

void* Library::find_symbol(const char* symbol) const
{
  return handle_ == nullptr ? nullptr : dlsym(handle_, symbol);
}

std::string_view version_suffix(std::string_view path)
{
  constexpr std::string_view mark = ".so.";
  const std::string_view name = base_name(path);
  const std::size_t at = name.find(mark);
  return at == std::string_view::npos ? std::string_view() : name.substr(at + mark.size());
}

}  // namespace coroner::payload
