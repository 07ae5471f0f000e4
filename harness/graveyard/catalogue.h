// SPDX-License-Identifier: Apache-2.0
// The catalogue: every cause, read from graveyard/GYnnn-*.yaml and held against what is known.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"
#include "harness/graveyard/cause.h"
#include "harness/graveyard/component.h"
#include "harness/graveyard/signature_set.h"

namespace coroner::graveyard {

/// One file of the catalogue.
struct SourceFile {
  std::string name;  ///< "GY005-nvml-lib-not-on-search-path.yaml"
  std::string text;
};

/// Reads one cause. ErrorKind::invalid "file:line:column: …" with the nearest right word for every
/// field that is missing, misspelt or of a wrong type, and for unknown facts, components, layers
/// and operations, patterns that RE2 refuses, and placeholders that nothing fills.
base::Result<Cause> parse_cause(const SourceFile& file);

/// All causes, ready to match; never changes after it is made.
class Catalogue {
 public:
  /// `patches` are the contents of the files that fixes name. ErrorKind::invalid for what
  /// parse_cause refuses, for ids and names that come twice, missing patches, causes that yield to
  /// unknown causes, to causes of the same or a higher layer, or in a circle.
  static base::Result<Catalogue> of(const std::vector<SourceFile>& files,
                                    const std::map<std::string, std::string>& patches);

  /// The folder graveyard/: its GY*.yaml, fixes/ and examples/, which must hold what causes name.
  static base::Result<Catalogue> load(const std::filesystem::path& folder);

  /// By id.
  const std::vector<Cause>& causes() const { return causes_; }

  /// By id or name; ErrorKind::not_found with the nearest.
  base::Result<const Cause*> find(std::string_view id_or_name) const;

  const SignatureSet& signatures() const { return signatures_; }
  const Components& components() const { return components_; }
  /// How many signatures belong to causes; those after them find unexplained errors.
  int cause_signatures() const { return cause_signatures_; }

 private:
  Catalogue(std::vector<Cause> causes, SignatureSet signatures, Components components, int count)
      : causes_(std::move(causes)),
        signatures_(std::move(signatures)),
        components_(std::move(components)),
        cause_signatures_(count)
  {}
  std::vector<Cause> causes_;
  SignatureSet signatures_;
  Components components_;
  int cause_signatures_;
};

}  // namespace coroner::graveyard
