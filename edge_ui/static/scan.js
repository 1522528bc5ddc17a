// The QR code of a paper, by the camera of this device or from a photograph; the code goes into the field, the node answers.
// Nothing leaves the browser but the code. Without this script the field stands alone, and nothing is offered that does nothing.
(function () {
  "use strict";
  var box = document.getElementById("scan"), field = document.querySelector("form[action='/verify'] input[name=code]");
  if (!box || !field) { return; }
  var video = box.querySelector("video"), told = box.querySelector("[role=status]"), file = box.querySelector("input[type=file]");
  var camera = box.querySelector("[data-do=camera]"), close = box.querySelector("[data-do=close]"), canvas = document.createElement("canvas");
  var SIDE = 960, PHOTO = [1600, 800, 2400], EVERY = 200, stream = null, reader = null;

  function say(what) { told.textContent = what ? box.dataset[what] : ""; }

  function picture(source, width, height, most) {  // what was seen, drawn with `most` pixels at its longer side, at most three times as large
    var scale = Math.min(3, most / Math.max(width, height)), pen = canvas.getContext("2d", { willReadFrequently: true });
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(source, 0, 0, canvas.width, canvas.height);
    return pen.getImageData(0, 0, canvas.width, canvas.height);
  }

  function decoder() {  // fetched from this node when it is needed first
    reader = reader || import(box.dataset.decoder).catch(function (error) { reader = null; throw error; });
    return reader;
  }

  function read(decode, source, width, height, most) {  // the text of the code, "" when there is none
    try {
      return decode(picture(source, width, height, most));
    } catch (error) {
      return "";
    }
  }

  function codeOf(text) {  // papers carry an address with their code; another node's paper is asked about here too
    try {
      var address = new URL(text);
      return /\/verify$/.test(address.pathname) ? address.searchParams.get("code") || "" : "";
    } catch (error) {
      return text.trim();
    }
  }

  function found(text) {
    var code = codeOf(text);
    stop();
    if (!code) { return say("foreign"); }
    say("");
    field.value = code;
    field.form.requestSubmit();
  }

  // --- camera --------------------------------------------------------------------------------------------------------
  function stop() {
    if (stream) { stream.getTracks().forEach(function (track) { track.stop(); }); }
    stream = null;
    video.srcObject = null;
    video.hidden = close.hidden = true;
    camera.hidden = !there();
  }

  function there() { return Boolean(navigator.mediaDevices && navigator.mediaDevices.getUserMedia); }

  function look(decode) {
    if (!stream) { return; }
    var text = video.videoWidth ? read(decode, video, video.videoWidth, video.videoHeight, SIDE) : "";
    if (text) { return found(text); }
    window.setTimeout(function () { look(decode); }, EVERY);
  }

  camera.addEventListener("click", function () {
    camera.hidden = true;
    say("wait");
    navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false }).then(function (got) {
      stream = got;
      video.srcObject = got;
      video.hidden = close.hidden = false;
      return Promise.all([decoder(), video.play()]);
    }).then(function (both) {
      say("look");
      close.focus();
      look(both[0].decodeQR);
    }).catch(function () {
      stop();
      say("refused");
    });
  });
  close.addEventListener("click", function () { stop(); say(""); camera.focus(); });
  document.addEventListener("visibilitychange", function () { if (document.hidden && stream) { stop(); say(""); } });
  window.addEventListener("pagehide", stop);

  // --- a photograph --------------------------------------------------------------------------------------------------
  file.addEventListener("change", function () {
    var chosen = file.files[0];
    file.value = "";
    if (!chosen) { return; }
    stop();
    say("wait");
    Promise.all([decoder(), createImageBitmap(chosen)]).then(function (both) {
      var text = "";
      PHOTO.some(function (most) { return (text = read(both[0].decodeQR, both[1], both[1].width, both[1].height, most)); });
      both[1].close();
      if (text) { found(text); } else { say("none"); }
    }).catch(function () { say("unreadable"); });
  });

  camera.hidden = !there();
  box.hidden = false;
}());
