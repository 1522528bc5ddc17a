// The last page of the first run: goes to the login as soon as the node answers at this address.
(function () {
  "use strict";
  var place = document.querySelector("[data-wait]");
  if (!place) { return; }
  function look() {
    fetch(place.dataset.wait, { cache: "no-store", redirect: "manual" }).then(function (answer) {
      if (answer.ok) { location.replace(place.dataset.go); } else { window.setTimeout(look, 500); }
    }).catch(function () { window.setTimeout(look, 500); });
  }
  window.setTimeout(look, 1200);
}());
