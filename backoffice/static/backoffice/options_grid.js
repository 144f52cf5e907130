// Options of a product, lower half: one row for each combination; what exists is shown, what is new can be written.
(() => {
  "use strict";
  const { make } = window.optionsPage;

  function variantGrid({ host, data, edited }) {
    const { words, channels } = data;
    const edits = new Map(); // key of the row -> what was typed
    const all = { weight: data.defaults.weight, ...Object.fromEntries(channels.map((each) => [`price-${each.id}`, data.defaults.prices[each.id]])) };
    const fields = [
      ["name", words.variantName, 160], ["sku", words.sku, 80], ["barcode", words.barcode, 14], ["weight", words.weight, 8],
      ...channels.map((each) => [`price-${each.id}`, `${each.name} (${each.currency})`, 20]),
    ];
    const isNumber = (field) => field === "weight" || field.startsWith("price-");
    const isClosed = (field) => field.startsWith("price-") && !data.mayPrice;
    let rows = [];
    let axes = [];

    const drafted = (row) => ({ name: row.name, sku: row.sku, barcode: "", ...all, ...edits.get(row.key) });
    const isMade = (row) => data.mayAdd && !row.variant && edits.get(row.key)?.out !== true;
    const edit = (row, change) => edits.set(row.key, { ...edits.get(row.key), ...change });

    function input(field, value, label, onchange) {
      const node = make("input", {
        type: "text", value, ariaLabel: label, className: isNumber(field) ? "number" : "", disabled: isClosed(field),
        maxLength: fields.find(([name]) => name === field)[2], spellcheck: false,
        inputMode: isNumber(field) ? "decimal" : field === "barcode" ? "numeric" : "text",
      });
      node.dataset.field = field;
      node.addEventListener("input", () => onchange(node.value));
      return node;
    }

    function swatches(row) {
      return row.values.map((at, number) => axes[number]?.values[at]?.colour).filter(Boolean).map((colour) => {
        const dot = make("i", { className: "dot" });
        dot.style.backgroundColor = colour; // of our own code, not of an attribute: the policy allows it
        return dot;
      });
    }
    const combination = (row) => make("span", { className: "combination" }, ...swatches(row),
      row.values.map((at, number) => axes[number]?.values[at]?.name ?? "").join(" / "));

    function existing(row) {
      const variant = row.variant;
      const texts = { name: variant.name, barcode: variant.barcode, weight: variant.weight };
      channels.forEach((each) => { texts[`price-${each.id}`] = variant.prices[each.id] || ""; });
      return make("tr", { className: "existing" },
        make("td", {}, make("span", { className: `badge ${variant.active ? "green" : ""}` }, variant.active ? words.exists : words.off)),
        make("td", { "data-label": words.combination }, combination(row)),
        ...fields.map(([field, label]) => make("td", { className: isNumber(field) ? "num" : "", "data-label": label },
          field === "sku" ? make("a", { href: variant.url, target: "_blank", rel: "noopener" }, variant.sku) : texts[field] || "–")));
    }

    function fresh(row) {
      const values = drafted(row);
      const tick = make("input", { type: "checkbox", checked: isMade(row), disabled: !data.mayAdd, ariaLabel: `${words.make}: ${row.name}` });
      const line = make("tr", { className: isMade(row) ? "" : "out", "data-key": row.key },
        make("td", { className: "tick" }, tick),
        make("td", { "data-label": words.combination }, combination(row)),
        ...fields.map(([field, label]) => make("td", { className: isNumber(field) ? "num" : "", "data-label": label },
          input(field, values[field] ?? "", `${label}: ${row.name}`, (value) => { edit(row, { [field]: value }); edited(field); }),
          make("small", { className: "problem", hidden: true }))));
      tick.addEventListener("change", () => { edit(row, { out: !tick.checked }); line.classList.toggle("out", !tick.checked); edited("out"); });
      return line;
    }

    function allRow() {
      return make("tr", { className: "all-new" }, make("td"), make("td", {}, make("b", {}, words.all)),
        ...fields.map(([field, label]) => make("td", { className: isNumber(field) ? "num" : "", "data-label": label },
          isNumber(field) ? input(field, all[field] ?? "", `${label}: ${words.all}`, (value) => {
            all[field] = value;
            edits.forEach((typed) => { delete typed[field]; });
            host.querySelectorAll(`tr[data-key] input[data-field="${field}"]`).forEach((each) => { each.value = value; });
            edited(field);
          }) : "")));
    }

    function draw(nextRows, nextAxes) {
      rows = nextRows;
      axes = nextAxes;
      const news = rows.filter((row) => !row.variant).length;
      host.replaceChildren(
        make("thead", {}, make("tr", {}, make("th"), make("th", {}, words.combination), ...fields.map(([field, label]) => make("th", { className: isNumber(field) ? "num" : "" }, label)))),
        make("tbody", {}, ...(news > 1 ? [allRow()] : []), ...rows.map((row) => (row.variant ? existing(row) : fresh(row)))));
      host.hidden = rows.length === 0;
    }

    // like a spreadsheet: up and down go through a column, several pasted lines fill it
    const column = (node) => Array.from(host.querySelectorAll(`tr[data-key] input[data-field="${node.dataset.field}"]`));
    host.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1, Enter: 1 }[event.key];
      if (!step || !event.target.dataset.field || event.isComposing) return;
      event.preventDefault();
      const cells = column(event.target);
      const next = cells[cells.indexOf(event.target) + step];
      if (next) { next.focus(); next.select(); }
    });
    host.addEventListener("paste", (event) => {
      const lines = event.clipboardData.getData("text").replace(/[\r\n]+$/, "").split(/\r?\n/);
      if (lines.length < 2 || !event.target.dataset.field) return;
      event.preventDefault();
      const cells = column(event.target);
      const from = Math.max(0, cells.indexOf(event.target));
      lines.forEach((text, number) => {
        const cell = cells[from + number];
        if (!cell) return;
        cell.value = text.split("\t")[0].trim();
        cell.dispatchEvent(new Event("input", { bubbles: true }));
      });
    });

    return {
      draw,
      counts: () => [rows.filter(isMade).length, rows.filter((row) => row.variant).length],
      wanted: () => rows.filter(isMade).map((row) => {
        const values = drafted(row);
        return {
          key: row.key, values: row.values, name: values.name, sku: values.sku, barcode: values.barcode, weight: values.weight ?? "",
          prices: data.mayPrice ? Object.fromEntries(channels.map((each) => [each.id, values[`price-${each.id}`] ?? ""])) : {},
        };
      }),
      mark(problems) {
        host.querySelectorAll("tr[data-key]").forEach((line) => {
          const found = line.classList.contains("out") ? {} : problems[line.dataset.key] || {};
          line.querySelectorAll("input[data-field]").forEach((cell) => {
            const sentence = found[cell.dataset.field] || "";
            const note = cell.nextElementSibling;
            cell.classList.toggle("bad", Boolean(sentence));
            cell.setAttribute("aria-invalid", String(Boolean(sentence)));
            note.textContent = sentence;
            note.hidden = !sentence;
          });
        });
      },
      firstProblem: () => host.querySelector("input.bad"),
    };
  }
  window.optionsPage.variantGrid = variantGrid;
})();
