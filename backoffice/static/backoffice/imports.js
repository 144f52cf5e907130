// Choosing files by dropping them, and forms that are sent once. Everything works without this file too.
(() => {
  "use strict";
  document.documentElement.classList.add("js");

  function zones() {
    document.querySelectorAll("[data-drop-zone]").forEach((zone) => {
      const input = zone.querySelector("input[type=file]");
      const name = zone.querySelector("[data-drop-name]");
      const show = () => {
        if (!input.files.length) return;
        const file = input.files[0];
        const size = file.size > 1048576 ? (file.size / 1048576).toFixed(1) + " MB" : Math.max(1, Math.round(file.size / 1024)) + " KB";
        name.textContent = file.name + " (" + size + ")";
        zone.classList.add("filled");
      };
      input.addEventListener("change", show);
      ["dragenter", "dragover"].forEach((kind) => zone.addEventListener(kind, (event) => { event.preventDefault(); zone.classList.add("over"); }));
      ["dragleave", "drop"].forEach((kind) => zone.addEventListener(kind, () => zone.classList.remove("over")));
      zone.addEventListener("drop", (event) => {
        event.preventDefault();
        if (event.dataTransfer.files.length) { input.files = event.dataTransfer.files; show(); }
      });
      show();
    });
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-once]")) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    form.querySelectorAll("button:not([type=button])").forEach((button) => { button.setAttribute("aria-busy", "true"); button.style.opacity = ".6"; });
  });
  // back from the cache of the browser: the form may be sent again
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    form.querySelectorAll("button").forEach((button) => { button.removeAttribute("aria-busy"); button.style.opacity = ""; });
  }));
  // one empty rule is enough until it is used
  document.addEventListener("input", (event) => {
    const row = event.target.closest(".rule-row");
    if (row && row.nextElementSibling) row.nextElementSibling.classList.remove("later");
  });
  document.addEventListener("DOMContentLoaded", zones);
  if (document.readyState !== "loading") zones();
})();
