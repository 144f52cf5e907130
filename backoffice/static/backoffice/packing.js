// The day's packing by keyboard: j and k walk through the orders, other keys press the link of the order one is at.
(() => {
  "use strict";
  const list = document.querySelector("[data-walk]");
  if (!list) return;
  const rows = () => Array.from(list.children);
  const STORE = "packing.at"; // after a parcel has left the page comes anew: go on where one was

  function stand(row) {
    if (!row) return;
    rows().forEach((one) => one.toggleAttribute("aria-current", one === row));
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest", behavior: "instant" });
    try { window.sessionStorage.setItem(STORE, String(rows().indexOf(row))); } catch { /* private window */ }
  }
  const here = () => rows().findIndex((row) => row.hasAttribute("aria-current"));

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.matches("input, textarea, select") || document.querySelector("dialog[open]")) return;
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      stand(rows()[Math.min(rows().length - 1, Math.max(0, here() + step))]);
      return;
    }
    const row = rows()[here()];
    const link = row && /^[a-z]$/.test(event.key) && row.querySelector(`[data-key="${event.key}"]`);
    if (link) { event.preventDefault(); link.click(); }
  });
  list.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-walk] > li");
    if (row && !row.hasAttribute("aria-current")) rows().forEach((one) => one.toggleAttribute("aria-current", one === row));
  });
  // a dialog's answer leads to the order's page; here one goes on packing, and reads the answer above the list
  document.body.addEventListener("htmx:beforeOnLoad", (event) => {
    if (!event.detail.xhr.getResponseHeader("HX-Redirect")) return;
    event.preventDefault();
    window.location.reload();
  });
  let at = 0;
  try { at = Number(window.sessionStorage.getItem(STORE)) || 0; } catch { /* private window */ }
  stand(rows()[Math.min(at, rows().length - 1)]);
})();
