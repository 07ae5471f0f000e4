// SPDX-License-Identifier: Apache-2.0
// The graveyard that is compiled into the program.
#pragma once

#include "harness/base/result.h"
#include "harness/graveyard/catalogue.h"

namespace coroner::cli {

/// The catalogue of this program, read from its own embedded files: needs no checkout. An error is
/// a mistake of the build (ErrorKind::internal), or what Catalogue::of says.
base::Result<graveyard::Catalogue> load_catalogue();

}  // namespace coroner::cli
