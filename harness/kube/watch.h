// SPDX-License-Identifier: Apache-2.0
// Lists in pages, and watches that survive whatever the server does.
#pragma once

#include <memory>

#include "harness/kube/cluster.h"
#include "harness/kube/session.h"

namespace coroner::kube {

/// All pages. A page that has gone (410) begins the list anew, at last without pages.
base::Result<Listing> list_all(Session& session, const Query& query, const base::Deadline& deadline,
                               const std::stop_token& stop);

/// A watch over `session`, which must outlive it.
std::unique_ptr<Watch> watch_over(Session& session, const Query& query);

}  // namespace coroner::kube
