# SPDX-License-Identifier: Apache-2.0
"""Opens report.html of each sample in headless Chromium from file:// and holds it to its promises.

Usage: browser.py FOLDER [PICTURES]   (FOLDER/<sample>/report.html; exit 77 without Chromium)
With PICTURES nothing is checked: a screenshot of each page is written there, wide and narrow, light
and dark, to be looked at.

Per page, by Chrome's DevTools protocol over a pipe: no script error, no refused resource, no
request but for the page itself, no payload's owned() called, no dialog, table and numbers agree,
copy buttons are shown, filters work, at 320 px nothing makes the page itself scroll sideways. Then
the same page without script must still hold verdict, causes and every check. The style's colours
keep the contrast of WCAG 2.2 AA.
"""
import json
import os
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-extensions",
         "--remote-debugging-pipe"]
DEADLINE_SECONDS = 60

# Runs before the page: a payload that became script would call owned().
WATCH = "window.stolen = []; window.owned = function (n) { window.stolen.push(n); return n; };"

AFTER = """JSON.stringify({
  stolen: window.stolen,
  disagrees: !document.getElementById('disagrees').hidden,
  rows: document.querySelectorAll('#checks tbody tr').length,
  articles: document.querySelectorAll('#causes article').length,
  scripts: document.scripts.length,
  strangers: Array.from(document.querySelectorAll('*')).filter(function (e) {
    return ['IMG', 'IFRAME', 'OBJECT', 'EMBED', 'FORM', 'VIDEO', 'AUDIO', 'SVG', 'MATH', 'BASE']
      .indexOf(e.tagName.toUpperCase()) >= 0; }).length,
  handlers: Array.from(document.querySelectorAll('*')).filter(function (e) {
    return Array.from(e.attributes).some(function (a) {
      return a.name.indexOf('on') === 0 || a.name === 'style'; }); }).length,
  addresses: Array.from(document.querySelectorAll('[href],[src]')).filter(function (e) {
    return !/^(#|data:,$)/.test(e.getAttribute('href') || e.getAttribute('src')); }).length,
  copies: document.querySelectorAll('button[data-copies]:not([hidden])').length,
  filters: !document.getElementById('filters').hidden,
  wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  headings: document.querySelectorAll('h1').length,
  duplicates: (function () { var seen = {}, n = 0;
    document.querySelectorAll('[id]').forEach(function (e) { if (seen[e.id]) n += 1; seen[e.id] = 1; });
    return n; })(),
  unscoped: document.querySelectorAll('th:not([scope])').length,
  uncaptioned: document.querySelectorAll('table:not(:has(caption))').length,
  shown_after_filter: (function () {
    var box = document.getElementById('filter-text');
    box.value = 'no such text anywhere'; box.dispatchEvent(new Event('input'));
    var n = document.querySelectorAll('#checks tbody tr:not([hidden])').length;
    box.value = ''; box.dispatchEvent(new Event('input'));
    return n; })()
})"""


class Browser:
    """One Chromium with a new, empty profile, spoken to over file descriptors 3 and 4."""

    def __init__(self, program):
        self.profile = tempfile.mkdtemp(prefix="coroner-chromium-")
        child_reads, self.writes = os.pipe()
        self.reads, child_writes = os.pipe()

        def wire():
            # Above 4 first: one of them may be 3 or 4 already.
            high_in, high_out = os.dup(child_reads), os.dup(child_writes)
            os.dup2(high_in, 3)
            os.dup2(high_out, 4)

        self.process = subprocess.Popen(
            [program, *FLAGS, "--user-data-dir=" + self.profile, "about:blank"],
            preexec_fn=wire, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(child_reads)
        os.close(child_writes)
        self.buffer = b""
        self.number = 0
        self.events = []

    def receive(self, until):
        while b"\0" not in self.buffer:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self.reads], [], [], left)[0]:
                raise TimeoutError("Chromium does not answer")
            chunk = os.read(self.reads, 1 << 16)
            if not chunk:
                raise ConnectionError("Chromium ended")
            self.buffer += chunk
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, session=None, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.writes, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + DEADLINE_SECONDS
        while True:
            answer = self.receive(until)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(method + ": " + answer["error"]["message"])
                return answer["result"]
            self.events.append(answer)

    def wait_for(self, name):
        until = time.monotonic() + DEADLINE_SECONDS
        while not any(event.get("method") == name for event in self.events):
            self.events.append(self.receive(until))

    def close(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)


def visit(browser, address, width, dark, has_script=True):
    """What the page says of itself, and the events of its loading."""
    target = browser.call("Target.createTarget", url="about:blank")["targetId"]
    session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    for domain in ("Page", "Runtime", "Network", "Log"):
        browser.call(domain + ".enable", session)
    browser.call("Page.addScriptToEvaluateOnNewDocument", session, source=WATCH)
    browser.call("Emulation.setDeviceMetricsOverride", session, width=width, height=900,
                 deviceScaleFactor=1, mobile=False)
    browser.call("Emulation.setEmulatedMedia", session, features=[
        {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
    browser.call("Emulation.setScriptExecutionDisabled", session, value=not has_script)
    browser.events.clear()
    browser.call("Page.navigate", session, url=address)
    browser.wait_for("Page.loadEventFired")
    return session, target


def complaints_of(events, address):
    said = []
    for event in events:
        method, data = event.get("method"), event.get("params", {})
        if method == "Runtime.exceptionThrown":
            said.append("script error: " + str(data["exceptionDetails"].get("text")))
        if method == "Log.entryAdded":
            said.append("log: " + data["entry"]["text"])
        if method == "Runtime.consoleAPICalled":
            said.append("console: " + str(data.get("args")))
        if method == "Page.javascriptDialogOpening":
            said.append("a dialog")
        if method == "Network.requestWillBeSent":
            url = data["request"]["url"]
            if url != address and not url.startswith("data:,"):
                said.append("request: " + url[:200])
    return said


def check_page(browser, name, path):
    address = "file://" + path
    wanted = json.load(open(os.path.join(os.path.dirname(path), "report.json")))
    failures = []
    for width, dark in ((1280, False), (320, True)):
        session, target = visit(browser, address, width, dark)
        seen = json.loads(browser.call("Runtime.evaluate", session, expression=AFTER)["result"]["value"])
        time.sleep(0.3)  # Timers of payloads, if any became script.
        seen["stolen"] += json.loads(browser.call(
            "Runtime.evaluate", session, expression="JSON.stringify(window.stolen)")["result"]["value"])
        for said in complaints_of(browser.events, address):
            failures.append(said)
        expected = {"stolen": [], "disagrees": False, "rows": len(wanted["results"]),
                    "articles": len(wanted["findings"]), "scripts": 2, "strangers": 0, "handlers": 0,
                    "addresses": 0, "filters": True, "headings": 1, "duplicates": 0, "unscoped": 0,
                    "uncaptioned": 0, "shown_after_filter": 0}
        for key, value in expected.items():
            if seen[key] != value:
                failures.append("%s is %r, not %r" % (key, seen[key], value))
        if seen["wide"] > 0:
            failures.append("%d px wider than the window of %d px" % (seen["wide"], width))
        if wanted["findings"] and seen["copies"] == 0:
            failures.append("no copy button is shown")
        browser.call("Target.closeTarget", targetId=target)
    session, target = visit(browser, address, 1280, False, has_script=False)
    root = browser.call("DOM.getDocument", session, depth=0)["root"]["nodeId"]
    text = browser.call("DOM.getOuterHTML", session, nodeId=root)["outerHTML"]
    for part in ("<h1>" + wanted["summary"]["verdict"], 'id="cause-1"' if wanted["findings"] else "No cause"):
        if part not in text:
            failures.append("without script there is no " + part)
    if text.count("data-state=") != len(wanted["results"]):
        failures.append("without script %d checks are shown" % text.count("data-state="))
    browser.call("Target.closeTarget", targetId=target)
    return ["%s: %s" % (name, failure) for failure in failures]


def take_pictures(browser, name, path, folder):
    import base64
    for width, dark in ((1280, False), (1280, True), (320, False), (320, True)):
        session, target = visit(browser, "file://" + path, width, dark)
        picture = browser.call("Page.captureScreenshot", session, captureBeyondViewport=True,
                               clip={"x": 0, "y": 0, "width": width, "height": 3000, "scale": 1})
        file = "%s-%d-%s.png" % (name, width, "dark" if dark else "light")
        with open(os.path.join(folder, file), "wb") as out:
            out.write(base64.b64decode(picture["data"]))
        browser.call("Target.closeTarget", targetId=target)


PAIRS = [(ink, paper, 4.5) for ink in ("text", "faint", "link", "pass", "warn", "fail", "blocked", "skip")
         for paper in ("page", "raised")]
PAIRS += [("on-mark", "mark", 4.5), ("text", "hit", 4.5), ("faint", "hit", 4.5), ("line", "page", 3.0),
          ("line", "raised", 3.0)]


def contrast_failures(style):
    """Pairs of colours that are nearer than WCAG 2.2 asks (1.4.3: 4.5, 1.4.11: 3), light and dark."""
    def luminance(colour):
        parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
        parts = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    failures, colours = [], {}
    for scheme, block in zip(("light", "dark"), re.findall(r":root \{(.*?)\}", style, re.DOTALL)):
        colours.update(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))
        for ink, paper, least in PAIRS:
            light, dark = sorted((luminance(colours[ink]), luminance(colours[paper])), reverse=True)
            ratio = (light + 0.05) / (dark + 0.05)
            if ratio < least:
                failures.append("%s: %s on %s has %.2f, not %.1f" % (scheme, ink, paper, ratio, least))
    return failures


def main():
    folder = os.path.abspath(sys.argv[1])
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not program:
        print("skipped: no Chromium (apt-get install chromium)")
        return 77
    browser = Browser(program)
    style = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../reports/html/report.css")
    failures = contrast_failures(open(style).read())
    try:
        for name in ("healthy", "nvml-missing", "mixed", "hostile", "large"):
            path = os.path.join(folder, name, "report.html")
            if len(sys.argv) > 2:
                take_pictures(browser, name, path, sys.argv[2])
            else:
                failures += check_page(browser, name, path)
    finally:
        browser.close()
    if len(sys.argv) == 2:
        print("\n".join(failures) if failures else "every page keeps its promises")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
