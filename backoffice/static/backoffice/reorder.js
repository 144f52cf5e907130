"use strict";
// The page of proposals: tick a supplier's lines at once, count what is ticked, mark quantities that are no whole packs.
(() => {
  const form = document.querySelector("[data-reorder]");
  if (!form) return;
  const told = form.querySelector("[data-ticked]");
  const boxes = (root) => [...root.querySelectorAll('input[name="proposal"]:not(:disabled)')];
  function refresh() {
    for (const group of form.querySelectorAll("[data-group]")) {
      const all = group.querySelector("[data-all]");
      const ticked = boxes(group).filter((box) => box.checked).length;
      all.checked = ticked > 0 && ticked === boxes(group).length;
      all.indeterminate = ticked > 0 && !all.checked;
    }
    for (const pieces of form.querySelectorAll("[data-pack]")) {
      pieces.classList.toggle("odd", Number(pieces.value) % Number(pieces.dataset.pack) !== 0);
    }
    if (!told) return;
    const count = boxes(form).filter((box) => box.checked).length;
    told.textContent = count === 0 ? told.dataset.none : count === 1 ? told.dataset.one : told.dataset.many.replace("#", count);
  }
  form.addEventListener("change", (event) => {
    if (event.target.matches("[data-all]")) {
      for (const box of boxes(event.target.closest("[data-group]"))) box.checked = event.target.checked;
    }
    if (event.target.matches("[data-pack]")) {
      const box = event.target.closest("tr").querySelector('input[name="proposal"]');
      if (!box.disabled) box.checked = true;
      const cell = event.target.closest("tr").querySelector("[data-amount]");
      if (cell && Number(cell.dataset.unit)) {
        const currency = event.target.closest("[data-group]").dataset.currency;
        const digits = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits;
        const amount = (Number(cell.dataset.unit) * Number(event.target.value)) / 10 ** digits;
        cell.textContent = new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency }).format(amount);
      }
    }
    refresh();
  });
  refresh();
})();
