// SPDX-License-Identifier: Apache-2.0
// The calls of Cluster over a session.
#include "harness/kube/client.h"

#include <mutex>

#include "harness/base/text.h"
#include "harness/kube/json_text.h"
#include "harness/kube/requests.h"
#include "harness/kube/session.h"
#include "harness/kube/watch.h"
#include "harness/objects/object.h"

namespace coroner::kube {
namespace {

using base::Deadline;
using base::ErrorKind;
using base::Result;
using nlohmann::json;
using std::stop_token;

constexpr int not_found = 404;
constexpr int conflict = 409;
constexpr int first_success = 200;
constexpr int first_redirect = 300;

bool is_success(const HttpAnswer& answer)
{
  return answer.status >= first_success && answer.status < first_redirect;
}

class Client : public Cluster {
 public:
  explicit Client(std::unique_ptr<Session> session) : session_(std::move(session)) {}

  Result<json> get(const Target& target, const Deadline& deadline, const stop_token& stop) override
  {
    return session_->send_for_json(get_errand(target), deadline, stop);
  }

  Result<Listing> list(const Query& query, const Deadline& deadline,
                       const stop_token& stop) override
  {
    return list_all(*session_, query, deadline, stop);
  }

  Result<json> create(const json& object, const CreateOptions& options, const Deadline& deadline,
                      const stop_token& stop) override;

  Result<json> replace(const json& object, const Deadline& deadline,
                       const stop_token& stop) override
  {
    TRY_ASSIGN(target, target_of(*this, object, "", deadline, stop));
    return session_->send_for_json(replace_errand(target, object, manager()), deadline, stop);
  }

  Result<json> patch(const Target& target, const Patch& patch, const Deadline& deadline,
                     const stop_token& stop) override
  {
    return session_->send_for_json(patch_errand(target, patch, manager()), deadline, stop);
  }

  Result<bool> remove(const Target& target, const Removal& removal, const Deadline& deadline,
                      const stop_token& stop) override
  {
    const auto errand = remove_errand(target, removal);
    TRY_ASSIGN(answer, session_->send(errand, deadline, stop));
    if (answer.status == not_found && reason_of(answer) == "NotFound") return false;
    if (!is_success(answer)) return tl::unexpected(session_->error(answer, errand.purpose));
    return true;
  }

  Result<LogText> logs(const LogQuery& query, const Deadline& deadline,
                       const stop_token& stop) override
  {
    const auto errand = log_errand(query);
    TRY_ASSIGN(answer, session_->send(errand, deadline, stop));
    if (!is_success(answer)) return tl::unexpected(session_->error(answer, errand.purpose));
    const bool was_cut = answer.was_cut || answer.body.size() >= query.limit_bytes;
    return LogText{with_lines_capped(answer.body, query.line_bytes), was_cut};
  }

  std::unique_ptr<Watch> watch(const Query& query) override { return watch_over(*session_, query); }

  Result<Allowance> access_review(const Action& action, const Deadline& deadline,
                                  const stop_token& stop) override;

  Result<RawAnswer> raw(const std::string& path, const Deadline& deadline,
                        const stop_token& stop) override
  {
    const Errand errand{.request = {.path = path, .accept = "*/*"},
                        .safety = Safety::read,
                        .purpose = {{}, "get " + base::printable(path)},
                        .look_back = {}};
    TRY_ASSIGN(answer, session_->send(errand, deadline, stop));
    return RawAnswer{answer.status, std::move(answer.body)};
  }

  Result<Identity> identity(const Deadline& deadline, const stop_token& stop) override;

  Result<objects::Resource> resource_for(const std::string& api_version, const std::string& kind,
                                         const Deadline& deadline, const stop_token& stop) override;

  Statistics statistics() const override { return session_->statistics(); }

 private:
  const std::string& manager() const { return session_->options().field_manager; }

  /// The stored object when it is of our run, so that a create that arrived twice is one.
  Result<std::optional<HttpAnswer>> find_ours(const Target& target, const std::string& run,
                                              const Deadline& deadline, const stop_token& stop);

  const std::unique_ptr<Session> session_;
  std::mutex mutex_;
  std::vector<objects::Resource> discovered_;
};

Result<std::optional<HttpAnswer>> Client::find_ours(const Target& target, const std::string& run,
                                                    const Deadline& deadline,
                                                    const stop_token& stop)
{
  if (run.empty()) return std::nullopt;  // nothing tells ours from another's
  TRY_ASSIGN(answer, session_->send(get_errand(target), deadline, stop));
  if (!is_success(answer)) return std::nullopt;  // absent, or not ours to read: try again
  const auto stored = parse_json(answer.body);
  if (!stored || objects::label_of(*stored, session_->options().run_label) != run)
    return std::nullopt;
  session_->count_read_back();
  return answer;
}

Result<json> Client::create(const json& object, const CreateOptions& options,
                            const Deadline& deadline, const stop_token& stop)
{
  TRY_ASSIGN(target, target_of(*this, object, "", deadline, stop));
  const bool is_review = target.resource.kind.ends_with("Review");
  if (target.name.empty() && !is_review)
    return base::error(ErrorKind::invalid, "a {} to create needs a metadata.name",
                       base::printable(target.resource.kind));
  const auto run = objects::label_of(object, session_->options().run_label);
  auto errand = create_errand(target, object, options.is_dry_run, is_review ? "" : manager());
  if (errand.safety == Safety::create)
    errand.look_back = [&, this] { return find_ours(target, run, deadline, stop); };
  TRY_ASSIGN(answer, session_->send(errand, deadline, stop));
  const bool is_taken = answer.status == conflict && reason_of(answer) == "AlreadyExists";
  if (is_taken && errand.look_back) {
    TRY_ASSIGN(ours, errand.look_back());
    if (ours) return json_of(*ours, errand.purpose, session_->server());
  }
  if (!is_success(answer)) return tl::unexpected(session_->error(answer, errand.purpose));
  return json_of(answer, errand.purpose, session_->server());
}

Result<Allowance> Client::access_review(const Action& action, const Deadline& deadline,
                                        const stop_token& stop)
{
  json attributes = {{"verb", action.verb}, {"group", action.group}, {"resource", action.plural}};
  if (!action.subresource.empty()) attributes["subresource"] = action.subresource;
  if (!action.space.empty()) attributes["namespace"] = action.space;
  if (!action.name.empty()) attributes["name"] = action.name;
  const json review = {{"apiVersion", "authorization.k8s.io/v1"},
                       {"kind", "SelfSubjectAccessReview"},
                       {"spec", {{"resourceAttributes", attributes}}}};
  TRY_ASSIGN(answer, create(review, {}, deadline, stop));
  return Allowance{objects::flag_at(answer, "/status/allowed", false),
                   objects::text_at(answer, "/status/reason")};
}

Result<Identity> Client::identity(const Deadline& deadline, const stop_token& stop)
{
  Identity identity;
  identity.server = session_->server();
  const Errand version{.request = {.path = "/version"},
                       .safety = Safety::read,
                       .purpose = {{}, "get /version"},
                       .look_back = {}};
  TRY_ASSIGN(versions, session_->send_for_json(version, deadline, stop));
  identity.version = objects::text_at(versions, "/gitVersion");
  const Target system{{"v1", "Namespace", "namespaces", false}, "", "kube-system"};
  const auto space = get(system, deadline, stop);
  if (space)
    identity.uid = objects::uid_of(*space);
  else if (space.error().kind != ErrorKind::denied && space.error().kind != ErrorKind::not_found)
    return tl::unexpected(space.error());
  return identity;
}

Result<objects::Resource> Client::resource_for(const std::string& api_version,
                                               const std::string& kind, const Deadline& deadline,
                                               const stop_token& stop)
{
  {
    const std::scoped_lock lock(mutex_);
    auto known = objects::resource_for(api_version, kind, discovered_);
    if (known) return known;
  }
  const objects::Resource any{api_version, kind, "", true};
  if (base::split(api_version, '/').size() > 2 || api_version.empty())
    return base::error(ErrorKind::invalid, "'{}' is no apiVersion", base::printable(api_version));
  const Errand errand{.request = {.path = objects::root_path(any)},
                      .safety = Safety::read,
                      .purpose = {{}, "discover the kinds of " + base::printable(api_version)},
                      .look_back = {}};
  auto list = session_->send_for_json(errand, deadline, stop);
  if (!list) return tl::unexpected(std::move(list).error());
  const auto found = objects::resources_from_discovery(*list);
  const std::scoped_lock lock(mutex_);
  discovered_.insert(discovered_.end(), found.begin(), found.end());
  return objects::resource_for(api_version, kind, discovered_);
}

}  // namespace

Result<std::unique_ptr<Cluster>> connect(ClusterAccess& access, const Options& options)
{
  auto session = Session::open(access, options);
  if (!session)
    return base::pass_on(std::move(session).error(),
                         "while preparing the connection to " + base::printable(access.server));
  return std::unique_ptr<Cluster>(std::make_unique<Client>(std::move(*session)));
}

Result<Target> target_of(Cluster& cluster, const json& object, const std::string& space,
                         const Deadline& deadline, const stop_token& stop)
{
  TRY_ASSIGN(resource, cluster.resource_for(objects::api_version_of(object),
                                            objects::kind_of(object), deadline, stop));
  Target target{resource, {}, objects::name_of(object)};
  if (!resource.is_namespaced) return target;
  target.space = objects::namespace_of(object);
  if (target.space.empty()) target.space = space;
  if (target.space.empty())
    return base::error(ErrorKind::invalid, "{} has no namespace", objects::title_of(object));
  return target;
}

Result<json> apply(Cluster& cluster, const json& object, const std::string& space,
                   const Deadline& deadline, const stop_token& stop)
{
  TRY_ASSIGN(target, target_of(cluster, object, space, deadline, stop));
  if (target.name.empty())
    return base::error(ErrorKind::invalid, "an object to apply needs a metadata.name");
  auto body = object;
  if (target.resource.is_namespaced) body["metadata"]["namespace"] = target.space;
  // The server refuses an apply that carries them (structured-merge-diff's bookkeeping).
  body["metadata"].erase("managedFields");
  return cluster.patch(target, {.type = PatchType::apply, .body = body, .is_forced = true},
                       deadline, stop);
}

}  // namespace coroner::kube
