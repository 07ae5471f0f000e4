// SPDX-License-Identifier: Apache-2.0
// Objects by kind and key, and the journal of their deletions.
#include "harness/twin/store.h"

#include <algorithm>
#include <charconv>

#include "harness/objects/object.h"

namespace coroner::twin {
namespace {

using nlohmann::json;

std::string key_of(const std::string& space, const std::string& name)
{
  return space + "/" + name;
}

}  // namespace

std::optional<std::uint64_t> version_number(std::string_view text)
{
  constexpr std::uint64_t largest = std::uint64_t{1} << 62U;
  std::uint64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || read.ec != std::errc{} || read.ptr != text.data() + text.size() ||
      number > largest)
    return std::nullopt;
  return number;
}

bool Selection::fits(const json& object) const
{
  return (space.empty() || objects::namespace_of(object) == space) && selector.fits(object);
}

Store::Store(std::vector<RecordedObject> objects, std::size_t namespaces) : namespaces_(namespaces)
{
  for (auto& recorded : objects) {
    const auto number = version_number(objects::resource_version_of(recorded.object));
    first_version_ = std::max(first_version_, number.value_or(0));
    auto key = key_of(objects::namespace_of(recorded.object), objects::name_of(recorded.object));
    objects_[recorded.kind].insert_or_assign(std::move(key), std::move(recorded.object));
  }
}

std::uint64_t Store::version() const
{
  const std::scoped_lock lock(mutex_);
  return first_version_ + deletions_.size();
}

std::optional<json> Store::get(std::size_t kind, const std::string& space,
                               const std::string& name) const
{
  const std::scoped_lock lock(mutex_);
  const auto of_kind = objects_.find(kind);
  if (of_kind == objects_.end()) return std::nullopt;
  const auto found = of_kind->second.find(key_of(space, name));
  if (found == of_kind->second.end()) return std::nullopt;
  return found->second;
}

bool Store::was_deleted(std::size_t kind, const std::string& space, const std::string& name) const
{
  const std::scoped_lock lock(mutex_);
  return deleted_keys_.contains({kind, key_of(space, name)});
}

Page Store::list(const Selection& selection, std::size_t limit, const std::string& after) const
{
  const std::scoped_lock lock(mutex_);
  Page page;
  page.version = first_version_ + deletions_.size();
  const auto of_kind = objects_.find(selection.kind);
  if (of_kind == objects_.end()) return page;
  std::string last;
  for (auto place = of_kind->second.upper_bound(after); place != of_kind->second.end(); ++place) {
    if (!selection.fits(place->second)) continue;
    if (limit != 0 && page.items.size() == limit) {
      page.next = last;
      break;
    }
    page.items.push_back(place->second);
    last = place->first;
  }
  return page;
}

std::vector<json> Store::newer_than(const Selection& selection, std::uint64_t version) const
{
  const std::scoped_lock lock(mutex_);
  std::vector<json> newer;
  const auto of_kind = objects_.find(selection.kind);
  if (of_kind == objects_.end()) return newer;
  for (const auto& [key, object] : of_kind->second) {
    const auto number = version_number(objects::resource_version_of(object));
    if (number && *number > version && selection.fits(object)) newer.push_back(object);
  }
  return newer;
}

void Store::erase(std::size_t kind, Objects::iterator place)
{
  Deletion deletion{kind, place->first, std::move(place->second)};
  deletion.object["metadata"]["resourceVersion"] =
      std::to_string(first_version_ + deletions_.size() + 1);
  objects_[kind].erase(place);
  deleted_keys_.emplace(kind, deletion.key);
  const auto name = objects::name_of(deletion.object);
  deletions_.push_back(std::move(deletion));
  if (kind != namespaces_) return;
  for (auto& [other, of_kind] : objects_) {
    if (other == namespaces_) continue;
    auto inner = of_kind.lower_bound(name + "/");
    while (inner != of_kind.end() && inner->first.starts_with(name + "/")) {
      const auto next = std::next(inner);
      erase(other, inner);
      inner = next;
    }
  }
}

Removed Store::remove(std::size_t kind, const std::string& space, const std::string& name,
                      const std::string& uid)
{
  const std::scoped_lock lock(mutex_);
  const auto of_kind = objects_.find(kind);
  if (of_kind == objects_.end()) return Removed::missing;
  const auto found = of_kind->second.find(key_of(space, name));
  if (found == of_kind->second.end()) return Removed::missing;
  if (!uid.empty() && objects::uid_of(found->second) != uid) return Removed::other_uid;
  erase(kind, found);
  changed_.notify_all();
  return Removed::yes;
}

void Store::remove_all(const Selection& selection)
{
  const std::scoped_lock lock(mutex_);
  const auto of_kind = objects_.find(selection.kind);
  if (of_kind == objects_.end()) return;
  auto place = of_kind->second.begin();
  while (place != of_kind->second.end()) {
    const auto next = std::next(place);
    if (selection.fits(place->second)) erase(selection.kind, place);
    place = next;
  }
  changed_.notify_all();
}

std::vector<json> Store::deleted_since(const Selection& selection, std::uint64_t version) const
{
  std::vector<json> deleted;
  const auto begin = version > first_version_ ? version - first_version_ : 0;
  for (std::size_t i = begin; i < deletions_.size(); ++i)
    if (deletions_[i].kind == selection.kind && selection.fits(deletions_[i].object))
      deleted.push_back(deletions_[i].object);
  return deleted;
}

News Store::news(const Selection& selection, std::uint64_t version,
                 const base::Deadline& deadline) const
{
  std::unique_lock lock(mutex_);
  News news;
  changed_.wait_until(lock, deadline.end(), [&] {
    news.deleted = deleted_since(selection, version);
    return is_closed_ || !news.deleted.empty();
  });
  news.version = std::max(version, first_version_ + deletions_.size());
  news.is_closed = is_closed_;
  return news;
}

void Store::close()
{
  const std::scoped_lock lock(mutex_);
  is_closed_ = true;
  changed_.notify_all();
}

}  // namespace coroner::twin
