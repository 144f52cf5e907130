// Pictures of a product: a picture dropped on another takes its place. The buttons do the same without a mouse.
(() => {
  "use strict";
  function start() {
    const grid = document.getElementById("picture-grid");
    const token = document.querySelector("#picture-order [name=csrfmiddlewaretoken]");
    const said = document.getElementById("picture-said");
    if (!grid || !token) return;
    const cards = () => Array.from(grid.children);
    let card = null;

    grid.addEventListener("dragstart", (event) => {
      card = event.target.closest(".picture-card");
      if (!card) return;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", "");
      card.classList.add("lifted");
    });
    grid.addEventListener("dragover", (event) => {
      const over = event.target.closest(".picture-card");
      if (!card || !over) return;
      event.preventDefault();
      cards().forEach((each) => each.classList.toggle("target", each === over && each !== card));
    });
    grid.addEventListener("dragend", () => {
      cards().forEach((each) => each.classList.remove("target", "lifted"));
      card = null;
    });
    grid.addEventListener("drop", async (event) => {
      const over = event.target.closest(".picture-card");
      if (!card || !over) return;
      event.preventDefault();
      if (over === card) return;
      const place = cards().indexOf(over);
      const response = await fetch(card.dataset.moveUrl, {
        method: "POST", credentials: "same-origin",
        headers: { "X-CSRFToken": token.value, Accept: "application/json" },
        body: new URLSearchParams({ position: String(place) }),
      });
      // numbers, badges, buttons and the check list follow from the order: the server draws them again
      if (response.ok) { window.location.reload(); return; }
      const answer = (response.headers.get("Content-Type") || "").includes("json") ? await response.json() : {};
      said.textContent = answer.sentence || String(response.status);
      said.classList.add("bad");
      said.hidden = false;
    });
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
