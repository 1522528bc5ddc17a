// The desk of a supervisor while it is open: says which figures of the first row changed when it was refreshed.
// Without it the new figures just stand there.
(function () {
  "use strict";
  var known = read(), said = "";

  function read() {
    var found = {};
    document.querySelectorAll(".heads [data-figure]").forEach(function (one) {
      found[one.dataset.figure] = { name: one.dataset.name, value: one.querySelector("b").textContent, place: one };
    });
    return found;
  }

  document.body.addEventListener("htmx:afterSettle", function () {
    var now = read(), place = document.getElementById("deskchange"), words = [];
    if (!place) { return; }
    Object.keys(now).forEach(function (figure) {
      var before = known[figure];
      if (!before || before.value === now[figure].value) { return; }
      now[figure].place.classList.add("changed");
      words.push(place.dataset.words.replace("{name}", now[figure].name).replace("{before}", before.value).replace("{now}", now[figure].value));
    });
    known = now;
    said = words.length ? words.join("；") : said;
    place.textContent = said;
  });
})();
