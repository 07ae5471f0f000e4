// SPDX-License-Identifier: Apache-2.0
// `coroner image`: the image of smoke pods as one file, for nodes that reach no registry.
#include "harness/image/image.h"

#include <filesystem>
#include <memory>

#include "harness/base/files.h"
#include "harness/cli/output.h"
#include "harness/cli/program.h"
#include "harness/cli/verbs.h"
#include "harness/embedded/embedded.h"
#include "harness/image/recipe.h"

namespace coroner::cli {
namespace {

using base::ErrorKind;
using base::Result;
namespace fs = std::filesystem;

constexpr std::string_view recipes_path = "matrix/lab/images.yaml";
constexpr const char* recipe_name = "smoke";
constexpr std::string_view payload_path = "payload/coroner-payload-amd64";

struct ImageWords {
  std::string output = "coroner-smoke.tar";
};

/// The recipe that the lab's own smoke pods use.
Result<image::Recipe> smoke_recipe(const fs::path& scratch)
{
  const auto text = embedded::file(recipes_path);
  if (!text)
    return base::error(ErrorKind::internal, "this program was built without {}", recipes_path);
  const auto file = scratch / "images.yaml";
  TRY(base::write_file(file, *text));
  TRY_ASSIGN(recipes, image::load_recipes(file));
  return image::find_recipe(recipes, recipe_name);
}

Result<image::BuiltImage> write_smoke_image(const fs::path& file)
{
  TRY_ASSIGN(scratch, base::ScopedDirectory::make(fs::temp_directory_path(), "coroner-image-"));
  TRY_ASSIGN(recipe, smoke_recipe(scratch.path()));
  auto resolved = image::resolve(recipe, [](const std::string& component) -> Result<fs::path> {
    return base::error(ErrorKind::internal, "the smoke image takes a file from {}", component);
  });
  if (!resolved)
    return base::pass_on(std::move(resolved).error(),
                         "while taking glibc and busybox from this machine (Debian or Ubuntu, "
                         "x86-64, with the package busybox)");
  const auto payload = embedded::file(payload_path);
  if (!payload)
    return base::error(ErrorKind::not_found, "this program was built without {}", payload_path);
  resolved->files.push_back(
      {"usr/bin/coroner-payload", 0755, archive::Bytes{std::string(*payload)}});
  return image::write_image(*resolved, file);
}

int run_image(const ImageWords& words)
{
  const auto built = write_smoke_image(words.output);
  if (!built) return report_error(built.error());
  say(fmt::format("{}  {} ({:.1f} MB)", built->name, built->digest,
                  static_cast<double>(built->size_bytes) / 1e6));
  say("Import it on each node that runs smoke pods:");
  say("  k3s         k3s ctr images import " + words.output);
  say("  containerd  ctr -n k8s.io images import " + words.output);
  say("  docker      docker load --input " + words.output + "   (with its containerd image store)");
  print(words.output + "\n");
  return exit_good;
}

}  // namespace

void add_image(CLI::App& program, Chosen& chosen)
{
  auto* verb = program.add_subcommand(
      "image", "Write the image of smoke pods to a file, for nodes that reach no registry");
  const auto words = std::make_shared<ImageWords>();
  verb->add_option("--output", words->output, "The archive (default: coroner-smoke.tar)");
  verb->footer(R"(Examples:
  coroner image
  coroner image --output /media/usb/smoke.tar && ssh NODE k3s ctr images import - < /media/usb/smoke.tar

An OCI archive of x86-64: glibc, libstdc++ and busybox of this machine (Debian or Ubuntu) and
coroner's payload as /usr/bin/coroner-payload. The path is printed on stdout, all else on stderr.)");
  verb->callback([&chosen, words] { chosen.action = [words] { return run_image(*words); }; });
}

}  // namespace coroner::cli
