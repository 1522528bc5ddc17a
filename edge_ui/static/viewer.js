// Pictures and PDF pages of materials, large: zoom, turn, next, by mouse, finger and keyboard. Without it a link opens the file.
(function () {
  "use strict";
  var box = document.getElementById("viewer");
  if (!box) { return; }
  document.body.append(box);  // beside what is made inert while it is open; below the warning of the lock
  var stage = box.querySelector(".viewstage"), name = document.getElementById("viewer-name"), whole = document.getElementById("viewer-full");
  var links = [], at = 0, shown = null, picture = null, back = null, zoom = 1, turned = 0, x = 0, y = 0, fingers = {}, started = null, pinched = 0;
  var MOST = 10, STEP = 1.4, PAN = 80;

  function button(what) { return box.querySelector('[data-do="' + what + '"]'); }

  // --- what is seen --------------------------------------------------------------------------------------------------
  function fit() {  // the scale at which all of the turned picture is seen
    var across = turned % 180 ? picture.naturalHeight : picture.naturalWidth, down = turned % 180 ? picture.naturalWidth : picture.naturalHeight;
    return Math.min(stage.clientWidth / (across || 1), stage.clientHeight / (down || 1), 4);
  }

  function draw() {
    if (!picture || !picture.naturalWidth) { return; }
    var scale = fit() * zoom, across = turned % 180 ? picture.naturalHeight : picture.naturalWidth;
    var down = turned % 180 ? picture.naturalWidth : picture.naturalHeight;
    var mostX = Math.max(0, (across * scale - stage.clientWidth) / 2), mostY = Math.max(0, (down * scale - stage.clientHeight) / 2);
    x = Math.max(-mostX, Math.min(mostX, x));
    y = Math.max(-mostY, Math.min(mostY, y));
    picture.style.transform = "translate(-50%, -50%) translate(" + x + "px, " + y + "px) rotate(" + turned + "deg) scale(" + scale + ")";
    box.dataset.zoom = String(Math.round(zoom * 100));
    box.dataset.turned = String(turned);
    button("out").disabled = zoom <= 1;
    button("in").disabled = zoom >= MOST;
  }

  function enlarge(by) {
    var before = zoom;
    zoom = Math.max(1, Math.min(MOST, zoom * by));
    x *= zoom / before;
    y *= zoom / before;
    draw();
  }

  function turn() {
    turned = (turned + 90) % 360;
    x = y = 0;
    draw();
  }

  function show(n) {
    at = (n + links.length) % links.length;
    shown = links[at];
    zoom = 1;
    turned = x = y = 0;
    fingers = {};
    var label = box.dataset.of.replace("{n}", at + 1).replace("{all}", links.length).replace("{name}", shown.dataset.name || "");
    name.textContent = label;
    whole.href = shown.href;
    stage.textContent = "";
    picture = null;
    if (shown.dataset.view === "pdf") { framed(label); } else { pictured(label); }
    ["in", "out", "whole", "turn"].forEach(function (what) { button(what).disabled = !picture; });
    ["previous", "next"].forEach(function (what) { button(what).disabled = links.length < 2; });
  }

  function pictured(label) {
    picture = document.createElement("img");
    picture.alt = label;
    picture.draggable = false;
    picture.addEventListener("load", draw);
    picture.addEventListener("error", function () { sorry(); });
    picture.src = shown.href;
    stage.append(picture);
  }

  function framed(label) {  // the browser's own page viewer zooms and turns
    if (!navigator.pdfViewerEnabled) { return sorry(); }
    var frame = document.createElement("iframe");
    frame.title = label;
    frame.src = shown.href;
    stage.append(frame);
  }

  function sorry() {
    var words = document.createElement("p");
    words.setAttribute("role", "alert");
    words.textContent = box.dataset.cannot;
    picture = null;
    stage.textContent = "";
    stage.append(words);
  }

  // --- opened and closed ---------------------------------------------------------------------------------------------
  function behind(off) {
    Array.prototype.forEach.call(document.body.children, function (one) {
      if (one !== box && !/^(lockwarn)$/.test(one.id) && !one.classList.contains("lost")) { one.inert = off; }
    });
    document.body.classList.toggle("viewing", off);
  }

  function open(link) {
    links = Array.prototype.slice.call(document.querySelectorAll("a[data-view]"));
    back = link;
    box.hidden = false;
    behind(true);
    show(Math.max(0, links.indexOf(link)));
    button("close").focus();
  }

  function close() {
    box.hidden = true;
    behind(false);
    stage.textContent = "";
    picture = null;
    var place = back && back.isConnected ? back : document.querySelector('a[data-view][href="' + window.CSS.escape(whole.getAttribute("href")) + '"]');
    if (place) { place.focus(); }
  }

  var DO = {
    previous: function () { show(at - 1); }, next: function () { show(at + 1); }, "in": function () { enlarge(STEP); },
    out: function () { enlarge(1 / STEP); }, turn: turn, close: close,
    whole: function () { zoom = 1; x = y = 0; draw(); }
  };

  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("a[data-view]"), does;
    if (link && event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      return open(link);
    }
    does = event.target.closest && event.target.closest("#viewer [data-do]");
    if (does) { DO[does.dataset.do](); }
  });

  document.addEventListener("keydown", function (event) {
    if (box.hidden || event.ctrlKey || event.metaKey || event.altKey) { return; }
    var large = picture && zoom > 1, does = {
      Escape: close, "+": DO["in"], "=": DO["in"], "-": DO.out, "0": DO.whole, r: turn, R: turn, PageDown: DO.next, PageUp: DO.previous,
      ArrowRight: large ? function () { x -= PAN; draw(); } : DO.next, ArrowLeft: large ? function () { x += PAN; draw(); } : DO.previous,
      ArrowDown: large ? function () { y -= PAN; draw(); } : null, ArrowUp: large ? function () { y += PAN; draw(); } : null
    }[event.key];
    if (!does || (!picture && /^[-+=0rR]$/.test(event.key))) { return; }
    event.preventDefault();
    event.stopPropagation();
    does();
  }, true);

  // --- fingers and mouse ---------------------------------------------------------------------------------------------
  function apart() {
    var two = Object.keys(fingers).map(function (id) { return fingers[id]; });
    return two.length === 2 ? Math.hypot(two[0].x - two[1].x, two[0].y - two[1].y) : 0;
  }

  stage.addEventListener("pointerdown", function (event) {
    if (!picture || event.button > 0) { return; }
    fingers[event.pointerId] = { x: event.clientX, y: event.clientY };
    started = { x: event.clientX, y: event.clientY, zoomed: zoom > 1 };
    pinched = apart();
    if (pinched) { started = null; }
    stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener("pointermove", function (event) {
    var finger = fingers[event.pointerId], now;
    if (!finger) { return; }
    if (!pinched) { x += event.clientX - finger.x; y += event.clientY - finger.y; }
    finger.x = event.clientX;
    finger.y = event.clientY;
    if (pinched && (now = apart())) {
      enlarge(now / pinched);
      pinched = now;
    }
    draw();
  });
  function lifted(event) {
    var across = started ? event.clientX - started.x : 0, down = started ? event.clientY - started.y : 0;
    if (!fingers[event.pointerId]) { return; }
    delete fingers[event.pointerId];
    pinched = apart();
    if (event.type === "pointerup" && started && !started.zoomed && Math.abs(across) > 60 && Math.abs(across) > 2 * Math.abs(down)) {
      show(at + (across < 0 ? 1 : -1));  // wiped aside, as in a telephone's album
    }
    started = null;
  }
  ["pointerup", "pointercancel"].forEach(function (kind) { stage.addEventListener(kind, lifted); });
  stage.addEventListener("wheel", function (event) {
    if (!picture) { return; }
    event.preventDefault();
    enlarge(event.deltaY < 0 ? 1.15 : 1 / 1.15);
  }, { passive: false });
  stage.addEventListener("dblclick", function () { if (zoom > 1) { DO.whole(); } else { enlarge(2.5); } });
  window.addEventListener("resize", function () { if (!box.hidden) { draw(); } });
}());
