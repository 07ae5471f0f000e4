// SPDX-License-Identifier: Apache-2.0
// What a payload's result must show before it counts as a pass.
#include "payload/proof.h"

#include <charconv>

#include "harness/base/text.h"
#include "harness/engine/seen.h"
#include "harness/objects/object.h"

namespace coroner::engine {
namespace {

using nlohmann::json;
using objects::number_at;
using objects::text_at;

/// The largest vector whose sum is computed again here; the payload's own bound is the same.
constexpr long long most_elements = 1LL << 28;

/// Why a payload's line says that it failed, as a person reads it.
std::string failure_of(const json& line)
{
  std::string all = text_at(line, "/error");
  for (const auto* part : {"/call", "/name", "/text", "/library", "/problem", "/step"}) {
    const auto text = text_at(line, part);
    if (!text.empty()) all += (all.empty() ? "" : ": ") + text;
  }
  for (const auto* part : {"/error_output", "/output"}) {
    const auto text = text_at(line, part);
    if (!text.empty()) return all + ": " + base::last_lines(text, 1);
  }
  return all.empty() ? "it gave no reason" : all;
}

/// The one line of `kind` that counts; more than one is as bad as none.
base::Result<json> only_line(const std::vector<json>& lines, std::string_view kind)
{
  const json* found = nullptr;
  for (const auto& line : lines) {
    if (text_at(line, "/kind") != kind) continue;
    if (found != nullptr)
      return base::error(base::ErrorKind::invalid, "more than one result of this run's nonce");
    found = &line;
  }
  if (found == nullptr)
    return base::error(base::ErrorKind::not_found, "no result with this run's nonce in the log");
  return *found;
}

/// "" when the result is what the nonce demands.
std::string wrong_sum(const json& line, std::map<std::string, std::string>& proof)
{
  const auto elements = number_at(line, "/elements", 0);
  const auto launches = number_at(line, "/launches", 0);
  const auto device = number_at(line, "/device", -1);
  if (elements <= 0 || launches <= 0) return "no work was done";
  if (elements > most_elements || device < 0 || device > 1024) return "its numbers are absurd";
  const auto told = text_at(line, "/checksum");
  const auto expected = fmt::format(
      "{:016x}", payload::proof::checksum(text_at(line, "/nonce"), static_cast<unsigned>(device),
                                          static_cast<std::uint64_t>(elements)));
  if (told != expected)
    return fmt::format("the checksum is {}, and this nonce gives {}", told, expected);
  if (number_at(line, "/mismatches", -1) != 0) return "some sums were wrong";
  proof["checksum"] = told;
  proof["elements"] = std::to_string(elements);
  proof["launches"] = std::to_string(launches);
  proof["gpu"] = text_at(line, "/gpu/name");
  const auto& rate = objects::at(line, "/bytes_per_second");
  if (rate.is_number())
    proof["gigabytes_per_second"] = fmt::format("{:.2f}", rate.get<double>() / 1e9);
  return "";
}

}  // namespace

Judgement Seen::proof(std::string_view kind) const
{
  const auto state = container();
  const auto line = only_line(lines(), kind);
  if (line && !objects::flag_at(*line, "/ok", false)) return fail("{}", failure_of(*line));
  if (const auto why = trouble(); !why.empty()) return fail("{}", why);
  if (!state || !state->terminated) return fail("the container has not ended");
  const auto& end = *state->terminated;
  if (state->image_id.empty() || state->container_id.empty() || !state->has_started())
    return fail("the kubelet reports an end, but no image that was started");
  if (end.started_at.empty() || end.finished_at.empty() || end.finished_at < end.started_at)
    return fail("the kubelet reports an end without a time of start before it");
  if (end.exit_code != 0) return fail("the container ended with {}", end.exit_code);
  if (!line) return fail("{}", line.error().what);
  std::map<std::string, std::string> proof = {{"image_id", state->image_id},
                                              {"nonce", text_at(*line, "/nonce")},
                                              {"started", end.started_at},
                                              {"finished", end.finished_at}};
  if (objects::flag_at(*line, "/simulated", false)) proof["simulated"] = "true";
  if (kind == "vectoradd")
    if (const auto wrong = wrong_sum(*line, proof); !wrong.empty()) return fail("{}", wrong);
  return {record::Verdict::pass, {}, std::move(proof)};
}

}  // namespace coroner::engine
