// SPDX-License-Identifier: Apache-2.0
// A booted cell is a real cluster: its node, pods, DNS, Services, authorization, and the lab's own
// verbs.
#include "tests/live/live.h"
#include <gmock/gmock.h>

#include "harness/base/text.h"

namespace coroner::live {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

/// Once for each cell of the matrix that the lab makes.
class BootedCell : public LiveTest, public testing::WithParamInterface<std::string> {
 protected:
  Cell cell_ = {};
  cell::Cell file_ = {};  ///< What matrix/ says of it.

  void SetUp() override
  {
    LiveTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    file_ = cell::load_cell(places().matrix, GetParam()).value();
    cell_ = shared(GetParam());
  }

  base::Finished kube(const std::vector<std::string>& words) { return kubectl(cell_, words); }
};

INSTANTIATE_TEST_SUITE_P(Each, BootedCell, testing::ValuesIn(lab_cell_names()),
                         [](const auto& of) { return label(of.param); });

TEST_P(BootedCell, shows_its_gpus_in_the_node_that_plain_kubectl_prints)
{
  const auto nodes = kube({"get", "nodes", "-o", "yaml"});
  ASSERT_EQ(nodes.exit_code, 0) << nodes.errors;
  const auto expected = fmt::format("nvidia.com/gpu: \"{}\"", file_.gpu_count);
  const auto allocatable = nodes.output.find("allocatable:");
  ASSERT_NE(allocatable, std::string::npos);
  EXPECT_NE(nodes.output.find(expected, allocatable), std::string::npos) << nodes.output;
  EXPECT_THAT(nodes.output, HasSubstr(file_.os_release.at("PRETTY_NAME")));
}

TEST_P(BootedCell, runs_a_pod_and_gives_its_log_and_a_command_inside_it)
{
  kube({"delete", "pod", "hello", "--ignore-not-found", "--now"});
  const auto made = kube({"run", "hello", "--image=coroner.local/smoke:1", "--restart=Never", "--",
                          "sh", "-c", "echo from the pod; exec sleep 600"});
  ASSERT_EQ(made.exit_code, 0) << made.errors;
  const auto ready = kube({"wait", "--for=condition=Ready", "pod/hello", "--timeout=120s"});
  ASSERT_EQ(ready.exit_code, 0) << kube({"describe", "pod", "hello"}).output;
  EXPECT_EQ(kube({"logs", "hello"}).output, "from the pod\n");
  const auto inside = kube({"exec", "hello", "--", "hostname"});
  EXPECT_EQ(inside.output, "hello\n") << inside.errors;
  const auto failing = kube({"exec", "hello", "--", "sh", "-c", "exit 7"});
  EXPECT_EQ(failing.exit_code, 7) << failing.errors;
  EXPECT_EQ(kube({"delete", "pod", "hello", "--now"}).exit_code, 0);
}

TEST_P(BootedCell, has_its_layers_linked_from_the_cache)
{
  std::string blobs = file_.containerd.root;
  blobs = places().cell(cell_.name).string() + blobs + "/io.containerd.content.v1.content/blobs";
  int layers = 0;
  for (const auto& entry : fs::recursive_directory_iterator(blobs)) {
    if (!entry.is_regular_file()) continue;
    ++layers;
    EXPECT_GE(entry.hard_link_count(), 2U) << entry.path();
  }
  EXPECT_GE(layers, static_cast<int>(file_.images.size()));
}

TEST_P(BootedCell, answers_dns_questions_of_a_pod)
{
  const auto end = run_pod(cell_, smoke_pod("dns",
                                            "nslookup kubernetes.default.svc.cluster.local && "
                                            "nslookup nothing.here.invalid; echo $?"));
  EXPECT_EQ(end.phase, "Succeeded") << end.log << end.story;
  EXPECT_THAT(end.log, HasSubstr("10.96.0.1"));
  EXPECT_THAT(end.log, testing::EndsWith("1\n")) << "a name that does not exist must not resolve";
}

TEST_P(BootedCell, spreads_a_service_over_its_two_endpoints)
{
  auto pod = smoke_pod(
      "", "mkdir /tmp/w; hostname > /tmp/w/index.html; exec busybox httpd -f -p 8080 -h /tmp/w");
  pod["spec"].erase("restartPolicy");
  pod["spec"]["containers"][0]["readinessProbe"] = {{"tcpSocket", {{"port", 8080}}},
                                                    {"periodSeconds", 1}};
  apply(cell_,
        {{"apiVersion", "apps/v1"},
         {"kind", "Deployment"},
         {"metadata", {{"name", "two"}, {"namespace", "default"}}},
         {"spec",
          {{"replicas", 2},
           {"selector", {{"matchLabels", {{"app", "two"}}}}},
           {"template", {{"metadata", {{"labels", {{"app", "two"}}}}}, {"spec", pod["spec"]}}}}}});
  apply(cell_,
        {{"apiVersion", "v1"},
         {"kind", "Service"},
         {"metadata", {{"name", "two"}, {"namespace", "default"}}},
         {"spec",
          {{"selector", {{"app", "two"}}}, {"ports", {{{"port", 80}, {"targetPort", 8080}}}}}}});
  const auto ready =
      kube({"wait", "--for=condition=Available", "deployment/two", "--timeout=120s"});
  ASSERT_EQ(ready.exit_code, 0) << kube({"describe", "pods"}).output;
  // Ready pods are endpoints only when kube-proxy has heard of them: it asks until both answered.
  // Of thirty requests to two endpoints one is missed once in 2^29 runs, and none may fail then.
  const auto asked = run_pod(
      cell_,
      smoke_pod(
          "asks",
          "touch /tmp/a; i=0; while [ $i -lt 300 ] && [ $(sort -u /tmp/a | wc -l) -lt 2 ]; do "
          "wget -qO- http://two.default/ >>/tmp/a 2>/dev/null; i=$((i + 1)); sleep 0.1; done; "
          "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 "
          "23 24 25 26 27 28 29 30; do wget -qO- http://two.default/ || exit 1; done"));
  EXPECT_EQ(asked.phase, "Succeeded") << asked.log << asked.story;
  std::map<std::string, int> answers;
  for (const auto& line : base::split(base::trim(asked.log), '\n')) ++answers[line];
  EXPECT_EQ(answers.size(), 2U) << asked.log;
  kube({"delete", "deployment/two", "service/two", "--wait=false"});
}

TEST_P(BootedCell, refuses_who_has_no_role)
{
  const auto refused = kube({"get", "secrets", "--as=somebody"});
  EXPECT_NE(refused.exit_code, 0);
  EXPECT_THAT(refused.errors, HasSubstr("User \"somebody\" cannot list resource \"secrets\""));
  EXPECT_EQ(kube({"get", "secrets"}).exit_code, 0);
}

TEST_P(BootedCell, enforces_the_pod_security_level_of_its_file)
{
  auto pod = smoke_pod("privileged", "true");
  pod["spec"]["containers"][0]["securityContext"] = {{"privileged", true}};
  const auto file = scratch() / "pod.json";
  ASSERT_TRUE(base::write_file(file, pod.dump()));
  const auto here = kube({"apply", "--dry-run=server", "-f", file.string()});
  EXPECT_EQ(here.exit_code == 0, file_.pod_security == "privileged") << here.errors;
  kube({"create", "namespace", "strict"});
  kube({"label", "namespace", "strict", "pod-security.kubernetes.io/enforce=restricted",
        "--overwrite"});
  pod["metadata"]["namespace"] = "strict";
  ASSERT_TRUE(base::write_file(file, pod.dump()));
  const auto strict = kube({"apply", "--dry-run=server", "-f", file.string()});
  EXPECT_NE(strict.exit_code, 0);
  EXPECT_THAT(strict.errors, HasSubstr("violates PodSecurity \"restricted"));
}

TEST_P(BootedCell, is_listed_with_its_kubeconfig_logs_and_shell)
{
  const auto list = coroner({"lab", "list"});
  EXPECT_THAT(list.output, testing::ContainsRegex(cell_.name + " .* up\n"));
  const auto kubeconfig = coroner({"lab", "kubeconfig", cell_.name});
  EXPECT_EQ(kubeconfig.output, cell_.kubeconfig.string() + "\n");
  const auto mode = fs::status(cell_.kubeconfig).permissions();
  EXPECT_EQ(mode & (fs::perms::group_all | fs::perms::others_all), fs::perms::none)
      << "a kubeconfig with a key in it is for its owner alone";
  const auto shell = coroner(
      {"lab", "shell", cell_.name, "--", "sh", "-c", ". /etc/os-release; echo $ID $(hostname)"});
  EXPECT_EQ(shell.output, file_.distro + " " + cell_.name + "\n") << shell.errors;
  EXPECT_EQ(coroner({"lab", "shell", cell_.name, "--", "sh", "-c", "exit 9"}).exit_code, 9);
  const auto log = coroner({"lab", "logs", cell_.name, "kubelet", "--lines", "5"});
  EXPECT_EQ(log.exit_code, 0) << log.errors;
  EXPECT_EQ(base::split(base::trim(log.output), '\n').size(), 5U);
  const auto unknown = coroner({"lab", "logs", cell_.name, "kublet"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.errors, HasSubstr("kubelet"));
}

TEST_P(BootedCell, is_up_already_when_it_is_asked_for_again)
{
  const auto again = coroner({"lab", "up", cell_.kind, "--name", cell_.name});
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_THAT(again.errors, HasSubstr("is up already"));
  EXPECT_EQ(again.output, cell_.kubeconfig.string() + "\n");
  const auto other = coroner({"lab", "up", cell_.kind, "--name", cell_.name, "--gpus", "3"});
  EXPECT_EQ(other.exit_code, 2) << "another GPU count is another cell";
  EXPECT_THAT(other.errors, HasSubstr("lab down " + cell_.name));
}

class Boot : public LiveTest {};

/// CORONER_REPEAT rounds: what one boot leaves, many would pile up.
TEST_F(Boot, leaves_the_machine_as_it_was_and_down_leaves_nothing)
{
  const auto rounds = number_from_environment("CORONER_REPEAT", 1);
  for (unsigned long round = 0; round < rounds; ++round) {
    const auto before = machine_state();
    const auto cell = boot("nixos", "traceless");
    EXPECT_EQ(machine_state(), before) << "while the cell is up, round " << round;
    const auto traces = traces_of(cell.name);
    EXPECT_GE(traces.namespaces.size(), 6U) << "net, mnt, pid, uts, ipc and cgroup are its own";
    const auto end = coroner({"lab", "down", cell.name});
    ASSERT_EQ(end.exit_code, 0) << end.errors;
    EXPECT_EQ(leftovers(traces), std::vector<std::string>{});
    EXPECT_EQ(machine_state(), before) << "after down, round " << round;
    const auto again = coroner({"lab", "down", cell.name});
    EXPECT_EQ(again.exit_code, 3) << "there is nothing to end";
    EXPECT_THAT(again.errors, HasSubstr("there is no cell '" + cell.name + "'"));
  }
}

TEST_F(Boot, images_are_listed_with_their_digests)
{
  shared("nixos");
  const auto images = coroner({"lab", "images"});
  EXPECT_EQ(images.exit_code, 0) << images.errors;
  for (const char* image : {"registry.k8s.io/pause:", "coredns/coredns:",
                            "nvcr.io/nvidia/k8s-device-plugin:v0.17.4", "coroner.local/smoke:1"})
    EXPECT_THAT(images.output,
                testing::ContainsRegex(std::string(image) + "[^\n]*sha256:[0-9a-f]{64}"));
}

/// The last of a ctest run: what was shared goes down, whatever was done to it.
class SharedCellsEnd : public LiveTest {};

TEST_F(SharedCellsEnd, and_leave_nothing)
{
  const auto kinds = lab_cell_names();
  EXPECT_EQ(end_shared_cells({kinds.begin(), kinds.end()}), std::vector<std::string>{});
}

}  // namespace
}  // namespace coroner::live
