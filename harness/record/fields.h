// SPDX-License-Identifier: Apache-2.0
// The JSON names of every part of a record, listed once for the writer and the reader.
#pragma once

#include <concepts>

#include "harness/record/record.h"

namespace coroner::record {

/// `Of`, const or not: the writer sees const objects, the reader fills them.
template <class Of, class Type>
concept Maybe = std::same_as<std::remove_const_t<Of>, Type>;

void fields(auto& field, Maybe<Evidence> auto& of)
{
  field("source", of.source);
  field("line", of.line);
  field("text", of.text);
  field("node", of.node);
  field("fact", of.fact);
  field("column", of.column);
  field("length", of.length);
  field("before", of.before);
  field("after", of.after);
}

void fields(auto& field, Maybe<Fix> auto& of)
{
  field("distro", of.distro);
  field("text", of.text);
  field("patch", of.patch);
  field("patch_file", of.patch_file);
}

void fields(auto& field, Maybe<Finding> auto& of)
{
  field("cause", of.cause);
  field("name", of.name);
  field("title", of.title);
  field("layer", of.layer);
  field("confidence", of.confidence);
  field("is_notice", of.is_notice);
  field("evidence", of.evidence);
  field("nodes", of.nodes);
  field("explains", of.explains);
  field("blocked", of.blocked);
  field("because", of.because);
  field("fix", of.fix);
  field("verify", of.verify);
  field("sources", of.sources);
}

void fields(auto& field, Maybe<CaseMetadata> auto& of)
{
  field("id", of.id);
  field("requirement", of.requirement);
  field("needs", of.needs);
  field("effect", of.effect);
  field("timeout_ms", of.timeout);
  field("source", of.source);
}

void fields(auto& field, Maybe<Cluster> auto& of)
{
  field("name", of.name);
  field("cell", of.cell);
  field("provider", of.provider);
  field("server", of.server);
  field("uid", of.uid);
}

void fields(auto& field, Maybe<Gpu> auto& of)
{
  field("model", of.model);
  field("count", of.count);
}

void fields(auto& field, Maybe<Node> auto& of)
{
  field("name", of.name);
  field("distro", of.distro);
  field("os_image", of.os_image);
  field("arch", of.arch);
  field("runtime", of.runtime);
  field("access", of.access);
  field("gpu_kind", of.gpu_kind);
  field("gpus", of.gpus);
  field("versions", of.versions);
  field("expectations", of.expectations);
}

void fields(auto& field, Maybe<EvidenceReference> auto& of)
{
  field("path", of.path);
  field("line", of.line);
}

void fields(auto& field, Maybe<Attempt> auto& of)
{
  field("verdict", of.verdict);
  field("reason", of.reason);
  field("proof", of.proof);
  field("started", of.started);
  field("took_ms", of.took);
  field("evidence", of.evidence);
}

void fields(auto& field, Maybe<CaseResult> auto& of)
{
  field("case", of.case_id);
  field("node", of.node);
  field("cause", of.cause);
  field("waiver", of.waiver);
  field("attempts", of.attempts);
}

void fields(auto& field, Maybe<ReportFile> auto& of)
{
  field("format", of.format);
  field("path", of.path);
}

void fields(auto& field, Maybe<Record> auto& of)
{
  field("run_id", of.run_id);
  field("tool_version", of.tool_version);
  field("started", of.started);
  field("ended", of.ended);
  field("mode", of.mode);
  field("ending", of.ending);
  field("note", of.note);
  field("cluster", of.cluster);
  field("versions", of.versions);
  field("nodes", of.nodes);
  field("cases", of.cases);
  field("results", of.results);
  field("findings", of.findings);
  field("leftovers", of.leftovers);
  field("disclosed", of.disclosed);
  field("reproduce", of.reproduce);
  field("bundle", of.bundle);
  field("reports", of.reports);
}

}  // namespace coroner::record
