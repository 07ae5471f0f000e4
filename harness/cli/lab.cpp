// SPDX-License-Identifier: Apache-2.0
// `coroner lab`: clusters of this machine.
#include <cstdio>
#include <memory>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/cli/program.h"
#include "harness/cli/signals.h"
#include "harness/cli/verbs.h"
#include "harness/lab/boot.h"
#include "harness/lab/enter.h"
#include "harness/lab/images.h"
#include "harness/lab/init.h"

namespace coroner::cli {
namespace {

/// Words of one lab command, as CLI11 fills them.
struct LabWords {
  std::string name;
  std::string instance;
  std::string gpu = "simulated";
  std::string profile;
  int gpu_count = 0;
  int port = 0;
  bool is_all = false;
  int patience_seconds = 120;
  int lines = 40;
  std::string service;
  std::vector<std::string> arguments;
  int pid = 0;
  unsigned long long start_ticks = 0;
};

using Words = std::shared_ptr<LabWords>;

std::string phases_text(const lab::UpCell& cell)
{
  std::string text;
  for (const auto& [name, seconds] : cell.phases)
    text += fmt::format("{}{} {:.1f} s", text.empty() ? "" : ", ", name, seconds);
  return text;
}

void announce(const lab::UpCell& cell)
{
  const auto& state = cell.state;
  const auto gpus = state.gpu == "none" ? std::string("no GPU")
                                        : fmt::format("{} {} GPU{}", state.gpu_count, state.gpu,
                                                      state.gpu_count == 1 ? "" : "s");
  if (cell.was_up)
    say(fmt::format("cell {} is up already ({}), port {} on 127.0.0.1", state.name, gpus,
                    state.port));
  else
    say(fmt::format("cell {} is up ({}), port {} on 127.0.0.1: {}", state.name, gpus, state.port,
                    phases_text(cell)));
  for (const auto& note : cell.notes) say("  note: " + note);
  say(fmt::format("  export KUBECONFIG={}", cell.kubeconfig.string()));
}

int run_up(const LabWords& words)
{
  const auto places = lab::find_places();
  if (!places) return report_error(places.error());
  const auto gpu = cell::gpu_kind(words.gpu);
  if (!gpu) return report_error(gpu.error());
  lab::UpRequest request;
  request.cell = words.name;
  request.name = words.instance;
  request.gpu = *gpu;
  if (words.gpu_count != 0) request.gpu_count = words.gpu_count;
  request.gpu_profile = words.profile;
  request.port = words.port;
  request.patience = std::chrono::seconds(words.patience_seconds);
  const SignalStop signals;
  const auto cell = lab::up(*places, request, say, signals.token());
  if (!cell && signals.number() != 0) {
    say("coroner: interrupted; everything of the cell was removed");
    return 128 + signals.number();
  }
  if (!cell) return report_error(cell.error());
  announce(*cell);
  std::printf("%s\n", cell->kubeconfig.c_str());
  return exit_good;
}

int run_down(const LabWords& words)
{
  const auto places = lab::find_places();
  if (!places) return report_error(places.error());
  std::vector<std::string> names = {words.name};
  if (words.name.empty()) {
    names.clear();
    for (const auto& listing : lab::list_cells(*places)) names.push_back(listing.state.name);
    if (names.empty()) say("no cell is there");
  }
  int worst = exit_good;
  for (const auto& name : names) {
    const auto done = lab::down(*places, name);
    if (!done)
      worst = report_error(done.error());
    else
      say(fmt::format("cell {} is gone", name));
  }
  return worst;
}

int run_list()
{
  const auto places = lab::find_places();
  if (!places) return report_error(places.error());
  const auto cells = lab::list_cells(*places);
  if (cells.empty()) {
    say("no cell is up; these can be: " + base::join(cell::cell_names(places->matrix), ", "));
    return exit_good;
  }
  std::printf("%-20s %-12s %-10s %5s %6s  %s\n", "NAME", "CELL", "GPU", "GPUS", "PORT", "STATUS");
  for (const auto& [state, status] : cells)
    std::printf("%-20s %-12s %-10s %5d %6d  %s\n", base::printable(state.name).c_str(),
                state.cell.c_str(), state.gpu.c_str(), state.gpu_count, state.port,
                base::printable(status).c_str());
  return exit_good;
}

int run_kubeconfig(const LabWords& words)
{
  const auto places = lab::find_places();
  if (!places) return report_error(places.error());
  const auto state = lab::running_cell(*places, words.name);
  if (!state) return report_error(state.error());
  std::printf("%s\n", lab::kubeconfig_of(*places, words.name).c_str());
  return exit_good;
}

int run_shell(const LabWords& words)
{
  const auto places = lab::find_places();
  if (!places) return report_error(places.error());
  const auto state = lab::running_cell(*places, words.name);
  if (!state) return report_error(state.error());
  const auto arguments =
      words.arguments.empty() ? std::vector<std::string>{"/bin/sh"} : words.arguments;
  return lab::enter_cell(state->init, arguments);
}

int run_logs(const LabWords& words)
{
  const auto places = lab::find_places();
  if (!places) return report_error(places.error());
  const auto folder = places->cell(words.name) / "node" / "log";
  std::vector<std::string> services;
  std::error_code code;
  for (const auto& entry : std::filesystem::directory_iterator(folder, code))
    services.push_back(entry.path().stem().string());
  if (services.empty()) {
    const auto state = lab::running_cell(*places, words.name);
    return state ? exit_unprepared : report_error(state.error());
  }
  std::sort(services.begin(), services.end());
  const bool is_one = !words.service.empty();
  if (is_one && std::find(services.begin(), services.end(), words.service) == services.end()) {
    say(fmt::format("coroner: no service '{}'; there are: {}", words.service,
                    base::join(services, ", ")));
    return exit_usage;
  }
  constexpr std::size_t tail_bytes = 4U << 20U;
  for (const auto& service : services) {
    if (is_one && service != words.service) continue;
    const auto log = base::read_tail(folder / (service + ".log"), tail_bytes);
    if (!is_one) std::printf("==> %s <==\n", service.c_str());
    std::printf("%s\n", base::printable(base::last_lines(log.value_or(""),
                                                         static_cast<std::size_t>(words.lines)))
                            .c_str());
  }
  return exit_good;
}

int run_images()
{
  const auto places = lab::find_places();
  if (!places) return report_error(places.error());
  const auto images = lab::list_images(*places);
  if (!images) return report_error(images.error());
  std::printf("%-30s %-58s %9s  %s\n", "RECIPE", "IMAGE", "SIZE", "DIGEST");
  for (const auto& image : *images)
    std::printf("%-30s %-58s %6zu MB  %s\n", image.id.c_str(), image.name.c_str(),
                static_cast<std::size_t>(image.size_bytes / 1'000'000),
                image.digest.empty() ? "not built yet" : image.digest.c_str());
  return exit_good;
}

int run_enter(const LabWords& words)
{
  const auto init = lab::identify(words.pid);
  if (!init || init->start_ticks != words.start_ticks) {
    say("the cell has ended");
    return exit_unprepared;
  }
  return lab::enter_cell(*init, words.arguments);
}

/// Adds a verb below `lab` whose action gets the words.
CLI::App* add_verb(CLI::App& parent, Chosen& chosen, const Words& words,
                   const std::pair<const char*, const char*>& name, int (*action)(const LabWords&))
{
  auto* verb = parent.add_subcommand(name.first, name.second);
  verb->callback(
      [&chosen, words, action] { chosen.action = [words, action] { return action(*words); }; });
  return verb;
}

void add_up(CLI::App& lab, Chosen& chosen, const Words& words)
{
  auto* up = add_verb(lab, chosen, words, {"up", "Boot a cell; prints the path of its kubeconfig"},
                      run_up);
  up->add_option("cell", words->name, "A file of matrix/, without .yaml")->required();
  up->add_option("--name", words->instance, "Name of this instance (default: the cell's)");
  up->add_option("--gpu", words->gpu, "none, simulated or real (default: simulated)");
  up->add_option("--gpus", words->gpu_count,
                 "How many simulated GPUs, 1 to 16 (default: the cell's)");
  up->add_option("--profile", words->profile,
                 "Simulated GPU: a file of matrix/lab/driver/profiles");
  up->add_option("--port", words->port,
                 "Port on 127.0.0.1 for the API server (default: a free one)")
      ->check(CLI::Range(0, 65535));
  up->add_option("--patience", words->patience_seconds,
                 "Seconds to wait from the node's start (default: 120)")
      ->check(CLI::Range(1, 3600));
  up->footer(
      "Examples:\n  coroner lab up nixos\n  coroner lab up ubuntu --name second --gpus 2\n  "
      "KUBECONFIG=$(coroner lab up nixos) kubectl get nodes");
}

void add_hidden(CLI::App& lab, Chosen& chosen, const Words& words)
{
  auto* init = add_verb(lab, chosen, words, {"init", ""},
                        [](const LabWords& given) { return lab::run_init(given.name); });
  init->group("");
  init->add_option("directory", words->name)->required();
  auto* enter = add_verb(lab, chosen, words, {"enter-namespaces", ""}, run_enter);
  enter->group("");
  enter->add_option("pid", words->pid)->required();
  enter->add_option("start", words->start_ticks)->required();
  enter->add_option("arguments", words->arguments)->required();
}

}  // namespace

void add_lab(CLI::App& program, Chosen& chosen)
{
  auto* lab =
      program.add_subcommand("lab", "Real Kubernetes on this machine, with simulated or real GPUs");
  lab->require_subcommand(1);
  const auto words = std::make_shared<LabWords>();
  add_up(*lab, chosen, words);
  auto* down =
      add_verb(*lab, chosen, words, {"down", "End a cell and remove everything of it"}, run_down);
  auto* all = down->add_flag("--all", words->is_all, "Every cell");
  down->add_option("name", words->name, "The cell's name")->excludes(all);
  down->callback([words, &chosen] {
    if (words->name.empty() && !words->is_all) throw CLI::RequiredError("name (or --all)");
    chosen.action = [words] { return run_down(*words); };
  });
  add_verb(*lab, chosen, words, {"list", "The cells that are there"},
           [](const LabWords&) { return run_list(); });
  auto* kubeconfig = add_verb(
      *lab, chosen, words, {"kubeconfig", "Print the path of a cell's kubeconfig"}, run_kubeconfig);
  kubeconfig->add_option("name", words->name, "The cell's name")->required();
  auto* shell =
      add_verb(*lab, chosen, words,
               {"shell", "A shell (or a command after --) inside a cell's node"}, run_shell);
  shell->add_option("name", words->name, "The cell's name")->required();
  shell->add_option("command", words->arguments, "What to run instead of a shell");
  auto* logs =
      add_verb(*lab, chosen, words, {"logs", "The last lines of a cell's services"}, run_logs);
  logs->add_option("name", words->name, "The cell's name")->required();
  logs->add_option("service", words->service,
                   "One of them: kubelet, containerd, kube-apiserver, ...");
  logs->add_option("--lines", words->lines, "How many lines of each (default: 40)")
      ->check(CLI::Range(1, 100'000));
  add_verb(*lab, chosen, words, {"images", "The container images that cells use, with digests"},
           [](const LabWords&) { return run_images(); });
  add_breaks(*lab, chosen);
  add_hidden(*lab, chosen, words);
}

}  // namespace coroner::cli
