// The screen of a shared computer: says that somebody is typing, warns before it locks, locks, and keeps what was typed.
// The node locks by itself; this only makes it visible in time and loses nothing. Also the digits of the PIN page.
(function () {
  "use strict";
  var body = document.body, after = Number(body.dataset.lockAfter || 0) * 1000;
  var WARN = 20000, REPORT = 20000, KEY = "tb-active";

  document.querySelectorAll("form[data-pin]").forEach(function (form) {
    var pin = form.querySelector("input[name=pin]"), pad = form.querySelector(".pad");
    if (!pin || !pad) { return; }
    pad.hidden = false;
    form.lastElementChild.hidden = true;  // the pad has its own button
    pad.addEventListener("click", function (event) {
      var button = event.target.closest("[data-digit]");
      if (!button) { return; }
      var digit = button.dataset.digit;
      if (digit === "back") { pin.value = pin.value.slice(0, -1); }
      else if (pin.value.length < 6) { pin.value += digit; }
      pin.focus();
    });
  });

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-copy]"), from = button && document.querySelector(button.dataset.copy);
    if (!from) { return; }
    var select = window.getSelection(), range = document.createRange();
    range.selectNodeContents(from);
    select.removeAllRanges();
    select.addRange(range);
    if (navigator.clipboard) { navigator.clipboard.writeText(from.textContent).then(function () { button.textContent = button.dataset.copied; }); }
    else if (document.execCommand("copy")) { button.textContent = button.dataset.copied; }
  });

  function token() {
    var field = document.querySelector("input[name=_xsrf]");
    return field ? field.value : "";
  }

  function post(path, fields) {
    fields._xsrf = token();
    return fetch(path, { method: "POST", body: new URLSearchParams(fields), keepalive: true, redirect: "manual", cache: "no-store" });
  }

  // what was kept of this page when it was locked
  function shown(form) {
    return Array.prototype.filter.call(form.elements, function (one) {
      return one.name && one.name !== "_xsrf" && !/^(password|hidden|file|submit|button|reset)$/.test(one.type);
    });
  }

  function typed() {
    var found = {};
    document.querySelectorAll("form[method=post]").forEach(function (form) {
      shown(form).forEach(function (one, n) {
        var box = /^(checkbox|radio)$/.test(one.type), value = box ? one.checked : one.value;
        if (value !== (box ? one.defaultChecked : one.defaultValue) && !(one.tagName === "SELECT" && !one.value)) {
          found[(form.getAttribute("action") || "") + "|" + one.name + "|" + n] = value;
          if (form.elements.seen) { found[(form.getAttribute("action") || "") + "|seen"] = form.elements.seen.value; }
        }
      });
    });
    return found;
  }

  function putBack(found) {
    document.querySelectorAll("form[method=post]").forEach(function (form) {
      var seen = (form.getAttribute("action") || "") + "|seen";  // the typed words answered to what was shown then
      if (seen in found && form.elements.seen) { form.elements.seen.value = found[seen]; }
      shown(form).forEach(function (one, n) {
        var key = (form.getAttribute("action") || "") + "|" + one.name + "|" + n;
        if (!(key in found)) { return; }
        if (typeof found[key] === "boolean") { one.checked = found[key]; } else { one.value = found[key]; }
        one.dispatchEvent(new Event("input", { bubbles: true }));
        var fold = one.closest("details");
        if (fold) { fold.open = true; }
      });
    });
  }

  if (location.hash === "#kept") {
    history.replaceState(null, "", location.pathname + location.search);
    fetch("/lock/kept?page=" + encodeURIComponent(location.pathname + location.search), { headers: { "X-Pulse": "1" }, cache: "no-store" })
      .then(function (answer) { return answer.json(); })
      .then(function (kept) { if (kept.fields) { putBack(JSON.parse(kept.fields)); } })
      .catch(function () {});
  }

  if (!after || document.querySelector("form[data-pin]")) { return; }

  var last = Date.now(), told = last, pending = 0, locking = false;
  var warning = document.getElementById("lockwarn");

  function newest() {
    var elsewhere = 0;
    try { elsewhere = Number(localStorage.getItem(KEY) || 0); } catch (ignored) { elsewhere = 0; }
    return Math.max(last, elsewhere <= Date.now() ? elsewhere : 0);
  }

  function report() {
    pending = 0;
    told = Date.now();
    post("/lock/active", {}).then(function (answer) { return answer.ok ? answer.json() : {}; }).then(function (answer) {
      if (answer.locked) { lock(); }
    }).catch(function () {});
  }

  function active() {
    if (locking) { return; }
    last = Date.now();
    try { localStorage.setItem(KEY, String(last)); } catch (ignored) { /* a browser without storage: this window alone */ }
    if (warning) { warning.hidden = true; }
    if (!pending) { pending = window.setTimeout(report, Math.max(0, told + REPORT - last)); }
  }

  function lock() {
    if (locking) { return; }
    locking = true;
    var page = location.pathname + location.search, found = typed();
    var fields = { next: page, kept_page: page };
    if (Object.keys(found).length) { fields.kept = JSON.stringify(found); }
    post("/lock/now", fields).catch(function () {}).then(function () {
      location.replace("/lock?next=" + encodeURIComponent(page));
    });
  }

  function look() {
    var left = after - (Date.now() - newest());
    if (left <= 0) { lock(); return; }
    if (warning) {
      warning.hidden = left > WARN;
      warning.querySelector("[data-seconds]").textContent = String(Math.ceil(left / 1000));
    }
  }

  ["keydown", "pointerdown", "input", "wheel", "touchmove"].forEach(function (kind) {
    document.addEventListener(kind, active, { passive: true });
  });
  active();
  window.setInterval(look, 1000);
}());
