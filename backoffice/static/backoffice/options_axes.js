// Options of a product, upper half: axes with their values. Every change calls `changed()`; the server drafts the rest.
(() => {
  "use strict";
  const make = (tag, attributes = {}, ...children) => {
    const node = document.createElement(tag);
    Object.entries(attributes).forEach(([name, value]) => {
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (name in node && name !== "list") node[name] = value;
      else node.setAttribute(name, value);
    });
    node.append(...children.filter((child) => child !== null));
    return node;
  };
  const icon = (name) => make("span", { className: "material-symbols-outlined", ariaHidden: "true" }, name);
  const isComposing = (event) => event.isComposing || event.keyCode === 229;

  function axesEditor({ host, addButton, axes, words, most, changed, say }) {
    const looksColoured = (axis) => axis.coloured
      ?? (/colou?r|색|컬러|カラー|色/i.test(axis.name) || axis.values.some((value) => value.colour));
    const isTwice = (axis, name, self) => axis.values.some(
      (value) => value !== self && value.name.toLocaleLowerCase() === name.toLocaleLowerCase());
    const tidy = (text) => text.split(/\s+/).filter(Boolean).join(" ");

    function draw(focus) {
      host.replaceChildren(...axes.map(card));
      addButton.hidden = axes.length >= most;
      if (focus) host.querySelector(focus)?.focus();
    }
    function update(focus) { draw(focus); changed(); }

    function add(axis, text) {
      let added = false;
      text.split(/[,、，\n\t;]+/).map(tidy).filter(Boolean).forEach((name) => {
        if (isTwice(axis, name, null)) { say(words.twice.replace("%s", name), true); return; }
        axis.values.push({ id: null, name, colour: "", guess: true });
        added = true;
      });
      return added;
    }

    function moved(list, from, to) {
      if (to < 0 || to >= list.length || from === to) return false;
      list.splice(to, 0, ...list.splice(from, 1));
      return true;
    }

    let dragged = null;

    function chip(axis, number, value, place) {
      const at = `[data-axis="${number}"] [data-value="${place}"]`;
      const name = make("input", {
        type: "text", value: value.name, maxLength: 80, className: "chip-name", ariaLabel: words.name + " " + value.name,
        size: Math.max(2, Math.min(24, [...value.name].reduce((sum, letter) => sum + (letter > "\u2e7f" ? 2 : 1), 0))),
        onchange: () => {
          const wanted = tidy(name.value);
          if (!wanted || isTwice(axis, wanted, value)) {
            if (wanted) say(words.twice.replace("%s", wanted), true);
            name.value = value.name;
            return;
          }
          value.name = wanted;
          update();
        },
        onkeydown: (event) => {
          if (isComposing(event)) return;
          if (event.key === "Enter") { event.preventDefault(); name.blur(); host.querySelector(`[data-axis="${number}"] .add-value`)?.focus(); }
          const step = event.altKey && { ArrowLeft: -1, ArrowRight: 1 }[event.key];
          if (step) {
            event.preventDefault();
            if (moved(axis.values, place, place + step)) update(`[data-axis="${number}"] [data-value="${place + step}"] .chip-name`);
          }
        },
      });
      const parts = [];
      if (looksColoured(axis)) {
        parts.push(make("label", { className: "swatch" + (value.colour ? "" : " empty"), title: words.colour }, make("input", {
          type: "color", value: value.colour || "#cccccc", ariaLabel: `${words.colour} ${value.name}`,
          onchange: (event) => { value.colour = event.target.value; value.guess = false; update(at + " input[type=color]"); },
        })));
      }
      parts.push(name, make("button", {
        type: "button", className: "chip-remove", ariaLabel: `${words.remove} ${value.name}`, title: words.remove,
        onclick: () => { axis.values.splice(place, 1); update(`[data-axis="${number}"] .add-value`); },
      }, icon("close")));
      const node = make("li", { className: "chip", draggable: true, "data-value": place }, ...parts);
      node.addEventListener("dragstart", (event) => {
        dragged = { axis, place };
        event.dataTransfer.effectAllowed = "move";
        event.dataTransfer.setData("text/plain", "");
        node.classList.add("lifted");
      });
      node.addEventListener("dragover", (event) => {
        if (dragged?.axis !== axis) return;
        event.preventDefault();
        node.classList.toggle("target", dragged.place !== place);
      });
      node.addEventListener("dragleave", () => node.classList.remove("target"));
      node.addEventListener("dragend", () => { dragged = null; node.classList.remove("lifted"); });
      node.addEventListener("drop", (event) => {
        if (dragged?.axis !== axis) return;
        event.preventDefault();
        if (moved(axis.values, dragged.place, place)) update();
      });
      return node;
    }

    function card(axis, number) {
      const shift = (step) => { if (moved(axes, number, number + step)) update(`[data-axis="${number + step}"] .axis-name`); };
      const title = make("input", {
        type: "text", value: axis.name, maxLength: 60, list: "axis-names", className: "axis-name",
        placeholder: words.namePlaceholder, ariaLabel: `${words.name} ${number + 1}`,
        onchange: () => { axis.name = tidy(title.value); update(`[data-axis="${number}"] .add-value`); },
        onkeydown: (event) => { if (event.key === "Enter" && !isComposing(event)) { event.preventDefault(); title.blur(); host.querySelector(`[data-axis="${number}"] .add-value`)?.focus(); } },
      });
      const adder = make("input", {
        type: "text", className: "add-value", placeholder: axis.values.length ? words.add : words.addPlaceholder, ariaLabel: `${words.add} (${axis.name || number + 1})`,
        onkeydown: (event) => {
          if (isComposing(event)) return;
          if (["Enter", ",", "、", "，"].includes(event.key)) {
            event.preventDefault();
            if (add(axis, adder.value)) update(`[data-axis="${number}"] .add-value`); else adder.value = "";
          } else if (event.key === "Backspace" && !adder.value && axis.values.length) {
            event.preventDefault();
            host.querySelector(`[data-axis="${number}"] [data-value="${axis.values.length - 1}"] .chip-name`)?.focus();
          }
        },
        onpaste: (event) => {
          const text = event.clipboardData.getData("text");
          if (!/[,、，\n\t;]/.test(text)) return;
          event.preventDefault();
          if (add(axis, text)) update(`[data-axis="${number}"] .add-value`);
        },
        onblur: () => { if (adder.value && add(axis, adder.value)) update(); },
      });
      const coloured = looksColoured(axis);
      const button = (name, label, onclick, disabled = false, extra = {}) =>
        make("button", { type: "button", className: "btn quiet", ariaLabel: label, title: label, onclick, disabled, ...extra }, icon(name));
      return make("section", { className: "axis", "data-axis": number },
        make("header", {}, title,
          button("palette", words.colours, () => {
            axis.coloured = !coloured;
            if (coloured) axis.values.forEach((value) => { value.colour = ""; value.guess = false; });
            update();
          }, false, { ariaPressed: String(Boolean(coloured)) }),
          button("arrow_upward", words.up, () => shift(-1), number === 0),
          button("arrow_downward", words.down, () => shift(1), number === axes.length - 1),
          button("delete", words.remove, () => { axes.splice(number, 1); update(); })),
        make("ul", { className: "chips" }, ...axis.values.map((value, place) => chip(axis, number, value, place)),
          make("li", { className: "chip-add" }, adder)));
    }

    addButton.addEventListener("click", () => {
      axes.push({ id: null, name: "", values: [] });
      draw(`[data-axis="${axes.length - 1}"] .axis-name`);
    });
    draw();
    return {
      draw,
      // colours that the server knows by name, for values that nobody has coloured
      colour(swatches) {
        let any = false;
        axes.filter(looksColoured).forEach((axis) => axis.values.forEach((value) => {
          if (value.guess && !value.colour && swatches[value.name]) { value.colour = swatches[value.name]; any = true; }
        }));
        if (!any) return;
        const active = document.activeElement;
        const axis = active?.closest?.("[data-axis]")?.dataset.axis;
        const typed = active?.classList.contains("add-value") ? active.value : null;
        draw(axis !== undefined && typed !== null ? `[data-axis="${axis}"] .add-value` : undefined);
        if (typed) document.activeElement.value = typed;
      },
      drafts: () => axes.map(({ id, name, values }) => ({
        id, name, values: values.map((value) => ({ id: value.id, name: value.name, colour: value.colour })),
      })),
    };
  }
  window.optionsPage = { make, icon, isComposing, axesEditor };
})();
