// The counter with a script: a draft that saves itself as it is typed, photographs sent in pieces that go on where the line was
// cut, "all" boxes. Without it the same forms are sent by their buttons.
(function () {
  "use strict";
  document.documentElement.classList.add("js");

  function token() {
    var field = document.querySelector('input[name="_xsrf"]');
    return field ? field.value : "";
  }

  // --- saving as typed -----------------------------------------------------------------------------------------------
  var form = document.querySelector("form[data-autosave]"), state = document.getElementById("savestate");
  var timer = 0, dirty = 0, sent = 0, busy = false, failures = 0, touched = {};

  function tell(text, kind) {
    if (!state) { return; }
    state.textContent = text;
    state.className = "savestate" + (kind ? " " + kind : "");
  }

  function failed(why) {
    failures += 1;
    tell(form.dataset[why] || form.dataset.failed, "failed");
    window.clearTimeout(timer);
    timer = window.setTimeout(save, Math.min(15000, 1000 * Math.pow(2, failures)));
  }

  function changed() {  // only what was touched here: a colleague may have the same draft open
    var fields = new URLSearchParams({ _xsrf: token() });
    new FormData(form).forEach(function (value, name) {
      if (touched[name] || name === "seen" || (touched.papers && name.indexOf("count-") === 0)) { fields.append(name, value); }
    });
    return fields;
  }

  function renew() {  // the token ran out (logged in again in another tab): fetch the present one and go on
    fetch(form.getAttribute("action"), { headers: { "HX-Request": "true" } }).then(function (answer) { return answer.text(); }).then(function (html) {
      var found = new DOMParser().parseFromString(html, "text/html").querySelector('input[name="_xsrf"]');
      if (found) { document.querySelectorAll('input[name="_xsrf"]').forEach(function (field) { field.value = found.value; }); }
    }).catch(function () { /* tried again with the next save */ });
  }

  // what the node finds wrong with a field (a check character, a date): beside it once it is left, as the page after lodging says it
  var wrong = {};
  function tellOf(name) {
    var field = form.elements[name];
    if (!window.tongban || !field || !field.type || /^(radio|checkbox|hidden)$/.test(field.type) || field === document.activeElement) { return; }
    if (touched[name]) { window.tongban.say(field, wrong[name] || window.tongban.fault(field)); }
  }

  function save(last) {
    window.clearTimeout(timer);
    if (!form || sent === dirty || busy) { return; }
    var mark = dirty;
    busy = true;
    fetch(form.getAttribute("action"), {
      method: "POST", body: changed(), redirect: "manual", keepalive: last === true,
      headers: { "HX-Request": "true", "HX-Current-URL": window.location.href }
    }).then(function (answer) {
      busy = false;
      if (answer.status === 401 || answer.type === "opaqueredirect") { return failed("locked"); }
      if (answer.status === 507) { return failed("full"); }
      if (answer.status === 403) { renew(); }
      if (answer.status === 404 || answer.status === 409) {  // lodged or thrown away by somebody else meanwhile
        return answer.json().then(function (refused) { tell(refused.error.message, "failed"); });
      }
      if (!answer.ok) { return failed("failed"); }
      return answer.json().then(function (done) {
        failures = 0;
        sent = mark;
        wrong = done.wrong || {};
        Object.keys(touched).forEach(tellOf);
        if (done.seen && form.elements.seen) { form.elements.seen.value = done.seen; }
        tell(done.saved, done.clashes ? "failed" : "");
        if (dirty !== sent) { timer = window.setTimeout(save, 800); }
      });
    }).catch(function () { busy = false; failed("failed"); });
  }

  if (form) {
    document.addEventListener("input", function (event) {  // the boxes of the checklist stand outside the form and belong to it
      if (event.target.form !== form) { return; }
      if (event.target.name) { touched[event.target.name.indexOf("count-") === 0 ? "papers" : event.target.name] = true; }
      dirty += 1;
      tell("", "busy");
      window.clearTimeout(timer);
      timer = window.setTimeout(save, 800);
    });
    form.addEventListener("focusout", function (event) { window.setTimeout(function () { if (event.target.name) { tellOf(event.target.name); } }, 100); });
    form.addEventListener("submit", function () { window.clearTimeout(timer); busy = true; });
    document.addEventListener("visibilitychange", function () { if (document.hidden) { save(true); } });
    window.addEventListener("pagehide", function () { save(true); });
  }
  document.addEventListener("click", function (event) {  // what the person gave the last time, at one press
    var offer = event.target.closest && event.target.closest("[data-offer]");
    if (!offer || !form) { return; }
    event.preventDefault();
    ["name", "phone", "address"].forEach(function (name) {
      if (!offer.dataset[name]) { return; }
      form.elements[name].value = offer.dataset[name];
      form.elements[name].dispatchEvent(new Event("input", { bubbles: true }));
    });
    form.elements.name.focus();
  });
  function mandate() {  // only an agent's application has one
    var box = document.getElementById("mandate"), chosen = document.querySelector('input[name="channel"]:checked');
    if (box) { box.hidden = Boolean(chosen) && chosen.value !== "village_agent"; }
  }
  if (form) { form.addEventListener("change", mandate); mandate(); }
  var problems = document.getElementById("problems");
  if (problems) { problems.focus(); }

  var guide = document.getElementById("guide");
  if (guide && window.matchMedia("(min-width: 1100px)").matches) { guide.open = true; }

  // --- photographs ---------------------------------------------------------------------------------------------------
  var PIECE = 256 * 1024, queue = [], sending = false;

  function keyOf(file) {
    var text = file.name + "|" + file.size + "|" + file.lastModified, a = 2166136261, b = 5381;
    for (var i = 0; i < text.length; i += 1) {
      a = Math.imul(a ^ text.charCodeAt(i), 16777619) >>> 0;
      b = (Math.imul(b, 33) + text.charCodeAt(i)) >>> 0;
    }
    return "f" + a.toString(16) + b.toString(16) + "-" + file.size;
  }

  function ask(method, url, body, headers) {
    return fetch(url, { method: method, body: body, redirect: "manual", headers: Object.assign({ "X-Upload": "1", "X-Xsrftoken": token() }, headers) })
      .then(function (answer) {
        if (answer.type === "opaqueredirect") { throw { message: "" }; }
        return answer.json().then(function (found) {
          if (!answer.ok) { throw { message: (found.error || {}).message || "", final: answer.status < 500 && answer.status !== 401 }; }
          return found;
        });
      });
  }

  function row(place, name) {
    var item = document.createElement("li"), words = document.createElement("span"), bar = document.createElement("progress");
    words.textContent = name + " ";
    bar.max = 100;
    bar.setAttribute("aria-label", name);
    item.append(words, bar);
    var list = place.querySelector(".uploads");
    if (list) { list.append(item); }
    return { item: item, bar: bar, words: words, name: name };
  }

  function wait(ms) { return new Promise(function (go) { window.setTimeout(go, ms); }); }

  function send(base, file, material, shown, tries) {
    var start = new URLSearchParams({ _xsrf: token(), key: keyOf(file), name: file.name, size: String(file.size), material: material });
    return ask("POST", base, start, {}).then(function next(made) {
      shown.bar.value = made.size ? made.offset * 100 / made.size : 0;
      if (made.whole) { return made; }
      var piece = file.slice(made.offset, made.offset + PIECE);
      return ask("PUT", base + "/" + made.id, piece, {
        "Upload-Offset": String(made.offset), "Upload-Length": String(file.size), "Upload-Name": encodeURIComponent(file.name).slice(0, 600),
        "Content-Type": "application/octet-stream"
      })
        .then(function (after) { tries = 0; return next(after); });
    }).catch(function (error) {
      if (error && error.final) { throw error; }
      shown.bar.removeAttribute("value");  // the line was cut: ask where to go on, and go on
      return wait(Math.min(15000, 1000 * Math.pow(2, tries || 0))).then(function () { return send(base, file, material, shown, (tries || 0) + 1); });
    });
  }

  function refresh(id) {
    var place = document.getElementById(id), part = "#" + window.CSS.escape(id);
    if (window.htmx && place) {
      window.htmx.ajax("GET", place.dataset.page, { target: part, select: part, swap: "outerHTML" });
    }
  }

  function work() {
    if (sending) { return; }
    var job = queue.shift();
    if (!job) { return; }
    sending = true;
    send(job.base, job.file, job.material, job.shown, 0).then(function () {
      job.shown.item.remove();
    }).catch(function (error) {
      job.shown.bar.remove();
      job.shown.item.className = "bad";
      job.shown.words.textContent = "✕ " + job.shown.name + ": " + (error.message || "");
      job.kept = true;
    }).then(function () {
      sending = false;
      var last = !queue.some(function (other) { return other.place === job.place; });
      if (last) { keepRefusals(job.place); }
      work();
    });
  }

  function keepRefusals(id) {  // sentences of refusals stay beside the pickers when the part is drawn anew
    var bad = Array.prototype.slice.call(document.querySelectorAll("#" + window.CSS.escape(id) + " .uploads .bad"));
    document.body.addEventListener("htmx:afterSwap", function () {
      var place = document.getElementById(id), list = place && place.querySelector(".uploads");
      if (list) { bad.forEach(function (one) { list.append(one); }); }
      count();
    }, { once: true });
    refresh(id);
  }

  function shownEverywhere(file) {  // a telephone's HEIC is seen by few browsers: one that can decode it draws it as JPEG
    if (!/^image\/hei[cf]/.test(file.type) && !/\.hei[cf]$/i.test(file.name)) { return Promise.resolve(file); }
    return window.createImageBitmap(file).then(function (picture) {
      var canvas = document.createElement("canvas");
      canvas.width = picture.width;
      canvas.height = picture.height;
      canvas.getContext("2d").drawImage(picture, 0, 0);
      return new Promise(function (done, fail) {
        canvas.toBlob(function (jpeg) {
          if (!jpeg) { return fail(new Error("heic")); }
          done(new File([jpeg], file.name.replace(/\.hei[cf]$/i, "") + ".jpg", { type: "image/jpeg", lastModified: file.lastModified }));
        }, "image/jpeg", 0.9);
      });
    });
  }

  function take(place, files, material) {
    if (!place) { return; }
    Array.prototype.forEach.call(files, function (file) {
      var shown = row(place, file.name);
      shownEverywhere(file).then(function (ready) {
        queue.push({ place: place.id, base: place.dataset.uploads, file: ready, material: material, shown: shown });
        work();
      }).catch(function () {
        shown.bar.remove();
        shown.item.className = "bad";
        shown.words.textContent = "✕ " + file.name + ": " + (document.body.dataset.heic || "");
      });
    });
  }

  // a correction: what is still missing, and the button only when nothing is
  function count() {
    var supply = document.querySelector("form[data-supply]"), line = document.getElementById("lacks"), names = [];
    if (!supply) { return; }
    document.querySelectorAll("[data-need]").forEach(function (one) {
      var paper = one.querySelector('input[name="papers"]'), fresh = one.querySelector(".new");
      if (!(paper && paper.checked) && !(fresh && fresh.dataset.got)) { names.push(one.dataset.need); }
    });
    if (line) { line.textContent = names.length ? supply.dataset.lacks + names.join("、") : ""; }
    supply.querySelectorAll("button").forEach(function (button) { button.disabled = names.length > 0; });
  }
  document.addEventListener("change", count);
  count();

  document.addEventListener("change", function (event) {
    var input = event.target;
    if (input.dataset && input.dataset.pick !== undefined && input.files.length) {
      take(input.closest("[data-uploads]"), input.files, input.dataset.pick);
      input.value = "";
    }
    if (input.dataset && input.dataset.all) {
      document.querySelectorAll('input[name="' + input.dataset.all + '"]').forEach(function (box) { box.checked = input.checked; });
    }
  });
  ["dragover", "dragleave", "drop"].forEach(function (kind) {
    document.addEventListener(kind, function (event) {
      var zone = event.target.closest && event.target.closest(".dropzone, #materials");
      if (!zone || !event.dataTransfer || !event.dataTransfer.types || Array.prototype.indexOf.call(event.dataTransfer.types, "Files") < 0) { return; }
      event.preventDefault();
      var mark = document.querySelector(".dropzone");
      if (mark) { mark.classList.toggle("over", kind === "dragover"); }
      if (kind === "drop") { take(document.getElementById("materials"), event.dataTransfer.files, ""); }
    });
  });

  // a photograph may also be dragged to its material; the choice beside it does the same
  function materialAt(event) { return event.target.closest ? event.target.closest("[data-material]") : null; }
  function dragged(event) { return Array.prototype.indexOf.call(event.dataTransfer.types || [], "text/x-tongban-file") >= 0; }
  document.addEventListener("dragstart", function (event) {
    var card = event.target.closest && event.target.closest("[data-file]");
    if (card) { event.dataTransfer.setData("text/x-tongban-file", card.dataset.file); }
  });
  document.addEventListener("dragover", function (event) {
    if (materialAt(event) && dragged(event)) { event.preventDefault(); }
  });
  document.addEventListener("drop", function (event) {
    var place = materialAt(event), select;
    if (!place || !dragged(event)) { return; }
    event.preventDefault();
    select = document.getElementById("s-" + event.dataTransfer.getData("text/x-tongban-file"));
    if (select && select.value !== place.dataset.material) {
      select.value = place.dataset.material;
      select.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
  window.addEventListener("beforeunload", function (event) {
    if (sending) { event.preventDefault(); }
  });
}());
