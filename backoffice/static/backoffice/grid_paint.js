"use strict";
// Drawing: the head, rows that come near the window, cells by what they hold, the marked range, its status line.
(() => {
  const S = window.sheet;
  if (!S) return;
  const { rows, columns, words, table, frame } = S;
  const wide = window.matchMedia("(min-width: 1024px)");
  const number = new Intl.NumberFormat(words.language);
  const money = (decimals) => new Intl.NumberFormat(words.language, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  const writers = columns.map((column) => (column.kind === "money" ? money(column.decimals) : number));
  const NUMERIC = new Set(["number", "money"]);

  // --- head
  const group = document.createElement("colgroup");
  const cols = columns.map(() => group.appendChild(document.createElement("col")));
  const head = document.createElement("thead");
  const headRow = head.appendChild(document.createElement("tr"));
  headRow.setAttribute("role", "row");
  headRow.setAttribute("aria-rowindex", "1");
  const body = document.createElement("tbody");
  table.append(group, head, body);
  table.setAttribute("aria-rowcount", String(rows.length + 1));
  table.setAttribute("aria-colcount", String(columns.length));
  const heads = columns.map((column, c) => {
    const th = headRow.appendChild(document.createElement("th"));
    th.setAttribute("role", "columnheader");
    th.setAttribute("scope", "col");
    th.setAttribute("aria-colindex", String(c + 1));
    th.dataset.c = String(c);
    th.title = column.label;
    th.classList.toggle("num", NUMERIC.has(column.kind));
    const address = S.data.sorts[column.key];
    const name = th.appendChild(document.createElement(address ? "a" : "span"));
    name.className = "head-name";
    name.textContent = column.label;
    if (address) {
      name.href = address;
      const sorted = S.data.sort.replace("-", "") === column.sort;
      // the newest product stands first, which is the order turned around
      const isDown = column.sort === "product" ? S.data.sort === "product" : S.data.sort.startsWith("-");
      if (sorted) { th.setAttribute("aria-sort", isDown ? "descending" : "ascending"); name.dataset.arrow = isDown ? "↓" : "↑"; }
    }
    if (!column.editable) {
      const lock = document.createElement("span");
      lock.className = "material-symbols-outlined lock";
      lock.setAttribute("aria-hidden", "true");
      lock.textContent = "lock";
      th.prepend(lock);
    }
    const grip = th.appendChild(document.createElement("span"));
    grip.className = "grip";
    grip.title = words.resize;
    return th;
  });

  // --- widths and what stays at the left
  function frozenCount() {
    return wide.matches && columns.length > 1 && columns[1].key === "name" ? 2 : 1;
  }
  function layout() {
    let whole = 0;
    columns.forEach((column, c) => { cols[c].style.width = column.width + "px"; whole += column.width; });
    table.style.width = whole + "px";
    table.style.setProperty("--left-1", columns[0].width + "px");
    table.classList.toggle("frozen-2", frozenCount() === 2);
  }
  wide.addEventListener("change", layout);

  // --- rows: cells are made when a row comes near the window
  const lines = rows.map((row, r) => {
    const tr = document.createElement("tr");
    tr.setAttribute("role", "row");
    tr.setAttribute("aria-rowindex", String(r + 2));
    tr.dataset.r = String(r);
    if (row.first) tr.className = "first";
    return tr;
  });
  body.append(...lines);
  function fill(r) {
    const tr = lines[r];
    if (tr.childElementCount) return;
    columns.forEach((column, c) => {
      const td = document.createElement(c === 0 ? "th" : "td");
      td.setAttribute("role", c === 0 ? "rowheader" : "gridcell");
      td.setAttribute("aria-colindex", String(c + 1));
      td.dataset.c = String(c);
      td.id = `cell-${r}-${c}`;
      td.append(Object.assign(document.createElement("span"), { className: "value" }));
      tr.append(td);
      paint(r, c);
    });
  }
  const near = new IntersectionObserver((entries) => entries.forEach((entry) => {
    if (entry.isIntersecting) { fill(Number(entry.target.dataset.r)); near.unobserve(entry.target); }
  }), { root: frame, rootMargin: "600px" });
  lines.forEach((tr) => near.observe(tr));
  for (let r = 0; r < Math.min(30, rows.length); r += 1) fill(r);

  function cell(r, c) { fill(r); return lines[r].children[c]; }

  function shown(r, c) {
    if (!S.isOwn(r, c)) return "";
    const value = S.text(r, c);
    const kind = columns[c].kind;
    if (kind === "flag") return value === "1" ? "✓" : value === "0" ? "–" : value;
    if (value && NUMERIC.has(kind) && S.isValid(c, value)) return writers[c].format(value);
    if (kind === "long") return value.replace(/<[^>]*>/g, " ").replace(/&nbsp;/g, " ").slice(0, 160);
    return value;
  }
  function paint(r, c) {
    if (!lines[r].childElementCount || !lines[r].children[c]) return;
    const td = lines[r].children[c];
    const state = S.state(r, c);
    const key = S.place(r, c);
    const isChanged = S.isOwn(r, c) && S.changed.has(key);
    const isBad = isChanged && !S.isValid(c, S.text(r, c));
    const note = S.isOwn(r, c) ? S.note(r, c) : "";
    td.firstElementChild.textContent = shown(r, c);
    const list = td.classList;
    list.toggle("num", NUMERIC.has(columns[c].kind));
    list.toggle("flag-cell", columns[c].kind === "flag");
    list.toggle("ro", !columns[c].editable);
    list.toggle("same", !S.isOwn(r, c));
    list.toggle("changed", isChanged);
    const told = S.isOwn(r, c) && state ? state.state : "";
    list.toggle("refused", told === "refused" || isBad);
    list.toggle("conflict", told === "conflict");
    list.toggle("saved", told === "saved");
    list.toggle("waiting", Boolean(note));
    td.title = (S.isOwn(r, c) && state && state.sentence) || note || (isChanged ? S.say("wasBefore", S.base(r, c) || words.empty) : "");
    if (S.can(r, c)) td.removeAttribute("aria-readonly"); else td.setAttribute("aria-readonly", "true");
    if (told === "refused" || told === "conflict" || isBad) td.setAttribute("aria-invalid", "true"); else td.removeAttribute("aria-invalid");
  }

  // --- the marked range
  let marked = [];
  function mark(range) {
    marked.forEach((td) => { td.classList.remove("in", "active"); td.removeAttribute("aria-selected"); });
    marked = [];
    for (let r = range.top; r <= range.bottom; r += 1) {
      for (let c = range.left; c <= range.right; c += 1) {
        const td = cell(r, c);
        td.classList.add("in");
        td.setAttribute("aria-selected", "true");
        marked.push(td);
      }
    }
    cell(range.r, range.c).classList.add("active");
  }
  function reveal(r, c) {
    const td = cell(r, c);
    td.scrollIntoView({ block: "nearest", inline: "nearest" });
    if (c < frozenCount()) return;
    // frozen columns and the head cover what scrolls below them
    const covered = columns.slice(0, frozenCount()).reduce((sum, column) => sum + column.width, 0);
    const box = td.getBoundingClientRect();
    const outer = frame.getBoundingClientRect();
    if (box.left < outer.left + covered) frame.scrollLeft -= outer.left + covered - box.left;
    const top = outer.top + headRow.offsetHeight;
    if (box.top < top) frame.scrollTop -= top - box.top;
  }

  S.refresh = (keys) => {
    keys.forEach((key) => { const [r, c] = S.at.get(key); paint(r, c); });
    if (S.status) S.status();
  };
  Object.assign(S, { cell, paint, mark, reveal, layout, heads, lines, shown });
  layout();
})();
