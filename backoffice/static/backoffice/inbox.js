// The inbox: keys, drafts that keep themselves, a cheap poll, who else is there. Without it every button still works.
(() => {
  "use strict";
  const inbox = document.querySelector("[data-inbox]");
  if (!inbox) return;
  const POLL = 12000, BEAT = 15000, PAUSE = 2500;
  const reply = inbox.querySelector("[data-reply]");
  const token = () => (document.querySelector("[name=csrfmiddlewaretoken]") || {}).value || "";
  const visible = () => document.visibilityState === "visible";

  // --- the poll: 304 while nothing has changed; what is typed is never touched
  let tag = "";
  async function poll() {
    if (!visible()) return;
    const headers = tag ? { "If-None-Match": tag } : {};
    let answer;
    try { answer = await fetch(inbox.dataset.poll, { headers, credentials: "same-origin" }); } catch { return; }
    if (answer.redirected || (answer.status !== 200 && answer.status !== 304)) return;
    const first = tag === "";
    tag = answer.headers.get("ETag") || tag;
    if (answer.status === 304) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const id of ["inbox-views", "inbox-rows", "thread"]) { // only those that changed are in the answer
      const [old, now] = [document.getElementById(id), fresh.getElementById(id)];
      if (!old || !now || (first && id !== "thread" && old.textContent === now.textContent)) continue;
      if (id === "thread") {
        if (old.querySelector("details[open]") || old.innerHTML === now.innerHTML) continue;
        if (Number(now.dataset.version) > Number(reply ? reply.elements.version.value : now.dataset.version)) {
          document.getElementById("inbox-moved").hidden = false;
        }
      }
      const [at, walked] = [old.scrollTop, old.contains(document.activeElement)];
      old.replaceWith(now);
      now.scrollTop = id === "thread" && now.lastElementChild ? now.scrollHeight : at;
      if (id === "inbox-rows") showPicked();
      if (walked) stand(rows().findIndex((row) => row.hasAttribute("aria-current")));
    }
  }
  window.setInterval(poll, POLL);
  document.addEventListener("visibilitychange", poll);
  poll();

  // --- who is there, and what is typed
  const chosen = () => Array.from(reply.querySelectorAll("[name=kept]:checked")).map((box) => box.value);
  const typed = () => JSON.stringify([reply.elements.body.value, chosen()]);
  let typedAt = 0, savedText = reply ? typed() : "", waiting = 0;
  async function beat() {
    if (!inbox.dataset.presence || !visible()) return;
    const body = new URLSearchParams({ typing: Date.now() - typedAt < 8000 ? "1" : "0", csrfmiddlewaretoken: token() });
    try {
      const answer = await fetch(inbox.dataset.presence, { method: "POST", body, credentials: "same-origin" });
      if (answer.ok) document.getElementById("present").innerHTML = await answer.text(); // our own template, escaped
    } catch { /* decoration only */ }
  }
  window.setInterval(beat, BEAT);
  beat();
  async function keep() {
    const text = reply.elements.body.value, now = typed();
    if (now === savedText) return;
    const body = new URLSearchParams({ do: "draft", body: text, version: reply.elements.version.value, csrfmiddlewaretoken: token() });
    if (reply.elements.has_kept) { body.append("has_kept", "1"); for (const id of chosen()) body.append("kept", id); }
    try {
      const answer = await fetch(inbox.dataset.act, { method: "POST", body, headers: { "X-Quiet": "1" }, credentials: "same-origin" });
      if (answer.status !== 204) return;
      savedText = now;
      const sign = inbox.querySelector("[data-saved]");
      sign.hidden = !text;
    } catch { /* the next pause tries again */ }
  }
  if (reply) {
    reply.elements.body.addEventListener("input", () => {
      const began = Date.now() - typedAt > 8000;
      typedAt = Date.now();
      if (began) beat();
      inbox.querySelector("[data-saved]").hidden = true;
      window.clearTimeout(waiting);
      waiting = window.setTimeout(keep, PAUSE);
    });
    reply.addEventListener("change", (event) => { if (event.target.name === "kept") keep(); });
    reply.addEventListener("submit", () => window.clearTimeout(waiting));
    reply.elements.files.addEventListener("change", (event) => {
      inbox.querySelector("[data-chosen]").textContent = Array.from(event.target.files).map((file) => file.name).join(", ");
    });
  }

  // --- answer or note
  function write(what) {
    for (const button of inbox.querySelectorAll("[data-write]")) {
      const chosen = button.dataset.write === what;
      button.setAttribute("aria-selected", String(chosen));
      document.getElementById(`write-${button.dataset.write}`).hidden = !chosen;
    }
    const area = document.getElementById(`${what}-body`);
    if (area) { area.focus(); area.setSelectionRange(area.value.length, area.value.length); }
  }
  inbox.addEventListener("click", async (event) => {
    const tab = event.target.closest("[data-write]");
    if (tab) write(tab.dataset.write);
    if (event.target.closest("[data-keys]")) help();
    const copy = event.target.closest("[data-copy]");
    if (copy) {
      try { await navigator.clipboard.writeText(document.querySelector(copy.dataset.copy).innerText); } catch { return; }
      copy.classList.add("done");
    }
  });

  // --- several at once
  const picked = new Set();
  const bulk = inbox.querySelector("[data-inbox-bulk]");
  let pickedLast = "";
  function showPicked() {
    if (!bulk) return;
    const boxes = Array.from(inbox.querySelectorAll("[data-pick]"));
    const here = new Set(boxes.map((box) => box.value));
    for (const id of picked) if (!here.has(id)) picked.delete(id);
    for (const box of boxes) box.checked = picked.has(box.value);
    bulk.hidden = picked.size === 0;
    bulk.elements._selected.value = Array.from(picked).join(",");
    bulk.querySelector("[data-count]").textContent = String(picked.size);
    inbox.classList.toggle("is-picking", picked.size > 0);
  }
  function pick(id, on, upTo) {
    const ids = Array.from(inbox.querySelectorAll("[data-pick]")).map((box) => box.value);
    const [from, to] = [ids.indexOf(pickedLast), ids.indexOf(id)];
    const range = upTo && from >= 0 && to >= 0 ? ids.slice(Math.min(from, to), Math.max(from, to) + 1) : [id];
    for (const one of range) if (on) picked.add(one); else picked.delete(one);
    pickedLast = id;
    showPicked();
  }
  inbox.addEventListener("click", (event) => {
    if (event.target.closest("[data-unpick]")) { picked.clear(); showPicked(); }
    const box = event.target.closest("[data-pick]");
    if (box) pick(box.value, box.checked, event.shiftKey);
  });
  function pickHere(upTo) {
    const all = rows();
    const row = all.find((one) => one.contains(document.activeElement)) || all.find((one) => one.hasAttribute("aria-current"));
    const box = row && row.querySelector("[data-pick]");
    if (box) pick(box.value, upTo || !picked.has(box.value), upTo);
  }

  // --- keys
  const rows = () => Array.from(inbox.querySelectorAll(".inbox-rows > li"));
  const help = () => document.getElementById("inbox-keys").showModal();
  function stand(place) {
    const link = rows()[place] && rows()[place].querySelector("a");
    if (link) link.focus();
  }
  function walk(step) {
    const all = rows();
    const at = all.findIndex((row) => row.contains(document.activeElement));
    const open = all.findIndex((row) => row.hasAttribute("aria-current"));
    const from = at >= 0 ? at : open;
    const next = Math.min(all.length - 1, Math.max(0, from < 0 ? 0 : from + step));
    if (all[next] && next !== open) all[next].querySelector("a").click();
  }
  const KEYS = {
    j: () => walk(1),
    k: () => walk(-1),
    r: () => write("reply"),
    n: () => write("note"),
    x: () => pickHere(false),
    X: () => pickHere(true),
    "/": () => document.getElementById("inbox-q").focus(),
    "?": help,
    Escape: () => { const back = inbox.querySelector(".inbox-back"); if (back) back.click(); },
  };
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || document.querySelector("dialog[open]")) return;
    const field = event.target.closest("input, textarea, select");
    if (field) {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && field.matches("textarea")) {
        event.preventDefault();
        field.form.requestSubmit();
      } else if (event.key === "Escape") field.blur();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const press = KEYS[event.key];
    if (press) { event.preventDefault(); press(); return; }
    const marked = /^[a-z]$/.test(event.key) && Array.from(inbox.querySelectorAll(`[data-key="${event.key}"]`)).pop();
    if (marked) { event.preventDefault(); marked.click(); }
  });
  const thread = document.getElementById("thread");
  if (thread) {
    const fresh = thread.querySelector(".is-new");
    if (fresh) fresh.scrollIntoView({ block: "nearest" }); else thread.scrollTop = thread.scrollHeight;
  }
})();
