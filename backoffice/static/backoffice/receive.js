"use strict";
// Receiving at the gate: a scan adds one to its line, buttons step, sums and colours follow.
(() => {
  const root = document.getElementById("receiving");
  const form = document.getElementById("receive-form");
  if (!root || !form) return;
  const { codes, words } = JSON.parse(document.getElementById("receive-data").textContent);
  const scan = document.getElementById("scan");
  const said = document.getElementById("said");
  const lines = [...form.querySelectorAll("[data-line]")];
  const field = (line, name) => form.elements[`${name}_${line.dataset.line}`];
  const count = (input) => Number.parseInt(input.value, 10) || 0;
  const taken = (line) => ["good", "damaged", "inspect"].reduce((sum, name) => sum + count(field(line, name)), 0);

  function tell(kind, sentence) {
    said.className = `receive-said ${kind}`;
    said.textContent = sentence;
    said.hidden = false;
    window.scanning.beep(kind);
  }

  function draw() {
    const sums = { good: 0, damaged: 0, inspect: 0 };
    let over = false;
    for (const line of lines) {
      const open = Number(line.dataset.open);
      const pieces = taken(line);
      for (const name of Object.keys(sums)) sums[name] += count(field(line, name));
      line.classList.toggle("over", pieces > open);
      line.classList.toggle("full", pieces > 0 && pieces === open);
      line.classList.toggle("short", pieces > 0 && pieces < open);
      over = over || pieces > open;
      const left = line.querySelector("[data-left]");
      if (!pieces) left.textContent = "";
      else if (pieces > open) left.textContent = words.too_many.replace("%s", pieces - open);
      else left.textContent = pieces === open ? words.complete : words.left.replace("%s", open - pieces);
    }
    for (const [name, sum] of Object.entries(sums)) form.querySelector(`[data-sum=${name}]`).textContent = sum;
    form.querySelector("[data-over]").hidden = !over;
  }

  function step(input, by) {
    input.value = String(Math.max(0, count(input) + by));
    draw();
  }

  window.scanning.listen(scan, (code) => {
    const line = lines.find((one) => one.dataset.line === String(codes[code.toLowerCase()]));
    if (!line) {
      tell("bad", words.unknown.replace("%s", code));
      return;
    }
    const mode = form.elements.mode.value;
    step(field(line, mode), 1);
    if (mode !== "good") line.querySelector("details").open = true;
    const over = taken(line) > Number(line.dataset.open);
    tell(over ? "odd" : "good", (over ? words.over : words.added).replace("%s", line.dataset.sku));
    for (const one of lines) one.classList.toggle("now", one === line);
    line.scrollIntoView({ block: "center" });
  });

  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step], [data-all]");
    if (!button) return;
    const line = button.closest("[data-line]");
    const good = field(line, "good");
    if (button.dataset.step) step(good, Number(button.dataset.step));
    else step(good, Number(line.dataset.open) - taken(line));
  });
  form.addEventListener("input", draw);
  // Enter in a count jumps to the scanner instead of sending half a delivery
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("input[type=text]:not(#scan)")) {
      event.preventDefault();
      scan.focus();
    }
  });
  form.addEventListener("submit", () => { form.querySelector("[type=submit]").disabled = true; });
  window.addEventListener("pageshow", () => { form.querySelector("[type=submit]").disabled = false; });
  draw();
  scan.focus({ preventScroll: true });
})();
