// SPDX-License-Identifier: Apache-2.0
// What report.html can do beyond being read: copy, filter, print whole, and refuse to lie about counts.
(function () {
  "use strict";
  var byId = function (id) { return document.getElementById(id); };

  // A page whose table and numbers disagree was cut or changed: it must not look well.
  var agrees = false;
  try {
    var data = JSON.parse(byId("data").textContent);
    agrees = document.querySelectorAll("#checks tbody tr").length === data.rows &&
      document.querySelectorAll("#causes article").length === data.findings;
  } catch (error) {
    agrees = false;
  }
  if (!agrees) byId("disagrees").hidden = false;

  Array.prototype.forEach.call(document.querySelectorAll("[data-copies]"), function (button) {
    var source = byId(button.getAttribute("data-copies"));
    if (!source) return;
    button.hidden = false;
    button.addEventListener("click", function () {
      var label = button.textContent;
      var say = function (text) {
        button.textContent = text;
        setTimeout(function () { button.textContent = label; }, 2000);
      };
      var select = function () {
        var range = document.createRange();
        range.selectNodeContents(source);
        var selection = window.getSelection();
        selection.removeAllRanges();
        selection.addRange(range);
        say(document.execCommand("copy") ? "Copied" : "Selected");
      };
      if (!navigator.clipboard) return select();
      navigator.clipboard.writeText(source.textContent).then(function () { say("Copied"); }, select);
    });
  });

  var filters = byId("filters");
  var state = byId("filter-state");
  var text = byId("filter-text");
  var rows = document.querySelectorAll("#checks tbody tr");
  var apply = function () {
    var wanted = state.value;
    var words = text.value.toLowerCase();
    var shown = 0;
    Array.prototype.forEach.call(rows, function (row) {
      var fits = (!wanted || row.getAttribute("data-state") === wanted) &&
        (!words || row.textContent.toLowerCase().indexOf(words) >= 0);
      row.hidden = !fits;
      if (fits) shown += 1;
    });
    byId("filter-count").textContent = shown + " of " + rows.length + " shown";
  };
  filters.hidden = false;
  state.addEventListener("change", apply);
  text.addEventListener("input", apply);
  apply();

  window.addEventListener("beforeprint", function () {
    Array.prototype.forEach.call(document.querySelectorAll("details"), function (each) { each.open = true; });
  });
})();
