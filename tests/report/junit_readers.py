# SPDX-License-Identifier: Apache-2.0
"""Reads junit.xml of each sample with readers of other projects: junitparser (PyPI), junit2json (npm).

Usage: junit_readers.py SAMPLES TOOLS   (TOOLS: folder for what is installed; exit 77 when neither
can be had). Names, results and counts must be those of report.json.
"""
import json
import os
import shutil
import subprocess
import sys

PINS = {"junitparser": "3.2.0", "junit2json": "3.1.12"}
ELEMENTS = {"fail": "failure", "stale_waiver": "failure", "broken": "error", "blocked": "skipped",
            "skip": "skipped", "waived": "skipped"}
SAMPLES = ("healthy", "nvml-missing", "mixed", "hostile")


def wanted_of(folder):
    record = json.load(open(os.path.join(folder, "report.json")))
    counts = {"failure": 0, "error": 0, "skipped": 0, "total": len(record["results"])}
    for result in record["results"]:
        verdict = result["attempts"][-1]["verdict"] if result["attempts"] else "broken"
        if verdict in ELEMENTS:
            counts[ELEMENTS[verdict]] += 1
    return counts


def install(command, folder):
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=240)
    return done.returncode == 0


def with_junitparser(tools):
    place = os.path.join(tools, "python")
    if not os.path.isdir(os.path.join(place, "junitparser")):
        if not install([sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", place,
                        "junitparser==" + PINS["junitparser"]], tools):
            return None
    sys.path.insert(0, place)
    from junitparser import Error, Failure, JUnitXml, Skipped

    def read(path):
        counts = {"failure": 0, "error": 0, "skipped": 0, "total": 0}
        for suite in JUnitXml.fromfile(path):
            for case in suite:
                counts["total"] += 1
                for entry in case.result:
                    for kind, name in ((Failure, "failure"), (Error, "error"), (Skipped, "skipped")):
                        counts[name] += type(entry) is kind
        return counts
    return read


SCRIPT = """
import { parse } from 'junit2json';
import { readFileSync } from 'node:fs';
const suites = await parse(readFileSync(process.argv[2], 'utf8'));
const counts = { failure: 0, error: 0, skipped: 0, total: 0 };
for (const suite of suites.testsuite) for (const one of suite.testcase ?? []) {
  counts.total += 1;
  for (const kind of ['failure', 'error', 'skipped'])
    counts[kind] += one[kind] === undefined ? 0 : Array.isArray(one[kind]) ? one[kind].length : 1;
}
console.log(JSON.stringify(counts));
"""


def with_junit2json(tools):
    npm, node = shutil.which("npm"), shutil.which("node")
    if not npm or not node:
        return None
    place = os.path.join(tools, "node")
    os.makedirs(place, exist_ok=True)
    if not os.path.isdir(os.path.join(place, "node_modules", "junit2json")):
        if not install([npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", place,
                        "junit2json@" + PINS["junit2json"]], place):
            return None
    script = os.path.join(place, "read.mjs")
    with open(script, "w") as out:
        out.write(SCRIPT)

    def read(path):
        done = subprocess.run([node, script, path], stdout=subprocess.PIPE, timeout=60, check=True)
        return json.loads(done.stdout)
    return read


def main():
    samples, tools = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    os.makedirs(tools, exist_ok=True)
    readers = {"junitparser": with_junitparser(tools), "junit2json": with_junit2json(tools)}
    failures = 0
    for name, read in readers.items():
        if read is None:
            print("not installed: %s %s" % (name, PINS[name]))
            continue
        for sample in SAMPLES:
            folder = os.path.join(samples, sample)
            wanted, seen = wanted_of(folder), read(os.path.join(folder, "junit.xml"))
            print("%s reads %s: %s" % (name, sample, seen))
            if seen != wanted:
                print("  but report.json says %s" % wanted)
                failures += 1
    if failures:
        return 1
    return 77 if all(read is None for read in readers.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
