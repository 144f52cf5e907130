"use strict";
// The lines of a purchase order: amounts follow what is typed, uneven packs are shown and rounded up on demand.
(() => {
  const form = document.querySelector("[data-order-lines]");
  if (!form) return;
  const number = (text) => Number(text.replaceAll(",", "").trim() || "0");

  function mark(input) {
    const quantity = number(input.value);
    const pack = Number(input.dataset.pack);
    input.classList.toggle("uneven", quantity > 0 && (quantity % pack !== 0 || quantity < Number(input.dataset.minimum)));
  }

  function count(row) {
    const shown = row.querySelector("[data-amount]");
    const quantity = row.querySelector("[name^=quantity_]");
    const price = row.querySelector("[name^=price_]");
    if (!shown || !quantity || !price) return;
    const amount = number(quantity.value) * number(price.value);
    shown.textContent = Number.isFinite(amount) ? amount.toLocaleString(document.documentElement.lang) : "–";
  }

  form.addEventListener("input", (event) => {
    const row = event.target.closest("tr");
    if (row) count(row);
    if (event.target.dataset.pack) mark(event.target);
  });
  const quantities = form.querySelectorAll("[data-pack]");
  quantities.forEach(mark);
  const round = form.querySelector("[data-round]");
  round.hidden = quantities.length === 0;
  round.addEventListener("click", () => {
    quantities.forEach((input) => {
      const quantity = number(input.value);
      if (!(quantity > 0)) return;
      const pack = Number(input.dataset.pack);
      input.value = String(Math.ceil(Math.max(quantity, Number(input.dataset.minimum)) / pack) * pack);
      mark(input);
      const row = input.closest("tr");
      if (row) count(row);
    });
  });
  // Enter goes on to the next quantity instead of sending the form half written
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.dataset.pack) return;
    event.preventDefault();
    const list = [...quantities];
    const next = list[list.indexOf(event.target) + 1];
    if (next) { next.focus(); next.select(); }
  });
})();
