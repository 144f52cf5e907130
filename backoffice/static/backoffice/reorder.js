"use strict";
// The page of proposals: ticks with their sum, quantities in packs at the price of their break, and keys for all of it.
(() => {
  const form = document.querySelector("[data-reorder]");
  if (!form) return;
  const language = document.documentElement.lang;
  const told = form.querySelector("[data-ticked]");
  const sum = form.querySelector("[data-sum]");
  const boxes = (root) => [...root.querySelectorAll('input[name="proposal"]:not(:disabled)')];
  const rows = () => [...form.querySelectorAll(".reorder-lines tbody tr")];
  const pieces = (row) => row.querySelector("[data-pack]");
  const currencyOf = (row) => row.closest("[data-group]").dataset.currency;

  // --- money: minor units, whole
  function money(minor, currency) {
    const format = new Intl.NumberFormat(language, { style: "currency", currency, currencyDisplay: "narrowSymbol" });
    return format.format(minor / 10 ** format.resolvedOptions().maximumFractionDigits);
  }
  // the break with the most pieces that are reached; below the smallest one its price
  function price(row) {
    const cell = row.querySelector("[data-breaks]");
    if (!cell || !cell.dataset.breaks) return null;
    const breaks = cell.dataset.breaks.split(" ").map((text) => text.split(":").map(Number));
    const reached = breaks.filter(([least]) => least <= Number(pieces(row).value));
    return (reached.length ? reached[reached.length - 1] : breaks[0])[1];
  }
  function showAmount(row) {
    const one = price(row);
    if (one === null) return;
    row.querySelector("[data-breaks]").textContent = money(one, currencyOf(row));
    row.querySelector("[data-amount]").textContent = money(one * Number(pieces(row).value), currencyOf(row));
  }

  function refresh() {
    for (const group of form.querySelectorAll("[data-group]")) {
      const all = group.querySelector("[data-all]");
      const ticked = boxes(group).filter((box) => box.checked).length;
      all.checked = ticked > 0 && ticked === boxes(group).length;
      all.indeterminate = ticked > 0 && !all.checked;
    }
    for (const input of form.querySelectorAll("[data-pack]")) {
      input.classList.toggle("odd", Number(input.value) % Number(input.dataset.pack) !== 0);
    }
    if (!told) return;
    const ticked = boxes(form).filter((box) => box.checked);
    told.textContent = ticked.length === 0 ? told.dataset.none : ticked.length === 1 ? told.dataset.one : told.dataset.many.replace("#", ticked.length);
    form.classList.toggle("has-ticked", ticked.length > 0);
    const totals = new Map();
    for (const box of ticked) {
      const row = box.closest("tr");
      const one = price(row);
      if (one !== null) totals.set(currencyOf(row), (totals.get(currencyOf(row)) || 0) + one * Number(pieces(row).value));
    }
    sum.textContent = [...totals].map(([currency, total]) => money(total, currency)).join(" + ");
  }
  function tick(row, checked) {
    const box = row.querySelector('input[name="proposal"]');
    if (box.disabled) return;
    box.checked = checked === undefined ? !box.checked : checked;
  }
  function changed(input) {
    tick(input.closest("tr"), true);
    showAmount(input.closest("tr"));
    refresh();
  }
  form.addEventListener("change", (event) => {
    if (event.target.matches("[data-all]")) {
      for (const box of boxes(event.target.closest("[data-group]"))) box.checked = event.target.checked;
    }
    if (event.target.matches("[data-pack]")) changed(event.target);
    else refresh();
  });

  // --- keys: j k move, x ticks, q writes pieces, + - a pack, w why, o drafts, Shift+O hands in, / searches
  function step(input, packs) {
    const pack = Number(input.dataset.pack);
    const whole = packs > 0 ? Math.floor(Number(input.value) / pack) : Math.ceil(Number(input.value) / pack);
    input.value = String(Math.max(pack, (whole + packs) * pack));
    changed(input);
  }
  function here() { return rows().find((row) => row.contains(document.activeElement)); }
  function move(by) {
    const all = rows();
    const at = all.indexOf(here());
    const next = all[Math.min(all.length - 1, Math.max(0, at + by))];
    if (!next) return;
    next.querySelector(".reorder-what a").focus();
    next.scrollIntoView({ block: "nearest" });
  }
  function inPieces(event) {
    const input = event.target;
    if (event.key === "Enter") {
      event.preventDefault(); // goes on to the next quantity instead of ordering half of it
      const all = rows().map(pieces);
      const next = all[all.indexOf(input) + 1];
      if (next) { next.focus(); next.select(); } else input.blur();
    } else if (event.key === "Escape") input.closest("tr").querySelector(".reorder-what a").focus();
    else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      event.preventDefault();
      step(input, event.key === "ArrowUp" ? 1 : -1);
    }
  }
  const press = (what) => form.querySelector(`.reorder-bar [name="do"][value="${what}"]`)?.click();
  const keys = {
    j: () => move(1),
    k: () => move(-1),
    x: (row) => { if (row) { tick(row); refresh(); } },
    q: (row) => { if (row && !pieces(row).disabled) { pieces(row).focus(); pieces(row).select(); } },
    "+": (row) => { if (row && !pieces(row).disabled) step(pieces(row), 1); },
    "-": (row) => { if (row && !pieces(row).disabled) step(pieces(row), -1); },
    w: (row) => { const why = row?.querySelector("details"); if (why) why.open = !why.open; },
    o: () => press("order"),
    O: () => press("submit"),
    "/": () => document.querySelector(".reorder-search input[name=q]")?.focus(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("[data-pack]") && !["q", "j", "k", "x", "w"].includes(event.key)) { inPieces(event); return; }
    if (event.target.matches("input:not([type=checkbox]):not([data-pack]), textarea, select")) return;
    const key = event.key === "=" ? "+" : event.key;
    if (!Object.hasOwn(keys, key)) return;
    event.preventDefault();
    keys[key](here());
  });
  // the keyboard sends nothing twice either
  form.addEventListener("submit", () => form.classList.add("sent"));
  window.addEventListener("pageshow", () => { form.classList.remove("sent"); refresh(); });
  refresh();
})();
