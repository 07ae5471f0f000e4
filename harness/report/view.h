// SPDX-License-Identifier: Apache-2.0
// What every report says about a record, said once: verdict line, banners, causes, commands.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "harness/record/record.h"

namespace coroner::report {

/// A banner that no report may leave out: "REPLAY", "INCOMPLETE", "SIMULATED", and why.
struct Banner {
  std::string mark;
  std::string text;
};

std::vector<Banner> banners(const record::Record& record);

/// "FAIL  12 checks: 6 pass, 1 fail, 3 blocked, 2 skip  in 14.2s  (nixos, 1 node)". Text of the
/// record in it is raw: each report escapes it for itself.
std::string verdict_line(const record::Record& record, const record::Judging& judging = {});

/// "6 pass, 1 fail (1 flaky)": what is above zero; flaky ones are among the passes and warnings.
std::string counts_text(const record::Counts& counts);

/// Node of `result`, or "cluster".
std::string place_of(const record::CaseResult& result);

/// Why `result` is what it is: the waiver of a waived one, the first failure of a flaky one, else
/// the reason of its last attempt.
std::string why_of(const record::CaseResult& result);

/// The finding that explains or blocks `result` (by its cause), or nullptr.
const record::Finding* finding_of(const record::Record& record, const record::CaseResult& result);

/// Results whose cause is `finding`'s.
std::vector<const record::CaseResult*> results_of(const record::Record& record,
                                                  const record::Finding& finding);

/// Results that fail a run and have no finding: shown with their evidence, never guessed at.
std::vector<const record::CaseResult*> unexplained(const record::Record& record);

/// Results with `verdict`, flaky ones left out.
std::vector<const record::CaseResult*> results_with(const record::Record& record,
                                                    record::Verdict verdict);

/// Results that failed first and passed on a retry.
std::vector<const record::CaseResult*> flaky_results(const record::Record& record);

/// "coroner probe --focus '^smoke/nvidia_smi$' --nodes nixos-1": runs this one check again.
std::string reproduce_line(const record::CaseResult& result);

/// "certain", "likely" or "possible", with the figure: "certain (97 %)".
std::string confidence_text(double confidence);

/// What a reader compares first: {what, version or value}, in a fixed order, empty ones left out.
std::vector<std::pair<std::string, std::string>> environment(const record::Record& record);

/// The same of one node.
std::vector<std::pair<std::string, std::string>> environment(const record::Node& node);

/// "2 × NVIDIA H200 (simulated)", or "none".
std::string gpus_text(const record::Node& node);

/// "1 check", "3 checks".
std::string number_of(std::size_t count, std::string_view thing);

/// "record.cluster.cell", else the cluster's name, else "cluster": how reports name the cell.
std::string cell_name(const record::Record& record);

}  // namespace coroner::report
