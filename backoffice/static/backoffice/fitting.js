// Articles that fit: one press puts the link or the text where the cursor stands. Without it the list stays empty.
(() => {
  "use strict";
  const area = document.getElementById("reply-body");
  const list = document.getElementById("fitting");
  if (!area || !list) return;
  function insert(words) {
    const [from, to] = [area.selectionStart, area.selectionEnd];
    const before = area.value.slice(0, from);
    const gap = before === "" || before.endsWith("\n") ? "" : "\n";
    area.setRangeText(gap + words + "\n", from, to, "end");
    area.focus();
    area.dispatchEvent(new Event("input", { bubbles: true })); // the draft keeps it
  }
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert]");
    if (button) insert(button.dataset.insert);
  });
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.code !== "KeyH" || event.isComposing) return;
    if (document.querySelector("dialog[open]") || area.closest("[hidden]")) return;
    const first = list.querySelector("li:has([data-insert])");
    if (!first) return;
    const button = first.querySelector(event.shiftKey ? "[data-insert-text]" : "[data-insert]");
    if (button) { event.preventDefault(); insert(button.dataset.insert); }
  });
})();
