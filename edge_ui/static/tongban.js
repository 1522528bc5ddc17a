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

  function tell(news) {  // words change only when something is new, so that a screen reader says it once
    var place = document.getElementById("news"), text = place && place.querySelector("[data-text]");
    if (!text || !news || text.textContent === news.text) { return; }
    place.querySelector("[data-n]").textContent = news.n;
    text.textContent = news.text;
    place.classList.toggle("none", news.n === "0");
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
      tell(pulse.news);
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

  // --- what is wrong with a field, beside it: when it is left, gone when it is mended (forms are novalidate; the server says the same)
  var words = JSON.parse(body.dataset.faults || "{}"), pressed = false, later = [];

  function about(field) {  // the element that the sentence describes: of choices their group
    return /^(radio|checkbox)$/.test(field.type) ? field.closest("fieldset") || field : field;
  }

  function say(field, text) {
    var place = about(field), id = (place.id || field.id || "f-" + field.name) + "-e", told = document.getElementById(id);
    var described = (place.getAttribute("aria-describedby") || "").split(" ").filter(function (one) { return one && one !== id; });
    if (!text) {
      if (told) { told.remove(); }
      place.removeAttribute("aria-invalid");
      field.classList.remove("is-invalid");
    } else {
      if (!told) {
        told = document.createElement("div");
        told.id = id;
        told.className = "invalid";
        told.setAttribute("aria-live", "polite");
        if (place === field) {
          var after = field.closest(".input-group, .form-check") || field;
          if (after.nextElementSibling && after.nextElementSibling.classList.contains("form-text")) { after = after.nextElementSibling; }
          after.after(told);
        } else { place.append(told); }
      }
      var sign = document.createElement("span");
      sign.setAttribute("aria-hidden", "true");
      sign.textContent = "✕";
      told.replaceChildren(sign, " " + text);
      described.push(id);
      if (place === field) { field.setAttribute("aria-invalid", "true"); field.classList.add("is-invalid"); }
    }
    if (described.length) { place.setAttribute("aria-describedby", described.join(" ")); } else { place.removeAttribute("aria-describedby"); }
  }

  function fault(field) {  // "" when nothing is wrong
    var found = field.validity;
    if (!found || !field.willValidate) { return ""; }
    if (found.badInput) { return field.dataset.fault || words.invalid; }
    if (found.valueMissing || (field.required && field.type !== "password" && !String(field.value).trim())) { return words.missing; }
    if (found.rangeUnderflow || found.rangeOverflow) {
      return words.out_of_range + (field.min && field.max ? " (" + field.min + "–" + field.max + ")" : "");
    }
    return found.valid ? "" : field.dataset.fault || words.invalid;
  }

  function watched(field) { return Boolean(field && field.form && field.form.noValidate && field.name && field.type !== "hidden"); }

  document.addEventListener("focusout", function (event) {
    var field = event.target;
    if (!watched(field) || field.type === "file" || field.form.dataset.pin !== undefined) { return; }
    function look() {
      var text = fault(field);
      if (text) { say(field, text); }
    }
    if (pressed) { later.push(look); } else { look(); }  // not under the finger: what is pressed must not move away
  });
  document.addEventListener("pointerdown", function () { pressed = true; }, true);
  ["pointerup", "pointercancel"].forEach(function (kind) {
    document.addEventListener(kind, function () {
      pressed = false;
      window.setTimeout(function () { later.splice(0).forEach(function (look) { look(); }); }, 50);
    }, true);
  });
  ["input", "change"].forEach(function (kind) {
    document.addEventListener(kind, function (event) {
      var field = event.target, place = watched(field) && about(field);
      if (place && document.getElementById((place.id || field.id || "f-" + field.name) + "-e") && !fault(field)) { say(field, ""); }
    });
  });

  function fits(form, button) {  // before it is sent, so that chosen files and passwords need not be given again
    if (!form.noValidate || form.dataset.autosave !== undefined || (button && button.formNoValidate)) { return true; }
    var wrong = Array.prototype.filter.call(form.elements, function (field) { return watched(field) && fault(field); });
    wrong.forEach(function (field) { say(field, fault(field)); });
    if (wrong.length) { wrong[0].focus(); }
    return !wrong.length;
  }
  window.tongban = { say: say, fault: fault };

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (!event.defaultPrevented && !fits(form, event.submitter)) { event.preventDefault(); return; }
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
