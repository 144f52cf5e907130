"use strict";
// Dividing by hand: what is left of each line, and how many pieces and grams each parcel has. Without it the server still counts.
(() => {
  const form = document.querySelector("[data-dividing]");
  if (!form) return;
  const rows = [...form.querySelectorAll("tr[data-held]")];
  const number = (text) => Math.max(0, parseInt(text, 10) || 0);

  function count() {
    const sums = {};
    const add = (box, pieces, grams) => {
      const one = (sums[box] = sums[box] || { pieces: 0, grams: 0 });
      one.pieces += pieces;
      one.grams += pieces * grams;
    };
    let isWrong = false;
    rows.forEach((row) => {
      const grams = number(row.dataset.grams);
      let rest = number(row.dataset.held);
      row.querySelectorAll("input[data-box]").forEach((input) => {
        const pieces = number(input.value);
        rest -= pieces;
        add(input.dataset.box, pieces, grams);
      });
      const cell = row.querySelector("[data-rest]");
      cell.textContent = rest;
      cell.classList.toggle("late", rest < 0);
      isWrong = isWrong || rest < 0;
      add("rest", Math.max(0, rest), grams);
    });
    form.querySelectorAll("[data-sum]").forEach((cell) => {
      const one = sums[cell.dataset.sum] || { pieces: 0, grams: 0 };
      cell.textContent = one.pieces ? `${one.pieces}${one.grams ? ` · ${one.grams} g` : ""}` : "–";
    });
    const filled = Object.values(sums).filter((one) => one.pieces).length;
    form.querySelector("button[type=submit]").disabled = isWrong || filled < 2;
  }

  // arrows go from line to line as in a spreadsheet
  form.addEventListener("keydown", (event) => {
    if (!event.target.matches("input[data-box]") || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    const at = rows.indexOf(event.target.closest("tr")) + (event.key === "ArrowDown" ? 1 : -1);
    const next = rows[at] && rows[at].querySelector(`input[data-box="${event.target.dataset.box}"]`);
    event.preventDefault();
    if (next) { next.focus(); next.select(); }
  });
  form.addEventListener("input", count);
  count();
})();
