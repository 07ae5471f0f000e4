// SPDX-License-Identifier: Apache-2.0
// A diagnosis for people, for pasting, and for programs.
#pragma once

#include <string>

#include "harness/cli/offline.h"
#include "harness/report/style.h"

namespace coroner::cli {

/// How an assessment of `input` is printed; each ends with a newline.
struct DiagnosisView {
  const Input& input;
  const Assessment& assessment;
};

/// Headline, a block per certain cause, the possible ones, what follows from them, errors that no
/// cause explains, and what to collect next.
std::string diagnosis_text(const DiagnosisView& view, const report::Style& style);

/// At most 20 lines of at most 80 columns, ASCII.
std::string diagnosis_short(const DiagnosisView& view);

/// {"schema":"coroner.diagnosis/1","tool_version","input","certain":count,"findings":[as in
/// report.json],"consequences":[…],"unexplained":[{"source","line","node","text"}],
/// "missing":[{"cause","fact","collect"}]}
std::string diagnosis_json(const DiagnosisView& view);

}  // namespace coroner::cli
