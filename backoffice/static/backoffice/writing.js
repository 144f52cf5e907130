// Lines of an order: goods are found while one types, amounts and the total follow, Enter goes on to the next field.
(() => {
  "use strict";
  const form = document.querySelector("[data-write]");
  if (!form) return;
  const table = form.querySelector("[data-grid-lines] tbody");
  const lang = document.documentElement.lang || "en";
  const number = (text) => Number(String(text).replaceAll(",", "").trim() || "0");
  const channel = () => form.dataset.channel || (form.elements.sales_channel && form.elements.sales_channel.value) || "";
  const known = document.getElementById("channel-currencies");
  const currencies = known ? JSON.parse(known.textContent) : {};
  const currency = () => form.dataset.currency || currencies[channel()] || "KRW";
  const money = (value) => new Intl.NumberFormat(lang, { style: "currency", currency: currency() }).format(value);
  const part = (row, name) => row.querySelector(`[name^="${name}_"]`);

  function count() {
    let total = 0;
    for (const row of table.rows) {
      const price = part(row, "price");
      const each = price.value === "" ? part(row, "listed").value : price.value;
      const pieces = row.hasAttribute("data-goods") ? number(part(row, "quantity").value) : 1;
      const amount = each === "" ? 0 : number(each) * pieces;
      row.querySelector("[data-amount]").textContent = each === "" || !Number.isFinite(amount) ? "" : money(amount);
      if (Number.isFinite(amount)) total += amount;
      const about = row.querySelector("[data-about]");
      const free = part(row, "available");
      if (about && free) about.classList.toggle("short", !row.hasAttribute("data-known") && free.value !== "" && pieces > Number(free.value));
    }
    form.querySelector("[data-total]").textContent = money(total);
  }

  // an empty row is always there: the last one is copied as soon as it says something
  function grow() {
    const goods = [...table.rows].filter((row) => row.hasAttribute("data-goods") && !row.hasAttribute("data-known"));
    const last = goods[goods.length - 1];
    if (!last || part(last, "sku").value === "" || goods.length > 199) return;
    const copy = last.cloneNode(true);
    const next = Math.max(...[...table.querySelectorAll("[name^=kind_]")].map((one) => Number(one.name.split("_")[1]))) + 1;
    copy.querySelectorAll("[name]").forEach((one) => {
      one.name = `${one.name.split("_")[0]}_${next}`;
      if (!one.name.startsWith("kind_")) one.value = "";
      if (one.name.startsWith("price_")) one.placeholder = "";
    });
    copy.querySelector("[data-about]").textContent = "";
    copy.querySelector("[data-amount]").textContent = "";
    last.after(copy);
  }

  // a list below an input: what is found is walked with the arrows and taken with Enter
  function listing(list, ask, show, take) {
    let input = null; let found = []; let at = -1; let asked = 0; let waiting = 0; let isAsking = false; let isHurried = false;
    const close = () => { list.hidden = true; at = -1; if (input) input.setAttribute("aria-expanded", "false"); };
    const stand = (place) => {
      at = place;
      [...list.children].forEach((one, n) => one.setAttribute("aria-selected", String(n === at)));
      if (list.children[at]) list.children[at].scrollIntoView({ block: "nearest" });
    };
    const choose = (place) => { const one = found[place]; const of = input; close(); if (one) take(of, one); };
    list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const row = event.target.closest("li");
      if (row) choose([...list.children].indexOf(row));
    });
    return {
      close,
      look(of) {
        input = of;
        window.clearTimeout(waiting);
        const term = of.value.trim();
        isHurried = false;
        isAsking = term !== "";
        if (!term) { asked += 1; close(); return; }
        waiting = window.setTimeout(async () => {
          const mine = (asked += 1);
          const answer = await fetch(ask(term), { headers: { Accept: "application/json" } });
          if (mine !== asked) return;
          isAsking = false;
          if (!answer.ok || document.activeElement !== of) return;
          found = (await answer.json()).found;
          list.replaceChildren(...found.map(show));
          list.hidden = found.length === 0;
          of.setAttribute("aria-expanded", String(found.length > 0));
          if (!found.length) return;
          const box = of.getBoundingClientRect();
          const home = (list.offsetParent || document.body).getBoundingClientRect();
          list.style.setProperty("top", `${box.bottom - home.top}px`);
          list.style.setProperty("left", `${box.left - home.left}px`);
          stand(0);
          if (isHurried) choose(0);
        }, 120);
      },
      key(event) {
        // a scanner, or a quick hand: Enter comes before the answer, and takes the first that is found
        if (event.key === "Enter" && isAsking) { event.preventDefault(); isHurried = true; return true; }
        if (list.hidden) return false;
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (step) { event.preventDefault(); stand((at + step + found.length) % found.length); return true; }
        if (event.key === "Enter") { event.preventDefault(); choose(at); return true; }
        if (event.key === "Escape") { event.preventDefault(); close(); return true; }
        return false;
      },
    };
  }
  function entry(head, side, small) {
    const row = document.createElement("li");
    row.setAttribute("role", "option");
    const [a, b, c] = ["b", "span", "small"].map((tag) => document.createElement(tag));
    a.textContent = head; b.textContent = side; c.textContent = small;
    row.append(a, b, c);
    return row;
  }

  const goods = listing(
    form.querySelector("[data-found]"),
    (term) => `${form.dataset.goodsUrl}?${new URLSearchParams({ channel: channel(), draft: form.dataset.draft || "0", q: term })}`,
    (one) => entry(one.sku, `${one.price_text} · ${one.available}`, one.label),
    (input, one) => {
      const row = input.closest("tr");
      input.value = one.sku;
      part(row, "variant").value = one.id;
      part(row, "listed").value = one.price;
      part(row, "price").placeholder = one.price;
      part(row, "available").value = one.available;
      part(row, "name").value = one.label;
      row.querySelector("[data-about]").textContent = `${one.label} · ${one.available}`;
      const quantity = part(row, "quantity");
      if (quantity.value === "") quantity.value = "1";
      grow(); count();
      quantity.focus(); quantity.select();
    },
  );
  const search = form.querySelector("[data-callers]");
  const callers = search && listing(
    form.querySelector("[data-found-callers]"),
    (term) => `${search.dataset.callers}?${new URLSearchParams({ q: term })}`,
    (one) => entry(one.name, "", one.said),
    (input, one) => {
      form.elements.customer.value = one.id;
      for (const [name, text] of Object.entries(one.last)) if (form.elements[name]) form.elements[name].value = text;
      input.value = one.name;
      const first = table.querySelector("[role=combobox]");
      if (first) first.focus();
    },
  );

  table.addEventListener("input", (event) => {
    if (event.target.name.startsWith("sku_")) {
      part(event.target.closest("tr"), "variant").value = "";
      goods.look(event.target);
      grow();
    }
    count();
  });
  if (search) {
    search.addEventListener("input", () => callers.look(search));
    search.addEventListener("keydown", (event) => { if (!callers.key(event) && event.key === "Enter") event.preventDefault(); });
    search.addEventListener("blur", callers.close);
  }
  table.addEventListener("focusout", (event) => { if (event.target.name.startsWith("sku_")) goods.close(); });
  table.addEventListener("keydown", (event) => {
    if (event.isComposing || !event.target.name) return;
    if (event.target.name.startsWith("sku_") && goods.key(event)) return;
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
    event.preventDefault();  // an order is not sent half written
    const fields = [...table.querySelectorAll("input:not([type=hidden]):not([readonly])")];
    const row = event.target.closest("tr");
    const below = row.nextElementSibling && part(row.nextElementSibling, "sku");
    const next = event.target.name.startsWith("quantity_") && below && below.type !== "hidden" ? below : fields[fields.indexOf(event.target) + 1];
    if (next) { next.focus(); next.select(); }
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      const buttons = form.querySelectorAll(".order-bar .primary");
      if (buttons.length) form.requestSubmit(buttons[buttons.length - 1]);
    }
  });
  if (form.elements.sales_channel) form.elements.sales_channel.addEventListener("change", count);
  grow(); count();
  if (search && !form.elements.customer.value) search.focus();
})();
