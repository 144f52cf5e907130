"use strict";
// Editing: one text box lives in the active cell, unseen until somebody types, so that Korean and Japanese input begins in it.
(() => {
  const S = window.sheet;
  if (!S) return;
  const { columns, words, pop } = S;
  const input = document.createElement("textarea");
  input.className = "grid-input";
  input.rows = 1;
  input.spellcheck = false;
  input.setAttribute("autocomplete", "off");
  input.setAttribute("autocapitalize", "off");
  let at = [0, 0];
  let editing = false;

  // --- the box follows the active cell
  function rest(r, c) {
    at = [r, c];
    editing = false;
    input.value = "";
    input.readOnly = !S.can(r, c);
    input.classList.remove("editing");
    input.inputMode = "none"; // a phone's keyboard comes with the edit, not with the cell
    const state = S.isOwn(r, c) && S.state(r, c);
    const value = S.isOwn(r, c) ? S.shown(r, c) || words.empty : words.ofProduct;
    input.setAttribute("aria-label", [columns[c].label, S.text(r, 0), value, S.columns[c].editable ? "" : words.readOnly, state ? state.sentence : ""].filter(Boolean).join(", "));
    const td = S.cell(r, c);
    if (input.parentElement !== td) td.append(input);
    closeChoices();
  }
  function focus() { input.focus({ preventScroll: true }); }

  function begin(value, { select } = {}) {
    const [r, c] = at;
    if (!S.can(r, c)) return false;
    if (columns[c].kind === "long") { openLong(r, c, value); return true; }
    editing = true;
    input.classList.add("editing");
    input.inputMode = columns[c].kind === "money" ? "decimal" : columns[c].kind === "number" ? "numeric" : "text";
    input.value = value;
    focus();
    if (select) input.select(); else input.setSelectionRange(value.length, value.length);
    if (columns[c].choices) openChoices(c);
    return true;
  }
  function commit() {
    if (!editing) return;
    const [r, c] = at;
    const typed = picked() || input.value;
    rest(r, c);
    S.write([[r, c, typed]]);
    rest(r, c);
  }
  function cancel() { rest(at[0], at[1]); focus(); }

  // typing, or the first letter of a composition, opens the cell; what it held is replaced
  function open() {
    if (editing || !S.can(at[0], at[1])) return;
    const c = at[1];
    if (columns[c].kind === "long") return;
    editing = true;
    input.classList.add("editing");
    if (columns[c].choices) openChoices(c);
  }
  input.addEventListener("compositionstart", open);
  input.addEventListener("input", (event) => {
    const [r, c] = at;
    if (columns[c].kind === "long" && !editing) {
      if (event.isComposing) return;
      const typed = input.value;
      input.value = "";
      openLong(r, c, S.text(r, c) + typed);
      return;
    }
    open();
    drawChoices();
  });
  input.addEventListener("compositionend", () => {
    if (columns[at[1]].kind === "long" && !editing && input.value) {
      const typed = input.value;
      input.value = "";
      openLong(at[0], at[1], S.text(at[0], at[1]) + typed);
    }
  });
  function toggle() {
    const [r, c] = at;
    if (S.can(r, c)) S.write([[r, c, S.text(r, c) === "1" ? "0" : "1"]]);
    rest(r, c);
    focus();
  }

  // --- choices below the cell
  const list = document.createElement("ul");
  list.className = "grid-choices";
  list.id = "grid-choices";
  list.setAttribute("role", "listbox");
  list.hidden = true;
  document.body.append(list);
  const known = new Map();
  let chosen = -1;
  async function openChoices(c) {
    const url = columns[c].choices;
    if (!known.has(url)) {
      known.set(url, []);
      const response = await fetch(url, { credentials: "same-origin", headers: { Accept: "application/json" } });
      if (response.ok) known.set(url, (await response.json()).choices);
      else known.delete(url);
    }
    if (editing && at[1] === c) drawChoices();
  }
  function drawChoices() {
    const column = columns[at[1]];
    if (!editing || !column.choices) return;
    const sought = input.value.normalize("NFKC").toLowerCase().trim();
    const all = known.get(column.choices) || [];
    const found = all.filter((name) => name.toLowerCase().includes(sought)).slice(0, 50);
    list.replaceChildren(...found.map((name, place) => {
      const item = document.createElement("li");
      item.setAttribute("role", "option");
      item.id = `grid-choice-${place}`;
      item.textContent = name;
      return item;
    }));
    chosen = -1;
    list.hidden = found.length === 0;
    const box = S.cell(at[0], at[1]).getBoundingClientRect();
    list.style.left = Math.max(8, Math.min(box.left, window.innerWidth - 308)) + "px";
    list.style.minWidth = Math.max(box.width, 220) + "px";
    const below = window.innerHeight - box.bottom;
    list.style.top = below > 220 ? box.bottom + 2 + "px" : "auto";
    list.style.bottom = below > 220 ? "auto" : window.innerHeight - box.top + 2 + "px";
  }
  function moveChoice(step) {
    const items = Array.from(list.children);
    if (list.hidden || !items.length) return false;
    chosen = (chosen + step + items.length) % items.length;
    items.forEach((item, place) => item.setAttribute("aria-selected", String(place === chosen)));
    items[chosen].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", items[chosen].id);
    return true;
  }
  function picked() { return !list.hidden && chosen >= 0 ? list.children[chosen].textContent : ""; }
  function closeChoices() { list.hidden = true; chosen = -1; input.removeAttribute("aria-activedescendant"); }
  list.addEventListener("pointerdown", (event) => {
    const item = event.target.closest("li");
    event.preventDefault();
    if (!item) return;
    input.value = item.textContent;
    closeChoices();
    commit();
    focus();
  });

  // --- long texts have a larger box beside the cell
  function openLong(r, c, value) {
    const box = document.createElement("textarea");
    box.className = "grid-long";
    box.value = value;
    box.setAttribute("aria-label", columns[c].label);
    const title = Object.assign(document.createElement("b"), { textContent: `${S.text(r, 0)} · ${columns[c].label}` });
    const buttons = document.createElement("div");
    buttons.className = "dialog-buttons";
    const close = () => { S.closePop(); focus(); };
    const keep = () => { S.write([[r, c, box.value]]); rest(r, c); close(); };
    buttons.append(S.button(words.cancel, "btn", close), S.button(words.done, "btn primary", keep));
    box.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      event.stopPropagation();
      if (event.key === "Escape") { event.preventDefault(); close(); }
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); keep(); }
    });
    S.openPop(r, c, [title, box, buttons], "large");
    box.focus();
    box.setSelectionRange(box.value.length, box.value.length);
  }

  // --- a box beside a cell: a long text, or what became of a save
  S.button = (label, css, act) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = css;
    button.textContent = label;
    button.addEventListener("click", act);
    return button;
  };
  S.openPop = (r, c, parts, css = "") => {
    pop.replaceChildren(...parts);
    pop.className = `grid-pop ${css}`;
    pop.hidden = false;
    const box = S.cell(r, c).getBoundingClientRect();
    const own = pop.getBoundingClientRect();
    pop.style.left = Math.max(8, Math.min(box.left, window.innerWidth - own.width - 8)) + "px";
    const below = box.bottom + 4;
    pop.style.top = Math.max(8, below + own.height > window.innerHeight - 8 ? box.top - own.height - 4 : below) + "px";
  };
  S.closePop = () => { pop.hidden = true; pop.replaceChildren(); };

  Object.assign(S, { input, rest, focusCell: focus, begin, commit, cancel, toggle, moveChoice, isEditing: () => editing, activeCell: () => at });
})();
