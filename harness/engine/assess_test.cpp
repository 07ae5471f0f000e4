// SPDX-License-Identifier: Apache-2.0
// A bundle of other people is judged whatever its events hold.
#include "harness/engine/assess.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/files.h"
#include "harness/evidence/writer.h"

namespace coroner::engine {
namespace {

using nlohmann::json;
using testing::ElementsAre;

/// The record of a bundle with this plan, answer and ending.
base::Result<record::Record> assessed(const json& plan, const json& answer, const json& ending)
{
  TRY_ASSIGN(folder,
             base::ScopedDirectory::make(std::filesystem::temp_directory_path(), "assess-"));
  const auto place = folder.path() / "bundle";
  TRY_ASSIGN(writer, evidence::Writer::create(place, {.run = "r", .tool = "0"}));
  TRY(writer.plan(plan));
  TRY(writer.answer(answer));
  TRY(writer.verdict(ending));
  TRY(writer.finish());
  TRY_ASSIGN(reader, evidence::Reader::open(place));
  TRY_ASSIGN(catalogue, graveyard::Catalogue::load("graveyard"));
  return assess(reader, catalogue);
}

TEST(Assess, takes_from_a_plan_only_what_is_text)
{
  const auto record = assessed({{"disclosed", {1, "known", json::object(), nullptr}},
                                {"missing", {json::array(), "api/v1/Pod"}}},
                               json::object(), json::object());
  ASSERT_TRUE(record) << record.error().text();
  EXPECT_THAT(record->disclosed,
              ElementsAre("known", "Not readable with these rights: api/v1/Pod"));
}

TEST(Assess, takes_parts_of_any_other_type_for_nothing)
{
  for (const auto& odd : {json(), json(1), json("x"), json::array({1}), json{{"x", 1}}}) {
    json plan;
    for (const auto* part : {"cases", "tasks", "nodes", "pods", "disclosed", "missing"})
      plan[part] = odd;
    const auto record = assessed(plan, {{"question", "attempt"}, {"case", odd}, {"node", odd}},
                                 {{"ending", odd}, {"cluster", odd}, {"reproduce", odd}});
    ASSERT_TRUE(record) << odd << record.error().text();
    EXPECT_TRUE(record->results.empty()) << odd;
  }
}

}  // namespace
}  // namespace coroner::engine
