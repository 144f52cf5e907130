"use strict";
// The packing table without leaving the page: one answer replaces the table, one hears what it is.
// Without this file the same forms work by reloading.
(() => {
  const root = document.getElementById("pack");
  if (!root) return;
  const HEAD = { "X-Table": "1" };
  const WATCH = 5000; // milliseconds between two looks whether the order was cancelled meanwhile
  const focus = () => {
    const field = root.querySelector("[data-scan] [name=code]");
    if (field) { field.focus(); field.select(); }
  };

  function show(html) {
    const page = new DOMParser().parseFromString(html, "text/html");
    root.replaceChildren(...page.body.childNodes);
    const said = root.querySelector("[data-beep]");
    if (said) window.scanning.beep(said.dataset.beep);
    focus();
  }

  async function ask(url, options) {
    if (root.hasAttribute("aria-busy")) return; // Enter twice is one press
    root.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(url, { ...options, headers: HEAD });
      const text = await answer.text();
      if (!answer.ok || answer.redirected) { window.location.reload(); return; }
      show(text);
    } catch {
      root.querySelector("[data-offline]").hidden = false;
      window.scanning.beep("bad");
    } finally {
      root.removeAttribute("aria-busy");
    }
  }

  root.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(event.target.action, { method: "POST", body: new URLSearchParams(new FormData(event.target)) });
  });
  root.addEventListener("change", (event) => {
    if (event.target.matches("[data-send]")) event.target.form.requestSubmit();
  });
  // a scanner types wherever the cursor is: letters that meet nothing go to the field
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1) return;
    if (event.target.matches("input, textarea, select, button, summary, a")) return;
    focus();
  });

  window.setInterval(async () => {
    const open = root.querySelector("[data-packing]");
    if (!open || !open.dataset.packing || document.hidden || root.hasAttribute("aria-busy")) return;
    const query = `?packing=${open.dataset.packing}`;
    try {
      const answer = await fetch(root.dataset.state + query);
      if (!answer.ok || (await answer.json()).goes_on) return;
      const now = root.querySelector("[data-packing]");
      if (!now || now.dataset.packing !== open.dataset.packing) return; // answered by a scan meanwhile
      const wave = root.querySelector("[name=wave]");
      await ask(`${root.dataset.table}${query}&wave=${wave ? wave.value : ""}`, {});
    } catch { /* the next look, or the next scan, tells it */ }
  }, WATCH);
  focus();
  // who came by a button of ours meant this order: the scan of it is that one press
  const begun = root.querySelector("[data-scan]");
  if (begun && begun.elements.code.value && document.referrer.startsWith(`${window.location.origin}/`)) {
    window.history.replaceState(null, "", window.location.pathname);
    begun.requestSubmit();
  }
})();
