"use strict";
// Which columns are shown and how wide they are: kept for this person.
(() => {
  const choose = document.querySelector("[data-grid-choose]");
  const chooser = document.getElementById("grid-chooser");
  const S = window.sheet;
  if (!choose || !chooser || !S) return;

  function open(isOpen) {
    chooser.hidden = !isOpen;
    S.closePop();
    choose.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) chooser.querySelector("input").focus();
  }
  choose.addEventListener("click", () => open(chooser.hidden));
  chooser.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    open(false);
    choose.focus();
  });
  chooser.querySelector("[data-grid-arrange]").addEventListener("click", async () => {
    const ticked = Array.from(chooser.querySelectorAll("[name=column]:checked"), (box) => box.value);
    // what was there keeps its place, new columns follow
    const kept = S.columns.map((column) => column.key).filter((key) => ticked.includes(key));
    const columns = ["sku", ...kept, ...ticked.filter((key) => !kept.includes(key))];
    try {
      const response = await S.post(S.frame.dataset.arrange, { columns });
      if (response.ok) { window.location.reload(); return; }
      S.notice(response.status === 422 ? (await response.json()).sentence : S.words.lost);
    } catch {
      S.notice(S.words.lost);
    }
  });

  // --- widths
  let drag = null;
  let waiting = null;
  const widths = {};
  function keep(c, width) {
    const column = S.columns[c];
    column.width = Math.max(48, Math.min(900, Math.round(width)));
    widths[column.key] = column.width;
    S.layout();
    window.clearTimeout(waiting);
    waiting = window.setTimeout(() => { S.post(S.frame.dataset.arrange, { widths }).catch(() => {}); }, 600);
  }
  S.heads.forEach((th, c) => {
    const grip = th.querySelector(".grip");
    grip.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      grip.setPointerCapture(event.pointerId);
      drag = { c, from: event.clientX, width: S.columns[c].width };
    });
    grip.addEventListener("pointermove", (event) => { if (drag && drag.c === c) keep(c, drag.width + event.clientX - drag.from); });
    grip.addEventListener("pointerup", () => { drag = null; });
    grip.addEventListener("dblclick", () => {
      const longest = Math.max(0, ...S.rows.map((_row, r) => S.shown(r, c).length));
      keep(c, Math.min(480, Math.max(72, longest * 8 + 28)));
    });
  });
})();
