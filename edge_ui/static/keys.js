// The keyboard: / the search, j and k the rows, n what is new, a letter the forward act of a case, ? this list. Nothing while somebody types.
(function () {
  "use strict";
  var dialog = document.getElementById("keys"), opener = document.querySelector("[data-keys]");
  if (!dialog || !dialog.showModal) { return; }

  function typing(target) {
    return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && !/^(checkbox|radio|button|submit)$/.test(target.type);
  }

  function rows() {
    return Array.prototype.map.call(document.querySelectorAll("main tbody tr"), function (row) {
      return row.querySelector("a[href]");
    }).filter(Boolean);
  }

  function move(step) {
    var all = rows(), row = document.activeElement.closest("tr");
    var now = row ? all.indexOf(row.querySelector("a[href]")) : -1;
    var next = all[now < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, now + step))];
    if (next) { next.focus(); }
  }

  function act(letter) {
    var found = document.querySelector("[data-key='" + letter + "']");
    if (!found) { return false; }
    found.open = true;
    var field = found.querySelector("form input:not([type=hidden]), form select, form textarea, form button");
    if (field) { field.focus(); }
    return true;
  }

  function news() {  // where no act of the case has the letter
    var link = document.querySelector("#news a");
    if (link) { link.click(); }
    return Boolean(link);
  }

  function list() {
    var place = dialog.querySelector("[data-acts]");
    place.textContent = "";
    document.querySelectorAll("[data-key]").forEach(function (one) {
      var row = document.createElement("div"), key = document.createElement("dt"), what = document.createElement("dd");
      key.appendChild(document.createElement("kbd")).textContent = one.dataset.key;
      what.textContent = one.dataset.act;
      row.append(key, what);
      place.appendChild(row);
    });
    dialog.showModal();
  }

  opener.hidden = false;
  opener.addEventListener("click", list);
  document.addEventListener("keydown", function (event) {
    var key = event.key, search = document.querySelector("main input[type=search]");
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || dialog.open || typing(event.target)) { return; }
    if (key === "/" && search) { search.focus(); search.select(); }
    else if (key === "?") { list(); }
    else if (key === "j" || key === "k") { move(key === "j" ? 1 : -1); }
    else if (!/^[a-z]$/.test(key) || !(act(key) || (key === "n" && news()))) { return; }
    event.preventDefault();
  });
}());
