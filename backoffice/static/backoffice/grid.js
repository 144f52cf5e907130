"use strict";
// The grid's memory: what each cell holds, what was changed, undo. The other grid_*.js files draw it and act on it.
window.sheet = (() => {
  const source = document.getElementById("grid-data");
  if (!source) return null;
  const data = JSON.parse(source.textContent);
  const frame = document.getElementById("grid-frame");
  const seen = new Set();
  const rows = data.rows.map(([id, group]) => {
    const first = !seen.has(group);
    seen.add(group);
    return { id, group, first };
  });
  const columns = data.columns;
  const changed = new Map(); // place -> text
  const states = new Map(); // place -> {state, sentence, theirs}
  let done = [];
  let undone = [];

  const owner = (r, c) => (columns[c].group ? rows[r].group : rows[r].id);
  const place = (r, c) => columns[c].key + "|" + owner(r, c);
  const base = (r, c) => data.values[columns[c].key][owner(r, c)] || "";
  const text = (r, c) => (changed.has(place(r, c)) ? changed.get(place(r, c)) : base(r, c));
  const note = (r, c) => (data.notes[columns[c].key] || {})[owner(r, c)] || "";
  const state = (r, c) => states.get(place(r, c)) || null;
  const isOwn = (r, c) => !columns[c].group || rows[r].first; // cells of a product stand in its first row
  const can = (r, c) => columns[c].editable && isOwn(r, c);

  // --- what is typed, as the server writes it: "１，２００" is 1200
  const PLAIN = /^[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?$/;
  function tidy(c, typed) {
    const column = columns[c];
    if (column.kind === "number" || column.kind === "money") {
      const plain = typed.normalize("NFKC").replace(/[₩¥$€£원円\s]/g, "");
      if (!PLAIN.test(plain)) return plain === "" ? "" : typed;
      const number = plain.replace(/,/g, "").replace(/^\+/, "");
      if (column.kind === "number") return number.includes(".") ? typed : String(BigInt(number));
      const [whole, rest = ""] = number.split(".");
      const cents = rest.replace(/0+$/, "");
      if (cents.length > column.decimals) return typed;
      return String(BigInt(whole)) + (column.decimals ? "." + cents.padEnd(column.decimals, "0") : "");
    }
    if (column.kind === "flag") {
      const word = typed.normalize("NFKC").trim().toLowerCase();
      if (/^(1|y|yes|true|on|o|✓|예|はい|有効|활성)$/.test(word)) return "1";
      if (/^(|0|n|no|false|off|x|–|-|아니요|いいえ|無効|비활성)$/.test(word)) return "0";
      return typed;
    }
    return column.kind === "long" ? typed : typed.replace(/\s+/g, " ").trim();
  }
  function isValid(c, value) {
    const kind = columns[c].kind;
    if (kind === "flag") return value === "0" || value === "1";
    if (kind !== "number" && kind !== "money") return true;
    return value === "" || (kind === "number" ? /^\d+$/ : /^\d+(\.\d+)?$/).test(value);
  }

  // --- changing
  function put(key, value, original) {
    if (value === original) changed.delete(key);
    else changed.set(key, value);
    const known = states.get(key);
    if (known && known.state !== "conflict") states.delete(key);
  }
  const at = new Map(); // place -> [r, c] of the cell that shows it
  rows.forEach((_row, r) => columns.forEach((_column, c) => { if (isOwn(r, c)) at.set(place(r, c), [r, c]); }));

  // cells: [[r, c, text]]; returns how many could not be changed
  function write(cells) {
    const step = [];
    let skipped = 0;
    cells.forEach(([r, c, typed]) => {
      const value = tidy(c, typed);
      const before = text(r, c);
      if (!can(r, c)) {
        // a product's value pasted beside each of its variants is no loss
        if (value !== before && !(columns[c].editable && value === "")) skipped += 1;
        return;
      }
      if (value === before) return;
      step.push([place(r, c), before, value]);
      put(place(r, c), value, base(r, c));
    });
    if (step.length) { done.push(step); undone = []; }
    api.refresh(step.map(([key]) => key));
    return skipped;
  }
  function replay(from, to, which) {
    const step = from.pop();
    if (!step) return null;
    step.forEach((change) => {
      const [r, c] = at.get(change[0]);
      put(change[0], change[which], base(r, c));
    });
    to.push(step);
    api.refresh(step.map(([key]) => key));
    return at.get(step[0][0]);
  }
  function forget() { done = []; undone = []; }
  function setBase(key, value) {
    const [r, c] = at.get(key);
    data.values[columns[c].key][owner(r, c)] = value;
  }

  const api = {
    data, frame, rows, columns, changed, states, words: data.words, at,
    table: document.getElementById("grid"), pop: document.getElementById("grid-pop"),
    owner, place, base, text, note, state, isOwn, can, tidy, isValid, write, forget, setBase,
    undo: () => replay(done, undone, 1), redo: () => replay(undone, done, 2),
    canUndo: () => done.length > 0, canRedo: () => undone.length > 0,
    say: (key, n) => String(data.words[key]).replace("{n}", n),
    refresh: () => {}, // grid_paint.js draws
    token: () => frame.querySelector("[name=csrfmiddlewaretoken]").value,
    post: (url, body) => fetch(url, {
      method: "POST", credentials: "same-origin", body: JSON.stringify(body),
      headers: { "Content-Type": "application/json", "X-CSRFToken": api.token(), Accept: "application/json" },
    }),
  };
  return api;
})();
