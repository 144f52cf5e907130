"use strict";
// Serial numbers in a dialog: what the scanner types is ticked below, and counted. Without this file both are sent as they stand.
(() => {
  const parts = (text) => text.split(/[\n,]/).map((part) => part.normalize("NFKC").trim());

  function count(box) {
    const [said, typed] = [box.querySelector("[data-count]"), parts(box.querySelector("textarea").value).filter(Boolean)];
    const ticked = [...box.querySelectorAll("input:checked")].map((tick) => tick.value);
    const [found, wanted] = [new Set([...ticked, ...typed]).size, Number(said.dataset.wanted)];
    said.textContent = `${found} / ${wanted}`;
    said.classList.toggle("done", found === wanted);
    said.classList.toggle("over", found > wanted);
  }

  // a number is complete with the Enter that the scanner types after it
  function tick(box, area) {
    const lines = parts(area.value);
    const last = area.value.endsWith("\n") ? "" : lines.pop();
    const left = [];
    for (const number of lines.filter(Boolean)) {
      const known = [...box.querySelectorAll("input[type=checkbox]")].find((one) => one.value === number);
      if (known) known.checked = true;
      else if (!left.includes(number)) left.push(number);
      if (window.scanning) window.scanning.beep(known ? "good" : "odd");
    }
    if (lines.some(Boolean)) area.value = [...left, last].join("\n");
  }

  document.addEventListener("input", (event) => {
    const box = event.target.closest("[data-numbers]");
    if (!box) return;
    if (event.target.matches("textarea")) tick(box, event.target);
    count(box);
  });
})();
