// Previews of imports and layouts of exports. Everything works without this file too.
(() => {
  "use strict";
  document.documentElement.classList.add("js");

  // a choice is tried at once
  document.querySelectorAll("form[data-choices]").forEach((form) => form.addEventListener("change", () => form.requestSubmit()));

  // corrections: changed cells stand out, only they are sent, Enter goes to the next faulty cell
  document.querySelectorAll("form[data-corrections]").forEach((form) => {
    const inputs = [...form.querySelectorAll("[name^=cell-]")];
    inputs.forEach((input) => input.addEventListener("input", () => input.classList.toggle("edited", input.value !== input.defaultValue)));
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.target.tagName !== "INPUT" || event.ctrlKey || event.metaKey) return;
      const faulty = inputs.filter((input) => input.hasAttribute("aria-invalid"));
      const next = faulty[faulty.indexOf(event.target) + 1];
      if (next) { event.preventDefault(); next.focus(); next.select(); }
    });
    form.addEventListener("submit", () => inputs.forEach((input) => { input.disabled = input.value === input.defaultValue; }));
    window.addEventListener("pageshow", () => inputs.forEach((input) => { input.disabled = false; }));
  });

  // columns in the order of the file
  document.querySelectorAll("[data-order]").forEach((list) => {
    let dragged = null;
    list.addEventListener("click", (event) => {
      const button = event.target.closest("[data-move]");
      if (!button) return;
      const item = button.closest("li");
      const other = button.dataset.move === "-1" ? item.previousElementSibling : item.nextElementSibling;
      if (!other) return;
      if (button.dataset.move === "-1") other.before(item); else other.after(item);
      button.focus();
    });
    list.addEventListener("dragstart", (event) => {
      dragged = event.target.closest("li");
      if (dragged) { event.dataTransfer.effectAllowed = "move"; dragged.classList.add("dragged"); }
    });
    list.addEventListener("dragover", (event) => {
      const over = event.target.closest("li");
      if (!dragged || !over) return;
      event.preventDefault();
      if (over === dragged) return;
      const items = [...list.children];
      if (items.indexOf(over) < items.indexOf(dragged)) over.before(dragged); else over.after(dragged);
    });
    list.addEventListener("drop", (event) => event.preventDefault());
    list.addEventListener("dragend", () => { if (dragged) dragged.classList.remove("dragged"); dragged = null; });
  });

  // columns: all, none, or those under a heading; each heading shows how many of its own are chosen
  document.querySelectorAll("[data-ticks]").forEach((tools) => {
    const items = [...tools.parentElement.querySelectorAll("[data-order] > li")];
    const boxOf = (item) => item.querySelector("input[type=checkbox]");
    const under = (heading) => items.filter((item) => item.dataset.heading === heading);
    const isChosen = (item) => boxOf(item).checked;
    const show = () => {
      tools.querySelectorAll("[data-tick-heading]").forEach((button) => {
        const own = under(button.dataset.tickHeading);
        button.querySelector("b").textContent = own.filter(isChosen).length;
        button.setAttribute("aria-pressed", String(own.every(isChosen)));
      });
      tools.querySelector("[data-tick-count]").textContent = `${items.filter(isChosen).length} / ${items.length}`;
    };
    tools.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      const heading = button.dataset.tickHeading;
      const chosen = heading === undefined ? items : under(heading);
      const wanted = heading === undefined ? button.dataset.tick === "all" : !chosen.every(isChosen);
      chosen.forEach((item) => { boxOf(item).checked = wanted; });
      show();
    });
    tools.parentElement.addEventListener("change", show);
    show();
  });
})();
