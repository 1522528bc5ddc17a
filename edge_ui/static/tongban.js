// What every page does beyond HTML: keeps lists and the state of the line true while the page is open, and marks slow forms.
// Every page works without it.
(function () {
  "use strict";
  var body = document.body, head = Number(body.dataset.head || 0), failures = 0;

  function show(line) {
    var place = document.getElementById("line");
    if (!place || !line) { return; }
    place.className = "line " + line.state;
    place.querySelector("[data-text]").textContent = line.text;
  }

  function beat() {
    if (document.hidden) { return next(5000); }
    fetch("/pulse", { headers: { "X-Pulse": "1" }, cache: "no-store" }).then(function (answer) {
      if (!answer.ok) { throw new Error("pulse"); }
      return answer.json();
    }).then(function (pulse) {
      failures = 0;
      body.classList.remove("unreachable");
      show(pulse.line);
      if (pulse.head !== head) {
        head = pulse.head;
        body.dispatchEvent(new CustomEvent("tongban:changed", { bubbles: true }));
      }
      next(3000);
    }).catch(function () {
      failures += 1;
      if (failures > 1) { body.classList.add("unreachable"); }
      next(Math.min(30000, 3000 * failures));
    });
  }

  function next(ms) { window.setTimeout(beat, ms); }

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented || form.dataset.twice !== undefined) { return; }
    if (form.dataset.sent) { event.preventDefault(); return; }  // a second click while the first is under way
    form.dataset.sent = "1";
    window.setTimeout(function () { delete form.dataset.sent; }, 8000);
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) { delete form.dataset.sent; });
  });
  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-print]");
    if (button) { window.print(); }
  });

  if (body.dataset.live !== undefined) { next(3000); }
}());
