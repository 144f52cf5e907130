// The board: cards are dragged with a mouse (others use the menu of the card); the server decides, the board shows.
(() => {
  "use strict";
  const SECONDS = 30;
  const board = document.getElementById("board");
  if (!board) return;
  const columns = () => Array.from(board.querySelectorAll("[data-column]"));
  const store = {
    read(key, other) { try { return JSON.parse(window.localStorage.getItem("board." + key)) ?? other; } catch { return other; } },
    write(key, value) { try { window.localStorage.setItem("board." + key, JSON.stringify(value)); } catch { /* private window */ } },
  };

  // --- folded columns at a desk, one column at a time on a phone
  function arrange() {
    if (board.classList.contains("alone")) return;
    const folded = store.read("folded", ["on_hold"]);
    const all = columns();
    const wanted = store.read("shown", "");
    const shown = all.find((column) => column.dataset.column === wanted) || all.find((column) => column.querySelector(".card")) || all[0];
    all.forEach((column) => {
      column.classList.toggle("folded", folded.includes(column.dataset.column) && window.innerWidth > 767);
      column.classList.toggle("shown", column === shown);
      const button = column.querySelector("[data-fold]");
      if (button) button.setAttribute("aria-expanded", String(!folded.includes(column.dataset.column)));
      const tab = document.querySelector(`[data-show-column="${column.dataset.column}"]`);
      if (tab) tab.setAttribute("aria-pressed", String(column === shown));
    });
  }
  document.addEventListener("click", (event) => {
    const menu = event.target.closest(".card-menu");
    if (menu && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      window.work.open(menu.href);
      return;
    }
    const tab = event.target.closest("[data-show-column]");
    if (tab) { store.write("shown", tab.dataset.showColumn); arrange(); return; }
    const column = event.target.closest("[data-column]");
    if (!column || !(event.target.closest("[data-fold]") || column.classList.contains("folded"))) return;
    const folded = store.read("folded", ["on_hold"]);
    const key = column.dataset.column;
    store.write("folded", folded.includes(key) ? folded.filter((name) => name !== key) : [...folded, key]);
    arrange();
  });

  // --- dragging
  let card = null;
  let moving = false;
  const allowed = (column) => card && column && card.dataset.to.split(" ").includes(column.dataset.column) && column.dataset.column !== home(card);
  const home = (element) => element.closest("[data-column]").dataset.column;
  function clear() {
    board.classList.remove("dragging");
    columns().forEach((column) => column.classList.remove("open", "target"));
    if (card) card.classList.remove("lifted");
  }
  board.addEventListener("dragstart", (event) => {
    card = event.target.closest(".card[draggable=true]");
    if (!card) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", card.querySelector(".card-title").textContent);
    // after the browser took its picture of the card
    window.setTimeout(() => {
      if (!card) return;
      card.classList.add("lifted");
      board.classList.add("dragging");
      columns().forEach((column) => column.classList.toggle("open", allowed(column) || column.dataset.column === home(card)));
    }, 0);
  });
  board.addEventListener("dragover", (event) => {
    const column = event.target.closest("[data-column]");
    const frame = board.getBoundingClientRect();
    if (event.clientX > frame.right - 70) board.scrollLeft += 16;
    else if (event.clientX < frame.left + 50) board.scrollLeft -= 16;
    columns().forEach((other) => other.classList.toggle("target", other === column && allowed(column)));
    if (!card || !column || column.dataset.column === home(card)) return;
    event.preventDefault(); // a dimmed column takes the drop, too: the server says why it cannot be
    event.dataTransfer.dropEffect = "move";
  });
  board.addEventListener("drop", (event) => {
    const column = event.target.closest("[data-column]");
    if (!card || !column || column.dataset.column === home(card)) return;
    event.preventDefault();
    move(card, column);
  });
  board.addEventListener("dragend", () => { clear(); card = null; });

  async function move(element, column) {
    const list = element.parentElement;
    const before = element.nextElementSibling;
    const back = () => list.insertBefore(element, before);
    moving = true;
    element.classList.add("busy");
    column.querySelector(".cards").prepend(element);
    try {
      const answer = await window.work.drop(element.dataset.move, { to: column.dataset.column, seen: element.dataset.seen });
      if (answer.status === 200) {
        window.work.say(answer.sentence);
      } else {
        back();
        if (answer.ask) window.work.open(answer.ask);
        else window.work.say(answer.sentence || board.dataset.refused, true);
      }
    } catch {
      back();
      window.work.say(board.dataset.lost, true);
    } finally {
      element.classList.remove("busy");
      moving = false;
    }
    refresh();
  }

  // --- fresh every 30 seconds, never under somebody's hand
  const idle = () => !card && !moving && !document.hidden && !document.querySelector("dialog[open]");
  let kept = null;
  function refresh() {
    if (idle()) window.htmx.ajax("GET", board.dataset.refresh, { target: "#board-columns", swap: "innerHTML" });
  }
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id !== "board-columns") return;
    if (!idle()) { event.detail.shouldSwap = false; return; }
    const active = document.activeElement && document.activeElement.closest(".card");
    kept = { scrolls: new Map(columns().map((column) => [column.dataset.column, column.querySelector(".cards").scrollTop])), card: active && active.id,
      link: active && document.activeElement.className };
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "board-columns") return;
    arrange();
    if (!kept) return;
    columns().forEach((column) => { column.querySelector(".cards").scrollTop = kept.scrolls.get(column.dataset.column) || 0; });
    const focused = kept.card && document.querySelector(`#${kept.card} .${kept.link}`);
    if (focused) focused.focus();
    kept = null;
  });
  window.setInterval(refresh, SECONDS * 1000);
  document.addEventListener("visibilitychange", refresh);
  window.addEventListener("resize", arrange);
  arrange();
})();
