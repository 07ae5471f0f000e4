// SPDX-License-Identifier: Apache-2.0
// The story of up and down: each step undoes itself when a later one fails.
#include "harness/lab/boot.h"

#include <algorithm>

#include <unistd.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/lab/cgroup.h"
#include "harness/lab/launch.h"
#include "harness/lab/prepare.h"
#include "harness/lab/settle.h"

namespace coroner::lab {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using base::Deadline;
using base::error;
using base::ErrorKind;
using base::Result;

constexpr auto end_patience = 30s;

/// Removes whatever is there of a cell; the caller holds its lock.
Result<void> remove_cell(const Places& places, const std::string& name)
{
  const auto directory = places.cell(name);
  const auto deadline = Deadline::in(end_patience);
  const auto state = read_state(directory);
  if (state) TRY(end_cell(state->init, deadline));
  TRY_ASSIGN(layout, read_cgroup_layout());
  TRY(remove_cgroups(existing_cgroups(layout, places.cgroup(name)), deadline));
  if (state) TRY(remove_cgroups(state->cgroups, deadline));
  return base::remove_tree(directory);
}

/// Removes the cell of a boot that failed.
class UndoBoot {
 public:
  UndoBoot(const Places& places, std::string name) : places_(places), name_(std::move(name)) {}
  UndoBoot(const UndoBoot&) = delete;
  UndoBoot& operator=(const UndoBoot&) = delete;
  ~UndoBoot()
  {
    if (!is_kept_) (void)remove_cell(places_, name_);
  }
  void keep() { is_kept_ = true; }

 private:
  const Places& places_;
  std::string name_;
  bool is_kept_ = false;
};

Result<void> check_request(const UpRequest& request)
{
  constexpr int most_gpus = 16;
  constexpr std::size_t longest_name = 40;
  if (::geteuid() != 0)
    return base::error_with_hint(
        ErrorKind::denied, "the lab needs root: it makes namespaces, mounts and cgroups of its own",
        "run the same command with sudo");
  if (!base::is_label(request.name) || request.name.size() > longest_name)
    return error(ErrorKind::invalid, "'{}' is no name for a cell: use up to {} of a-z, 0-9 and '-'",
                 base::printable(request.name), longest_name);
  if (request.gpu_count && (*request.gpu_count < 1 || *request.gpu_count > most_gpus))
    return error(ErrorKind::invalid, "--gpus takes 1 to {}, not {} (use --gpu none for no GPU)",
                 most_gpus, *request.gpu_count);
  return {};
}

/// A cell of that name that runs: given back when it is what was asked for, whole and healthy.
Result<std::optional<UpCell>> existing(const Places& places, const UpRequest& request,
                                       const Progress& progress)
{
  const auto state = read_state(places.cell(request.name));
  if (!state || !state->init.is_alive() || !state->is_complete) return std::optional<UpCell>{};
  if (state->cell != request.cell)
    return base::error_with_hint(
        ErrorKind::invalid,
        fmt::format("a cell '{}' is up already, made from {}.yaml", request.name, state->cell),
        "choose another --name, or `coroner lab down " + request.name + "` first");
  const bool is_same_gpu = state->gpu == cell::word(request.gpu) &&
                           (!request.gpu_count || *request.gpu_count == state->gpu_count);
  if (!is_same_gpu)
    return base::error_with_hint(
        ErrorKind::invalid,
        fmt::format("cell '{}' is up already, with --gpu {} --gpus {}", request.name, state->gpu,
                    state->gpu_count),
        "`coroner lab down " + request.name + "` first, or choose another --name");
  const auto health = check_health(places, *state, Deadline::in(20s));
  if (health || !state->broken.empty())
    return UpCell{*state, kubeconfig_of(places, request.name), true, {}, {}};
  progress(fmt::format("cell {} runs but is not whole ({}); booting it anew", request.name,
                       health.error().what));
  return std::optional<UpCell>{};
}

Result<State> start_node(const Places& places, const UpRequest& request, const Listener& listener,
                         const std::vector<std::string>& cgroups, int gpu_count)
{
  const auto directory = places.cell(request.name);
  TRY_ASSIGN(init, launch_init(directory, cgroups, listener));
  State state;
  state.name = request.name;
  state.cell = request.cell;
  state.gpu = cell::word(request.gpu);
  state.gpu_count = gpu_count;
  state.port = listener.port();
  state.init = init;
  state.cgroups = cgroups;
  auto written = write_state(directory, state);
  if (!written) {
    (void)end_cell(init,
                   Deadline::in(end_patience));  // without its state nobody could find it again
    return tl::unexpected(written.error());
  }
  return state;
}

}  // namespace

fs::path kubeconfig_of(const Places& places, const std::string& name)
{
  return places.cell(name) / "node" / "admin.conf";
}

Result<UpCell> up(const Places& places, const UpRequest& asked, const Progress& progress,
                  const std::stop_token& stop)
{
  auto request = asked;
  if (request.name.empty()) request.name = request.cell;
  TRY_ASSIGN(cell, cell::load_cell(places.matrix, request.cell));
  if (cell.provider != "lab")
    return error(ErrorKind::invalid, "cell '{}' is made by the provider '{}', not by the lab",
                 cell.name, cell.provider);
  TRY(check_request(request));
  TRY_ASSIGN(lock, CellLock::take(places, request.name));
  TRY_ASSIGN(there, existing(places, request, progress));
  if (there) return *there;
  TRY(remove_cell(places, request.name));
  TRY_ASSIGN(provision, provide(places, cell, progress, stop));
  UndoBoot undo(places, request.name);
  TRY_ASSIGN(listener, Listener::open(request.port));
  TRY_ASSIGN(layout, read_cgroup_layout());
  TRY_ASSIGN(prepared,
             prepare_directory(places, cell, request, provision, layout, listener.port()));
  TRY_ASSIGN(cgroups, make_cgroups(layout, places.cgroup(request.name)));
  TRY_ASSIGN(state, start_node(places, request, listener, cgroups, prepared.gpu_count));
  UpCell result{state, kubeconfig_of(places, request.name), false, {}, {}};
  if (!has_service_network(prepared.plan))
    result.notes.emplace_back(
        "this machine has no nft, so the cell has no kube-proxy: Services and cluster DNS do not "
        "work in it");
  auto settled = settle({places, cell, prepared, provision, state}, result.phases,
                        Deadline::in(request.patience), stop);
  if (!settled)
    return base::pass_on(
        std::move(settled).error(),
        fmt::format("while booting cell {} (everything of it was removed)", request.name));
  result.state.is_complete = true;
  TRY(write_state(places.cell(request.name), result.state));
  undo.keep();
  return result;
}

Result<void> down(const Places& places, const std::string& name)
{
  if (::geteuid() != 0)
    return base::error_with_hint(ErrorKind::denied, "the lab needs root",
                                 "run the same command with sudo");
  TRY_ASSIGN(layout, read_cgroup_layout());
  std::error_code code;
  const bool is_named_well = base::is_label(name);
  if (!is_named_well || (!fs::exists(places.cell(name), code) &&
                         existing_cgroups(layout, places.cgroup(name)).empty())) {
    const auto state = running_cell(places, name);
    return tl::unexpected(state ? base::Error{} : state.error());
  }
  TRY_ASSIGN(lock, CellLock::take(places, name));
  return remove_cell(places, name);
}

std::vector<CellListing> list_cells(const Places& places)
{
  std::vector<CellListing> listings;
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(places.cells(), code)) {
    if (!entry.is_directory(code)) continue;
    auto state = read_state(entry.path());
    CellListing listing;
    if (state) listing.state = *state;
    listing.state.name = entry.path().filename().string();
    const auto report = read_init_report(entry.path() / "node");
    if (!state || !state->init.is_alive())
      listing.status = report && !report->failure.empty()
                           ? "dead: " + base::split(report->failure, '\n').front()
                           : "dead";
    else if (!state->is_complete)
      listing.status = "booting";
    else
      listing.status =
          state->broken.empty() ? "up" : "broken (" + base::join(state->broken, ", ") + ")";
    listings.push_back(listing);
  }
  std::sort(listings.begin(), listings.end(),
            [](const auto& a, const auto& b) { return a.state.name < b.state.name; });
  return listings;
}

Result<State> running_cell(const Places& places, const std::string& name)
{
  std::vector<std::string> names;
  for (const auto& listing : list_cells(places)) {
    names.push_back(listing.state.name);
    if (listing.state.name != name) continue;
    if (!listing.status.starts_with("dead")) return listing.state;
    return base::error_with_hint(
        ErrorKind::not_found, fmt::format("cell '{}' is {}", name, listing.status),
        fmt::format("`coroner lab up {}` boots it anew, `coroner lab down {}` removes what is left",
                    listing.state.cell, name));
  }
  const auto near = base::nearest(name, names);
  const auto hint = !near.empty()   ? "did you mean '" + near + "'?"
                    : names.empty() ? "no cell is up: `coroner lab up nixos` boots one"
                                    : "cells are: " + base::join(names, ", ");
  return base::error_with_hint(ErrorKind::not_found,
                               fmt::format("there is no cell '{}'", base::printable(name)), hint);
}

}  // namespace coroner::lab
