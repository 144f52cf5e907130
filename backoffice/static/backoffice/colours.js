// Colours: a folded choice shows what was chosen; beside a written colour stands the browser's own input for colours.
// Everything works without this file too.
(() => {
  "use strict";
  if (window.coloursReady) return; // several panels of a page bring it
  window.coloursReady = true;

  document.addEventListener("change", (event) => {
    const fold = event.target.closest?.("[data-swatches]");
    if (!fold || event.target.type !== "radio") return;
    const label = event.target.closest("label");
    const shown = fold.querySelector("summary");
    shown.querySelector(".dot")?.remove();
    const dot = label.querySelector(".dot");
    if (dot) shown.prepend(dot.cloneNode(true));
    shown.querySelector("span").textContent = label.querySelector("span").textContent;
  });

  const written = /^#[0-9a-f]{6}$/i;
  const pick = (text) => {
    const colour = document.createElement("input");
    colour.type = "color";
    colour.className = "colour-pick";
    colour.setAttribute("aria-label", text.dataset.colour);
    colour.title = text.dataset.colour;
    const show = () => {
      const is = written.test(text.value.trim());
      colour.value = is ? text.value.trim().toLowerCase() : "#ffffff";
      colour.classList.toggle("empty", !is);
    };
    colour.addEventListener("input", () => {
      text.value = colour.value;
      colour.classList.remove("empty");
      text.dispatchEvent(new Event("change", { bubbles: true }));
    });
    text.addEventListener("input", show);
    text.after(colour);
    show();
  };
  const dress = (within) => within.querySelectorAll("input[data-colour]").forEach((text) => {
    if (text.name.includes("__prefix__") || text.nextElementSibling?.classList.contains("colour-pick")) return;
    pick(text);
  });
  const start = () => dress(document);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start); else start();
  document.addEventListener("formset:added", (event) => dress(event.target)); // a row that was added on the page
})();
