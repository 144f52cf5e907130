// Length meters of texts, and the address that an empty field will get.
(() => {
  "use strict";
  const letters = new Intl.Segmenter();
  const length = (text) => [...letters.segment(text)].length;

  for (const field of document.querySelectorAll("[data-meter]")) {
    const limit = Number(field.dataset.meter);
    const meter = document.createElement("meter");
    const said = document.createElement("output");
    meter.max = limit * 1.25;
    meter.high = limit;
    meter.optimum = limit * 0.8;
    meter.low = limit * 0.4;
    const box = document.createElement("span");
    box.className = "length-meter";
    box.append(meter, said);
    field.after(box);
    const show = () => {
      const count = length(field.value);
      meter.value = count;
      said.value = `${count} / ${limit}`;
      box.classList.toggle("over", count > limit);
    };
    field.addEventListener("input", show);
    show();
  }

  const slug = document.querySelector("[data-slug-of]");
  const source = slug && slug.form && slug.form.elements[slug.dataset.slugOf];
  if (source) {
    const suggestion = () =>
      source.value.normalize("NFKC").toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").trim().replace(/[\s_-]+/g, "-");
    const show = () => { slug.placeholder = suggestion(); };
    source.addEventListener("input", show);
    show();
  }
})();
