// The calendar of tasks: a task is dragged to another day; the link beside it does the same with a dialog.
(() => {
  "use strict";
  const calendar = document.getElementById("task-calendar");
  if (!calendar) return;
  let entry = null;
  const day = (event) => event.target.closest("[data-day]");
  const mark = (target) => calendar.querySelectorAll("[data-day]").forEach((other) => other.classList.toggle("target", other === target));

  calendar.addEventListener("click", (event) => {
    const shift = event.target.closest(".shift");
    if (!shift || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    window.work.open(shift.href);
  });
  calendar.addEventListener("dragstart", (event) => {
    entry = event.target.closest(".entry[draggable=true]");
    if (!entry) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", entry.textContent.trim());
    entry.classList.add("lifted");
  });
  calendar.addEventListener("dragover", (event) => {
    const target = day(event);
    if (!entry || !target) return;
    event.preventDefault();
    mark(target);
  });
  calendar.addEventListener("dragend", () => {
    mark(null);
    if (entry) entry.classList.remove("lifted");
    entry = null;
  });
  calendar.addEventListener("drop", async (event) => {
    const target = day(event);
    if (!entry || !target || target === entry.closest("[data-day]")) return;
    event.preventDefault();
    const moved = entry;
    try {
      const answer = await window.work.drop(moved.dataset.move, { on: target.dataset.day });
      if (answer.status === 200) {
        list(target).append(moved);
        window.work.say(answer.sentence);
      } else {
        window.work.say(answer.sentence || calendar.dataset.lost, true);
      }
    } catch {
      window.work.say(calendar.dataset.lost, true);
    }
  });
  function list(target) {
    let entries = target.querySelector(".entries");
    if (!entries) {
      entries = document.createElement("ul");
      entries.className = "entries";
      target.append(entries);
    }
    return entries;
  }
})();
