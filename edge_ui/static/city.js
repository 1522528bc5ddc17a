// Branches of the network that were opened or closed stay so when the tree is brought up to date.
(function () {
  "use strict";
  var kept = {};
  document.addEventListener("htmx:beforeSwap", function () {
    document.querySelectorAll("details[data-key]").forEach(function (one) { kept[one.dataset.key] = one.open; });
  });
  document.addEventListener("htmx:afterSettle", function () {
    document.querySelectorAll("details[data-key]").forEach(function (one) {
      if (one.dataset.key in kept) { one.open = kept[one.dataset.key]; }
    });
  });
}());
