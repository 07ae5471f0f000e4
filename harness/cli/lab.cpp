#include "harness/cli/verbs.h"
#include "harness/cli/program.h"
#include "harness/lab/boot.h"
#include "harness/lab/init.h"
#include "harness/lab/enter.h"
namespace coroner::cli {
void add_lab(CLI::App& program, Chosen& chosen)
{
  auto* lab = program.add_subcommand("lab", "Real Kubernetes on this machine");
  lab->require_subcommand(1);
  static std::string name; static std::vector<std::string> words; static int pid; static unsigned long long ticks;
  auto* init = lab->add_subcommand("init", ""); init->group(""); init->add_option("dir", name);
  init->callback([&chosen] { chosen.action = [] { return lab::run_init(name); }; });
  auto* enter = lab->add_subcommand("enter-namespaces", ""); enter->group(""); enter->add_option("pid", pid); enter->add_option("ticks", ticks); enter->add_option("words", words);
  enter->callback([&chosen] { chosen.action = [] { auto id = lab::identify(pid); if (!id || id->start_ticks != ticks) return 1; return lab::enter_cell(*id, words); }; });
  auto* up = lab->add_subcommand("up", ""); up->add_option("cell", name);
  up->callback([&chosen] { chosen.action = [] { auto p = lab::find_places(); auto r = lab::up(*p, {.cell = name}, say, {}); if (!r) return report_error(r.error()); puts(r->kubeconfig.c_str()); return 0; }; });
  auto* down = lab->add_subcommand("down", ""); down->add_option("cell", name);
  down->callback([&chosen] { chosen.action = [] { auto p = lab::find_places(); auto r = lab::down(*p, name); if (!r) return report_error(r.error()); return 0; }; });
}
}
