"use strict";
// The proofing page: remarks set by a press on the picture, uploads with a progress bar, a slider, arrows. All of it is plain forms and links below.
(() => {
  document.documentElement.classList.add("js");
  const page = () => document.getElementById("proof");
  const find = (selector, within) => (within || document).querySelector(selector);
  const all = (selector, within) => Array.from((within || document).querySelectorAll(selector));
  const kept = {
    get: (name) => { try { return sessionStorage.getItem("proof-" + name); } catch (error) { return null; } },
    set: (name, value) => { try { sessionStorage.setItem("proof-" + name, value); } catch (error) { /* private windows */ } },
  };
  const isTyping = (target) => target.matches("textarea, select, input:not([type=checkbox]):not([type=radio]):not([type=range])");

  // --- switches: remembered for the session, so that the next version is seen the same way
  function restore() {
    all("[data-keep]").forEach((input) => {
      const value = kept.get(input.dataset.keep);
      if (value === null) return;
      input.checked = input.type === "radio" ? input.value === value : value === "on";
    });
    full();
  }
  function full() {
    const actual = find("[name=stage-size][value=actual]");
    const picture = find("[data-canvas] .proof-picture");
    if (actual && actual.checked && picture && picture.dataset.full && picture.getAttribute("src") !== picture.dataset.full) picture.src = picture.dataset.full;
  }
  document.addEventListener("change", (event) => {
    const input = event.target;
    if (!input.matches("[data-keep]")) return;
    kept.set(input.dataset.keep, input.type === "radio" ? input.value : input.checked ? "on" : "off");
    full();
  });

  // --- remarks
  const form = () => find("[data-pin-form]");
  function place(event) {
    const canvas = event.target.closest("[data-canvas].pinnable");
    if (!canvas || event.target.closest("a.pin") || event.button > 0) return;
    const box = canvas.getBoundingClientRect();
    const left = Math.min(100, Math.max(0, (event.clientX - box.left) / box.width * 100));
    const top = Math.min(100, Math.max(0, (event.clientY - box.top) / box.height * 100));
    open(left, top);
  }
  function open(left, top) {
    const box = find("#pin-add");
    const marker = find("[data-new-pin]");
    if (!box || !marker) return;
    form().elements.left.value = left.toFixed(2);
    form().elements.top.value = top.toFixed(2);
    marker.style.left = left.toFixed(2) + "%";
    marker.style.top = top.toFixed(2) + "%";
    marker.hidden = false;
    box.open = true;
    box.classList.add("floating");
    const frame = find(".stage-frame").getBoundingClientRect();
    const spot = marker.getBoundingClientRect();
    const x = Math.min(Math.max(8, spot.right - frame.left + 10), Math.max(8, frame.width - 310));
    const y = Math.min(Math.max(8, spot.top - frame.top), Math.max(8, frame.height - 180));
    box.style.setProperty("--at-x", x + "px");
    box.style.setProperty("--at-y", (x + 300 > spot.left - frame.left && x < spot.right - frame.left ? y + 40 : y) + "px");
    find("#pin-text").focus({ preventScroll: true });
  }
  function cancel() {
    const box = find("#pin-add");
    if (!box || !box.open) return false;
    box.open = false;
    box.classList.remove("floating");
    const marker = find("[data-new-pin]");
    if (marker) marker.hidden = true;
    return true;
  }
  function light(id) {
    all(".lit").forEach((row) => row.classList.remove("lit"));
    if (!id) return;
    all("[data-pin='" + id + "'], [data-remark='" + id + "']").forEach((row) => row.classList.add("lit"));
  }
  document.addEventListener("click", (event) => {
    const pin = event.target.closest("a.pin[data-pin]");
    if (pin) {
      light(pin.dataset.pin);
      const row = find("#pin-" + pin.dataset.pin);
      if (row) { event.preventDefault(); row.scrollIntoView({ block: "nearest", behavior: "smooth" }); }
    } else if (event.target.closest("[data-cancel-pin]")) {
      cancel();
    } else if (event.target.closest("[data-canvas]")) {
      place(event);
    } else if (event.target.closest("[data-choose-file]")) {
      const input = find("#upload-file");
      if (!input) return;
      event.preventDefault();
      find("#upload").scrollIntoView({ block: "center" });
      if (input.files.length) input.form.requestSubmit();
      else input.click();
    }
  });
  document.addEventListener("mouseover", (event) => {
    const row = event.target.closest("[data-remark], a.pin[data-pin]");
    if (row) light(row.dataset.remark || row.dataset.pin);
  });
  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return; // Enter also ends a Korean or Japanese word
    if (event.key === "Escape" && cancel()) { event.preventDefault(); return; }
    if (event.key === "Enter" && !event.shiftKey && event.target.id === "pin-text") {
      event.preventDefault();
      if (event.target.value.trim()) form().requestSubmit();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || isTyping(event.target) || event.target.matches("input")) return;
    if (event.target.matches(".stage") && event.target.scrollWidth > event.target.clientWidth) return;
    const link = event.key.startsWith("Arrow") && find("[data-arrow='" + event.key + "']");
    if (link) { event.preventDefault(); link.click(); }
  });

  // --- comparing
  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-cut]")) event.target.closest("[data-slider]").style.setProperty("--cut", event.target.value + "%");
    if (event.target.matches("[data-counted]")) count(event.target);
  });

  // --- text: characters as people count them
  function count(field) {
    const told = find("[data-counter]", field.parentElement);
    if (!told) return;
    const length = Array.from(field.value.trim().normalize("NFC")).length;
    const limit = Number(field.dataset.limit || 0);
    const write = new Intl.NumberFormat(document.documentElement.lang);
    told.textContent = limit ? write.format(length) + " / " + write.format(limit) : write.format(length);
    told.classList.toggle("over", Boolean(limit) && length > limit);
  }

  // --- uploading
  function size(bytes) { return bytes > 1048576 ? (bytes / 1048576).toFixed(1) + " MB" : Math.max(1, Math.ceil(bytes / 1024)) + " KB"; }
  function chosen() {
    const input = find("#upload-file");
    const zone = find("[data-drop-zone]");
    if (!input || !zone || !input.files.length) return;
    const file = input.files[0];
    find("[data-drop-name]").textContent = file.name;
    find("[data-drop-facts]").textContent = size(file.size);
    zone.classList.add("filled");
    const old = find("img", zone);
    if (old) { URL.revokeObjectURL(old.src); old.replaceWith(icon()); }
    if (!/^image\/(png|jpeg|webp|gif)$/.test(file.type)) return;
    const picture = new Image();
    picture.alt = "";
    picture.onload = () => {
      find("[data-drop-facts]").textContent = picture.naturalWidth + " × " + picture.naturalHeight + " px · " + size(file.size);
      const symbol = find(".material-symbols-outlined", zone);
      if (symbol) symbol.replaceWith(picture);
    };
    picture.src = URL.createObjectURL(file);
  }
  function icon() {
    const symbol = document.createElement("span");
    symbol.className = "material-symbols-outlined";
    symbol.setAttribute("aria-hidden", "true");
    symbol.textContent = "upload_file";
    return symbol;
  }
  document.addEventListener("change", (event) => { if (event.target.id === "upload-file") chosen(); });
  // anywhere on the page: nobody aims while dragging
  ["dragenter", "dragover"].forEach((kind) => document.addEventListener(kind, (event) => {
    if (!find("[data-upload]") || !event.dataTransfer || !Array.from(event.dataTransfer.types).includes("Files")) return;
    event.preventDefault();
    page().classList.add("dropping");
  }));
  ["dragleave", "drop"].forEach((kind) => document.addEventListener(kind, (event) => {
    if (page() && (kind === "drop" || !event.relatedTarget)) page().classList.remove("dropping");
  }));
  document.addEventListener("drop", (event) => {
    const input = find("#upload-file");
    if (!input || !event.dataTransfer || !event.dataTransfer.files.length) return;
    event.preventDefault();
    const one = new DataTransfer();
    one.items.add(event.dataTransfer.files[0]);
    input.files = one.files;
    chosen();
    find("#upload").scrollIntoView({ block: "nearest" });
  });
  function send(target) {
    const bar = find("[data-sending]", target);
    const told = find("[data-sent]", target);
    const refused = find("[data-upload-error]", target);
    const button = find("button[type=submit]", target);
    const request = new XMLHttpRequest();
    const stop = (words) => {
      bar.hidden = true;
      button.disabled = false;
      refused.textContent = words;
      refused.hidden = false;
    };
    const show = (percent, words) => {
      find("i", bar).style.width = percent + "%";
      find(".progress", bar).setAttribute("aria-valuenow", percent);
      told.textContent = words;
    };
    refused.hidden = true;
    bar.hidden = false;
    button.disabled = true;
    show(0, target.dataset.uploading + " 0 %");
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      const percent = Math.floor(event.loaded / event.total * 100);
      show(percent, percent < 100 ? target.dataset.uploading + " " + percent + " % · " + size(event.loaded) + " / " + size(event.total) : target.dataset.checking);
    });
    request.addEventListener("load", () => {
      let answer = null;
      try { answer = JSON.parse(request.responseText); } catch (error) { answer = null; }
      if (answer && answer.url) window.location.assign(answer.url);
      else stop(answer && answer.error ? answer.error : target.dataset.failed);
    });
    ["error", "abort", "timeout"].forEach((kind) => request.addEventListener(kind, () => stop(target.dataset.failed)));
    request.open("POST", target.action);
    request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
    request.send(new FormData(target));
  }

  // --- forms that are sent once; a wish for changes says what
  document.addEventListener("submit", (event) => {
    const target = event.target;
    if (target.matches("[data-upload]")) { event.preventDefault(); send(target); return; }
    if (!target.matches("#proof form[data-once]")) return;
    if (target.dataset.sent) { event.preventDefault(); return; }
    const pressed = event.submitter;
    if (pressed && pressed.matches("[data-needs-words]") && !target.elements.note.value.trim() && !find(".pins .remark:not(.done)")) {
      event.preventDefault();
      target.elements.note.scrollIntoView({ block: "center" });
      target.elements.note.focus({ preventScroll: true });
      return;
    }
    target.dataset.sent = "1";
    all("button", target).forEach((button) => button.setAttribute("aria-busy", "true"));
  });
  window.addEventListener("pageshow", () => all("form[data-sent]").forEach((target) => {
    delete target.dataset.sent;
    all("button", target).forEach((button) => button.removeAttribute("aria-busy"));
  }));

  // --- a check that has ended: show it, unless somebody is writing
  function checked() {
    const done = find("[data-checked]");
    if (done && !all("#proof textarea").some((field) => field.value !== field.defaultValue)) window.location.replace(done.dataset.checked);
  }
  // what was being written elsewhere on the page outlives a remark that is saved
  let written = [];
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id !== "proof") return;
    written = all("#proof textarea[id]").filter((field) => field.id !== "pin-text" && field.value !== field.defaultValue).map((field) => [field.id, field.value]);
  });
  function start() {
    written.forEach(([id, value]) => { const field = document.getElementById(id); if (field) field.value = value; });
    written = [];
    restore();
    all("[data-counted]").forEach(count);
    chosen();
    if (/^#pin-\d+$/.test(location.hash)) light(location.hash.slice(5));
  }
  document.addEventListener("htmx:afterSwap", (event) => { if (find("[data-checked]")) checked(); else if (event.detail.target.id === "proof" || event.target.id === "proof") start(); });
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
