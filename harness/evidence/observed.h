// SPDX-License-Identifier: Apache-2.0
// Observed: a bundle, or any pasted text, as facts and as lines that signatures are held against.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/base/result.h"
#include "harness/evidence/fact.h"
#include "harness/evidence/reader.h"

namespace coroner::evidence {

/// Text that a component wrote: a log, a file of a node, or one message inside an object.
struct Text {
  std::string source;  ///< Path in the bundle.
  int first_line = 1;  ///< Where `content` begins in it.
  std::string content;
  Scope scope;
  /// "event" or "status" for messages inside objects, "config" for files of a node, "" for logs.
  std::string kind;
};

/// One line that a payload printed.
struct PayloadLine {
  std::string source;
  int line = 0;
  nlohmann::json value;
  Scope scope;
};

/// Everything that diagnosis looks at.
struct Observed {
  std::vector<StoredObject> objects;
  std::vector<PayloadLine> payload_lines;
  std::vector<Text> texts;
  FactStore facts;
};

/// All of a bundle. Payload lines that are no JSON stay as text only.
base::Result<Observed> observe(const Reader& reader);

/// Text that somebody pasted, or one file. YAML or JSON of Kubernetes objects in it (as `kubectl
/// get -o yaml` prints) is read as objects too. Redacted like everything else.
base::Result<Observed> observe_text(std::string_view text, const std::string& source);

/// Objects without a bundle, as a live run or a test has them; `source` is their path.
Observed observe_objects(std::vector<StoredObject> objects);

}  // namespace coroner::evidence
