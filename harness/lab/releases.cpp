// SPDX-License-Identifier: Apache-2.0
// Runs helm on the machine against the cell's port.
#include "harness/lab/releases.h"

#include "harness/base/command.h"
#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/base/yaml.h"
#include "harness/lab/boot.h"
#include "harness/lab/components.h"

namespace coroner::lab {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using base::error;
using base::ErrorKind;
using base::Result;
using nlohmann::json;

/// Where the Go module cache has the source of `path` as `module` pins it.
Result<fs::path> module_source(const Places& places, const std::string& module,
                               const std::string& path, const std::stop_token& stop)
{
  const base::Command command{
      .arguments = {"go", "mod", "download", "-json", path},
      .environment = {{"GOFLAGS", ""}, {"GOWORK", "off"}, {"GOTOOLCHAIN", "local"}},
      .directory = places.matrix / "lab" / "modules" / module};
  TRY_ASSIGN(said, base::output_of(command, base::Deadline::in(5min), stop));
  const auto answer = json::parse(said, nullptr, false);
  if (!answer.is_object() || !answer.contains("Dir"))
    return error(ErrorKind::internal, "go mod download gave no folder for {}", path);
  return fs::path(answer["Dir"].get<std::string>());
}

}  // namespace

Result<fs::path> provide_chart(const Places& places, const std::string& chart,
                               const std::stop_token& stop)
{
  const auto finished = places.cache / "charts" / chart;
  std::error_code code;
  if (fs::exists(finished / "Chart.yaml", code)) return finished;
  const auto file = places.matrix / "lab" / "components.yaml";
  TRY_ASSIGN(text, base::read_file(file, base::largest_yaml_bytes));
  TRY_ASSIGN(document, base::parse_yaml(text, file.string()));
  const auto at = "/charts/" + chart;
  if (!document.value.contains(json::json_pointer(at)))
    return document.error_at("/charts", fmt::format("there is no chart '{}'", chart));
  TRY_ASSIGN(module, base::string_at(document, at + "/module"));
  TRY_ASSIGN(path, base::string_at(document, at + "/path"));
  TRY_ASSIGN(folder, base::string_at(document, at + "/folder"));
  TRY_ASSIGN(source, module_source(places, module, path, stop));
  TRY_ASSIGN(scratch, base::ScopedDirectory::make(places.cache / "charts", ".copying-"));
  fs::copy(source / folder, scratch.path() / "chart", fs::copy_options::recursive, code);
  if (code) return tl::unexpected(base::file_error("copy the chart to", finished, code.value()));
  for (const auto& entry : fs::recursive_directory_iterator(scratch.path()))
    fs::permissions(entry.path(), fs::perms::owner_write, fs::perm_options::add, code);
  fs::rename(scratch.path() / "chart", finished, code);
  if (code) return tl::unexpected(base::file_error("finish", finished, code.value()));
  return finished;
}

Result<void> install_release(const Places& places, const cell::Cell& cell,
                             const cell::HelmRelease& release, const State& state,
                             const base::Deadline& deadline, const std::stop_token& stop)
{
  TRY_ASSIGN(chart, provide_chart(places, release.chart, stop));
  TRY_ASSIGN(components, load_components(places.matrix));
  const auto helm = cell.components.find("helm");
  if (helm == cell.components.end() || !components.contains(helm->second))
    return error(ErrorKind::invalid, "{}.yaml has Helm releases but no part 'helm'", cell.name);
  TRY_ASSIGN(folder, provide_component(
                         places, components.at(helm->second), [](const std::string&) {}, stop));
  const auto values = places.cell(state.name) / ("values-" + release.release + ".json");
  TRY(base::write_file(values, release.values.dump(2)));
  const auto home = (places.cell(state.name) / "helm").string();
  base::Command command{
      .arguments = {(folder / "helm").string(), "upgrade", "--install", release.release,
                    chart.string(), "--namespace", release.name_space, "--create-namespace",
                    "--kubeconfig", kubeconfig_of(places, state.name).string(), "--values",
                    values.string()},
      .environment = {
          {"HELM_CACHE_HOME", home}, {"HELM_CONFIG_HOME", home}, {"HELM_DATA_HOME", home}}};
  auto installed = base::output_of(command, deadline, stop);
  if (!installed)
    return base::pass_on(
        std::move(installed).error(),
        fmt::format("while installing the release {} of {}.yaml", release.release, cell.name));
  return {};
}

}  // namespace coroner::lab
