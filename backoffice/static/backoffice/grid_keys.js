"use strict";
// Moving and marking by keys, mouse and finger; copy, cut and paste as spreadsheets understand them; filling down.
(() => {
  const S = window.sheet;
  if (!S) return;
  const { rows, columns, table, frame, input } = S;
  const LAST_R = rows.length - 1;
  const LAST_C = columns.length - 1;
  let anchor = [0, 0];
  let head = [0, 0];

  function range() {
    return {
      top: Math.min(anchor[0], head[0]), bottom: Math.max(anchor[0], head[0]),
      left: Math.min(anchor[1], head[1]), right: Math.max(anchor[1], head[1]), r: anchor[0], c: anchor[1],
    };
  }
  function go(r, c, { extend = false, quiet = false } = {}) {
    const to = [Math.max(0, Math.min(LAST_R, r)), Math.max(0, Math.min(LAST_C, c))];
    if (S.isEditing()) S.commit();
    head = to;
    if (!extend) anchor = to;
    S.closePop();
    S.mark(range());
    S.rest(anchor[0], anchor[1]);
    S.reveal(to[0], to[1]);
    if (!quiet) S.focusCell();
    placeHandle();
    if (S.explain && !extend) S.explain(to[0], to[1]);
    if (S.status) S.status();
  }

  // --- keys
  function edge(r, c, dr, dc) {
    // as spreadsheets jump: to the end of what is filled, or over the gap
    const filled = (y, x) => S.shown(y, x) !== "";
    let [y, x] = [r + dr, c + dc];
    const inside = () => y >= 0 && y <= LAST_R && x >= 0 && x <= LAST_C;
    if (!inside()) return [r, c];
    const wanted = filled(r, c) && filled(y, x);
    while (inside() && filled(y, x) === wanted) { y += dr; x += dc; }
    if (wanted || !inside()) { y -= dr; x -= dc; }
    return [y, x];
  }
  const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  function arrow(event) {
    const [dr, dc] = ARROWS[event.key];
    const [r, c] = event.shiftKey ? head : anchor;
    const [y, x] = event.ctrlKey || event.metaKey ? edge(r, c, dr, dc) : [r + dr, c + dc];
    go(y, x, { extend: event.shiftKey });
  }
  function tab(event) {
    const step = event.shiftKey ? -1 : 1;
    const flat = anchor[0] * columns.length + anchor[1] + step;
    if (flat < 0 || flat >= rows.length * columns.length) { if (S.isEditing()) S.commit(); return false; } // on to the page
    go(Math.floor(flat / columns.length), flat % columns.length);
    return true;
  }
  function command(event) {
    const key = event.key.toLowerCase();
    const acts = {
      s: () => S.save(), z: () => (event.shiftKey ? step("redo") : step("undo")), y: () => step("redo"), d: fillDown,
      a: () => { anchor = [0, 0]; head = [LAST_R, LAST_C]; S.mark(range()); placeHandle(); S.status(); },
      home: () => go(0, 0, { extend: event.shiftKey }), end: () => go(LAST_R, LAST_C, { extend: event.shiftKey }),
    };
    if (!acts[key]) return false;
    acts[key]();
    return true;
  }
  function step(which) {
    const where = S[which]();
    if (where) go(where[0], where[1]);
  }
  function editingKey(event) {
    const { key } = event;
    if (key === "Escape") { S.cancel(); return true; }
    if (key === "Tab") return tab(event);
    if (key === "Enter") {
      if (event.altKey) return false;
      S.commit();
      go(anchor[0] + (event.shiftKey ? -1 : 1), anchor[1]);
      return true;
    }
    if (key === "ArrowDown" || key === "ArrowUp") return S.moveChoice(key === "ArrowDown" ? 1 : -1);
    return false;
  }
  const page = () => Math.max(1, Math.floor(frame.clientHeight / 34) - 2);
  const IDLE = {
    F2: () => start(), Home: (event) => go(head[0], 0, { extend: event.shiftKey }), End: (event) => go(head[0], LAST_C, { extend: event.shiftKey }),
    PageUp: (event) => go(head[0] - page(), head[1], { extend: event.shiftKey }), PageDown: (event) => go(head[0] + page(), head[1], { extend: event.shiftKey }),
    Delete: () => clear(), Backspace: () => clear(), Escape: () => { S.closePop(); go(anchor[0], anchor[1]); },
    Enter: (event) => {
      const button = !S.pop.hidden && S.pop.querySelector("button");
      if (button) button.focus();
      else go(anchor[0] + (event.shiftKey ? -1 : 1), anchor[1]);
    },
  };
  function start() {
    const [r, c] = anchor;
    if (columns[c].kind === "flag") S.toggle();
    else S.begin(S.text(r, c));
  }
  input.addEventListener("keydown", (event) => {
    // a composition has its own Enter, Escape and arrows
    if (event.isComposing || event.keyCode === 229) return;
    const isCommand = (event.ctrlKey || event.metaKey) && !event.altKey;
    let taken = false;
    if (isCommand && event.key.toLowerCase() === "s") { S.commit(); S.save(); taken = true; }
    else if (S.isEditing()) taken = editingKey(event);
    else if (ARROWS[event.key] && !event.altKey) { arrow(event); taken = true; }
    else if (event.altKey && event.key === "ArrowDown") { start(); taken = true; }
    else if (event.key === "Tab") taken = tab(event);
    else if (isCommand) taken = command(event);
    else if (event.key === " " && columns[anchor[1]].kind === "flag") { S.toggle(); taken = true; }
    else if (IDLE[event.key]) { IDLE[event.key](event); taken = true; }
    if (taken) event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s" && !event.defaultPrevented) { event.preventDefault(); S.save(); }
  });

  // --- many cells at once
  function each(area, act) {
    for (let r = area.top; r <= area.bottom; r += 1) for (let c = area.left; c <= area.right; c += 1) act(r, c);
  }
  function clear() {
    const cells = [];
    each(range(), (r, c) => { if (S.isOwn(r, c)) cells.push([r, c, ""]); });
    tell(S.write(cells), 0);
    S.rest(anchor[0], anchor[1]);
  }
  function tell(skipped, clipped) {
    const parts = [];
    if (clipped) parts.push(S.say("clipped", clipped));
    if (skipped) parts.push(S.say("skipped", skipped));
    if (parts.length) S.notice(parts.join(" "));
  }
  function fillDown() {
    const area = range();
    if (area.top === area.bottom) {
      if (area.top === 0) return;
      fill({ ...area, top: area.top - 1, bottom: area.top - 1 }, area.bottom);
    } else fill({ ...area, bottom: area.top }, area.bottom);
  }
  // repeat the rows of ``from`` down to row ``until``
  function fill(from, until) {
    const cells = [];
    const height = from.bottom - from.top + 1;
    for (let r = from.bottom + 1; r <= until; r += 1) {
      for (let c = from.left; c <= from.right; c += 1) {
        if (S.can(r, c)) cells.push([r, c, S.text(from.top + ((r - from.top) % height), c)]);
      }
    }
    S.write(cells);
    S.rest(anchor[0], anchor[1]);
  }

  // --- clipboard: what Excel and Sheets read and write
  const quoted = (text) => (/[\t\n\r"]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text);
  function tsv() {
    const area = range();
    const out = [];
    for (let r = area.top; r <= area.bottom; r += 1) {
      out.push(columns.slice(area.left, area.right + 1).map((_column, place) => quoted(S.text(r, area.left + place))).join("\t"));
    }
    return out.join("\r\n");
  }
  function cells(text) {
    const table = [];
    let line = [];
    let at = 0;
    const clean = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
    while (at <= clean.length) {
      let value = "";
      if (clean[at] === '"' && /"(\t|\n|$)/.test(clean.slice(at + 1))) {
        at += 1;
        while (at < clean.length && !(clean[at] === '"' && clean[at + 1] !== '"')) {
          if (clean[at] === '"') at += 1;
          value += clean[at];
          at += 1;
        }
        at += 1;
      }
      const end = clean.slice(at).search(/[\t\n]/);
      const stop = end < 0 ? clean.length : at + end;
      value += clean.slice(at, stop);
      line.push(value);
      if (clean[stop] !== "\t") { table.push(line); line = []; }
      at = stop + 1;
      if (stop >= clean.length) break;
    }
    if (line.length) table.push([...line, ""]);
    return table;
  }
  function paste(text) {
    const pasted = cells(text);
    const area = range();
    const [high, broad] = [pasted.length, Math.max(...pasted.map((line) => line.length))];
    const [height, width] = [area.bottom - area.top + 1, area.right - area.left + 1];
    // a smaller piece repeats over a range that it divides
    const repeats = height % high === 0 && width % broad === 0;
    const [down, across] = repeats ? [height, width] : [high, broad];
    const wanted = [];
    let clipped = 0;
    for (let y = 0; y < down; y += 1) {
      for (let x = 0; x < across; x += 1) {
        const value = pasted[y % high][x % broad];
        const [r, c] = [area.top + y, area.left + x];
        if (r > LAST_R || c > LAST_C) clipped += 1;
        else if (value !== undefined) wanted.push([r, c, value]);
      }
    }
    const skipped = S.write(wanted);
    anchor = [area.top, area.left];
    head = [Math.min(LAST_R, area.top + down - 1), Math.min(LAST_C, area.left + across - 1)];
    S.mark(range());
    S.rest(anchor[0], anchor[1]);
    placeHandle();
    tell(skipped, clipped);
  }
  input.addEventListener("copy", (event) => {
    if (S.isEditing()) return;
    event.preventDefault();
    event.clipboardData.setData("text/plain", tsv());
    const area = range();
    S.notice(S.say("copied", (area.bottom - area.top + 1) * (area.right - area.left + 1)));
  });
  input.addEventListener("cut", (event) => {
    if (S.isEditing()) return;
    event.preventDefault();
    event.clipboardData.setData("text/plain", tsv());
    clear();
  });
  input.addEventListener("paste", (event) => {
    if (S.isEditing()) return;
    event.preventDefault();
    paste(event.clipboardData.getData("text/plain"));
  });

  // --- mouse and finger
  const handle = document.createElement("div");
  handle.className = "grid-handle";
  handle.title = S.words.fill;
  function placeHandle() { S.cell(range().bottom, range().right).append(handle); }
  const cellAt = (event) => {
    const under = document.elementFromPoint(event.clientX, event.clientY);
    const td = under && under.closest("#grid tbody [data-c]");
    return td ? [Number(td.parentElement.dataset.r), Number(td.dataset.c)] : null;
  };
  let dragging = "";
  let source = null;
  table.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.target === input && S.isEditing()) return;
    if (event.target === handle) { dragging = "fill"; source = range(); event.preventDefault(); return; }
    const where = event.target.closest("tbody") && cellAt(event);
    if (!where || event.pointerType === "touch") return;
    event.preventDefault();
    go(where[0], where[1], { extend: event.shiftKey });
    dragging = "mark";
  });
  document.addEventListener("pointermove", (event) => {
    if (!dragging) return;
    const where = cellAt(event);
    if (!where) return;
    if (dragging === "mark") { if (where[0] !== head[0] || where[1] !== head[1]) go(where[0], where[1], { extend: true }); return; }
    anchor = [source.top, source.left];
    head = [Math.max(source.bottom, where[0]), source.right];
    S.mark(range());
  });
  document.addEventListener("pointerup", () => {
    if (dragging === "fill") { fill(source, range().bottom); placeHandle(); S.focusCell(); }
    dragging = "";
  });
  // a finger's tap chooses and edits; dragging scrolls
  table.addEventListener("click", (event) => {
    const where = event.pointerType === "touch" && event.target.closest("tbody") && cellAt(event);
    if (!where || S.isEditing() && event.target === input) return;
    go(where[0], where[1], { quiet: true });
    if (S.can(where[0], where[1]) && S.pop.hidden) start();
  });
  table.addEventListener("dblclick", (event) => { if (event.target.closest("tbody") && !S.isEditing()) start(); });
  input.addEventListener("blur", () => {
    // whoever goes elsewhere has finished the cell
    window.setTimeout(() => { if (document.activeElement !== input && S.isEditing()) S.commit(); }, 0);
  });

  Object.assign(S, { go, range, fillDown, step });
  go(0, Math.min(1, LAST_C));
})();
