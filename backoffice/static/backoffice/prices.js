"use strict";
// The page of rules: only the questions that the choice needs are shown. Without the script all are.
(() => {
  const parts = document.querySelectorAll("[data-when]");
  function refresh() {
    for (const part of parts) {
      const [name, value] = part.dataset.when.split("=");
      const field = document.querySelector(`[name="${name}"]`);
      part.hidden = Boolean(field) && field.value !== value;
    }
  }
  document.addEventListener("change", refresh);
  refresh();
})();
