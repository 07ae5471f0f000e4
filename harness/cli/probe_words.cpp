// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/probe_words.h"

#include <filesystem>

#include <unistd.h>

#include "harness/report/text.h"

namespace coroner::cli {

void add_probe_options(CLI::App& verb, ProbeWords& words)
{
  auto& options = words.options;
  verb.add_option("--effect", words.effect,
                  "Most that may be done: reads, runs_pods (default), runs_privileged_pods, "
                  "changes_node");
  verb.add_option("--focus", options.focus, "Only cases whose id this regular expression finds");
  verb.add_option("--skip", options.skip, "No case whose id this regular expression finds");
  verb.add_option("--nodes", options.nodes,
                  "all, a number, names with commas, or a label selector (default: nodes with a "
                  "sign of a GPU; GPU pods on one of each kind)");
  verb.add_option("--access", options.access,
                  "How GPU pods reach the GPU (default: chosen per node)")
      ->check(CLI::IsMember({"plain", "cdi", "runtime-class", "nixos-mounts"}));
  verb.add_option("--image", options.image, "Image with glibc that smoke pods run in");
  verb.add_option("--pull-secret", options.pull_secrets,
                  "NAMESPACE/NAME of an image pull secret, lent to the run's namespaces (with "
                  "--namespace the NAME of one there); repeatable");
  verb.add_option("--namespace", options.space, "Use this namespace instead of making one");
  verb.add_option("--max-pods", options.most_pods, "At most so many pods (default: 20)")
      ->check(CLI::Range(1, 500));
  verb.add_option("--retries", options.retries, "Further attempts of pods that failed (default: 0)")
      ->check(CLI::Range(0, 5));
  verb.add_option_function<int>(
          "--timeout", [&options](int seconds) { options.timeout = std::chrono::seconds(seconds); },
          "Seconds for the whole run, clean-up apart (default: 300)")
      ->check(CLI::Range(5, 3600));
  verb.add_option("--cell", options.cell, "Name of the cell in reports (for a matrix)");
  verb.add_option("--evidence", words.evidence,
                  "A bundle of `coroner record --host` to take in as evidence of the nodes");
  verb.add_option("--replay", words.replay, "Replay this bundle instead of asking a cluster");
  verb.add_flag("--dry-run", words.is_dry_run, "Print the plan and every manifest, create nothing");
  verb.add_option("--report-dir", words.report_directory,
                  "Folder for bundle and reports (default: a new one in the cache)");
  verb.add_option("--output", words.output, "On stdout: short (for pasting), json or ndjson")
      ->check(CLI::IsMember({"short", "json", "ndjson"}));
  verb.add_option("--fail-on", words.fail_on, "warn: warnings fail the run too")
      ->check(CLI::IsMember({"warn"}));
  verb.add_option("--flaky", words.flaky, "fail: what passed only on a retry fails the run")
      ->check(CLI::IsMember({"fail", "pass"}));
  verb.footer(R"(Examples:
  coroner probe                                   the cluster of KUBECONFIG or ~/.kube/config
  coroner probe --dry-run                         what would be done, and every manifest
  coroner probe --effect reads                    only look: no pod, no namespace
  coroner probe --focus '^smoke/' --nodes gpu-1   one node's GPU, end to end
  coroner probe --output short                    at most 20 lines to paste into a thread
  coroner probe --replay bundle.tar.zst           judge a saved run again

Exit codes: 0 good; 1 failures; 2 usage; 3 no cluster or not reachable; 4 nothing selected; 5 flaky;
6 leftovers; 7 incomplete; 8 report not written; 77 all skipped; 130, 143 after clean-up.)");
}

std::string command_line(const std::vector<std::string>& line)
{
  std::string all = "coroner";
  for (std::size_t i = 1; i < line.size(); ++i) all += " " + report::shell_word(line[i]);
  return all;
}

std::map<std::string, std::string> process_environment()
{
  std::map<std::string, std::string> found;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const auto equals = text.find('=');
    if (equals != std::string_view::npos)
      found.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return found;
}

}  // namespace coroner::cli
