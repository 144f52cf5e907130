// Macros in the editor: a slash opens them, arrows walk, what is typed goes along. Without it the button still works.
(() => {
  "use strict";
  const area = document.getElementById("reply-body");
  const button = document.querySelector("[data-macros]");
  const dialog = document.getElementById("dialog");
  if (!area || !button || !dialog) return;
  area.addEventListener("input", (event) => {
    if (event.isComposing || event.data !== "/") return;
    const before = area.value.slice(0, area.selectionStart - 1);
    if (before === "" || /\s$/.test(before)) button.click();
  });
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb === "post" && event.target.matches("[data-macro-form]")) event.detail.parameters.typed = area.value;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id !== "dialog") return;
    const field = dialog.querySelector("[data-macro-search], .macro-use .btn.primary:not([disabled]), .macro-use select");
    if (field) field.focus();
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.isComposing || !dialog.querySelector("[data-macro]")) return;
    const all = Array.from(dialog.querySelectorAll("[data-macro]"));
    const at = all.indexOf(document.activeElement);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const next = at + (event.key === "ArrowDown" ? 1 : -1);
      if (next < 0) dialog.querySelector("[data-macro-search]").focus(); else if (all[next]) all[next].focus();
    } else if (event.key === "Enter" && event.target.matches("[data-macro-search]")) {
      event.preventDefault();
      all[0].click();
    }
  });
  dialog.addEventListener("close", () => area.focus());
})();
