// Options of a product: what is written above is drafted by the server, checked while one types, and saved in one go.
(() => {
  "use strict";
  function start() {
    const form = document.getElementById("options");
    if (!form) return;
    const data = JSON.parse(document.getElementById("options-data").textContent);
    const { words } = data;
    const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
    const [said, save, pattern] = ["said", "save", "pattern"].map((id) => document.getElementById(id));
    const tooMany = document.getElementById("too-many");
    const nothing = document.getElementById("nothing");
    const looseBox = document.getElementById("loose");
    const looseRows = document.getElementById("loose-rows");
    const { make, axesEditor, variantGrid } = window.optionsPage;
    const placed = {};
    let dirty = false;
    let drafts = 0;
    let waiting = 0;
    let saving = false;
    let patternTyped = false;

    function say(sentence, bad = false) {
      said.textContent = sentence;
      said.classList.toggle("bad", bad);
    }
    async function post(url, values) {
      try {
        const response = await fetch(url, {
          method: "POST", credentials: "same-origin", body: JSON.stringify(values),
          headers: { "Content-Type": "application/json", "X-CSRFToken": token, Accept: "application/json" },
        });
        const isJson = (response.headers.get("Content-Type") || "").includes("json");
        return isJson ? { ok: response.ok, ...(await response.json()) } : { ok: false, sentence: words.failed, problems: {} };
      } catch {
        return { ok: false, sentence: words.failed, problems: {} };
      }
    }
    const axesNow = () => axes.drafts().filter((axis) => axis.values.length || axis.name);
    const screen = (more) => ({ opened: data.opened, axes: axesNow(), pattern: pattern.value, placed, ...more });

    function count() {
      const [news, known] = grid.counts();
      say([words.new.replace("%s", news), ...(known ? [words.existing.replace("%s", known)] : [])].join(" · "));
      save.disabled = saving || !dirty;
    }
    function loose(items, rows) {
      looseBox.hidden = items.length === 0;
      looseRows.replaceChildren(...items.map((item) => {
        const choice = make("select", { ariaLabel: item.sku, onchange: () => { placed[item.id] = choice.value; draft(0); } },
          make("option", { value: "" }, words.nowhere),
          ...rows.filter((row) => !row.variant || row.key === item.key).map((row) => make("option", { value: row.key, selected: row.key === item.key }, row.name)));
        return make("label", {}, make("span", {}, make("b", {}, item.sku), make("small", {}, item.name)), choice);
      }));
    }
    function show(answer) {
      const isTooMany = answer.count > answer.limit;
      tooMany.hidden = !isTooMany;
      tooMany.lastElementChild.textContent = words.tooMany.replace("%s", answer.count).replace("%s", answer.limit);
      nothing.hidden = answer.rows.length > 0 || isTooMany;
      nothing.textContent = words.nothing;
      if (answer.swatches) axes.colour(answer.swatches);
      grid.draw(answer.rows, axesNow().filter((axis) => axis.values.length));
      loose(answer.loose, answer.rows);
      count();
      check(0);
    }
    function draft(pause = 200) {
      dirty = true;
      window.clearTimeout(waiting);
      if (!patternTyped) pattern.value = data.patterns[axesNow().filter((axis) => axis.values.length).length];
      waiting = window.setTimeout(async () => {
        const number = ++drafts;
        const answer = await post(form.dataset.draftUrl, screen({ rows: [] }));
        if (number !== drafts) return; // a later one is under way
        if (answer.rows) show(answer); else say(answer.sentence, true);
      }, pause);
    }
    let checking = 0;
    let checks = 0;
    function check(pause = 350) {
      window.clearTimeout(checking);
      const rows = grid.wanted();
      if (!rows.length) return;
      checking = window.setTimeout(async () => {
        const number = ++checks;
        const answer = await post(form.dataset.draftUrl, screen({ rows, check: true }));
        if (number === checks && answer.ok) grid.mark(answer.problems);
      }, pause);
    }

    const axes = axesEditor({
      host: document.getElementById("axes"), addButton: document.getElementById("add-axis"),
      axes: data.axes, words, most: 3, changed: draft, say,
    });
    const grid = variantGrid({
      host: document.getElementById("grid"), data,
      edited: (field) => { dirty = true; count(); if (["sku", "barcode", "out"].includes(field)) check(); },
    });
    pattern.value = data.patterns[data.axes.length];
    pattern.addEventListener("input", () => { patternTyped = pattern.value !== ""; draft(); });
    show(data);

    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (saving || !dirty) return;
      saving = true;
      save.disabled = true;
      const answer = await post(window.location.pathname, screen({ rows: grid.wanted() }));
      if (answer.url) { dirty = false; window.location.assign(answer.url); return; }
      saving = false;
      grid.mark(answer.problems || {});
      count();
      say(answer.sentence || words.failed, true);
      grid.firstProblem()?.focus();
    });
    // Enter in a cell moves on; only the button saves
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target.matches("input[type=text]")) event.preventDefault();
    });
    window.addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
