// A postcode proposes its region and city: they fill by themselves while both are empty, else a press takes them over.
(() => {
  "use strict";
  const field = (name) => document.querySelector(`form [name="${name}"]`);
  const code = field("postcode");
  if (!code || !field("region") || !field("city")) return;
  const country = () => (field("country") ? field("country").value : "");
  const path = window.location.pathname;
  const base = path.slice(0, path.indexOf("/orders/") + "/orders/".length);
  const said = document.createElement("div");
  said.className = "postcode-places";
  said.setAttribute("aria-live", "polite");
  code.closest("div").after(said);
  let asked = code.value;

  function fill(place) {
    code.value = place.postcode;
    field("region").value = place.region;
    field("city").value = place.city;
    asked = place.postcode;
    said.replaceChildren();
  }
  const agrees = (place) => field("region").value === place.region && field("city").value === place.city;

  function show(places, label) {
    said.replaceChildren();
    const seen = new Set();
    places.forEach((place) => {
      const text = [place.postcode, place.region, place.city].join(" ");
      if (seen.has(text) || agrees(place)) return;
      seen.add(text);
      const line = document.createElement("p");
      line.className = "quiet";
      line.append(`${[place.region, place.city, place.area, place.office].filter(Boolean).join(" ")} `);
      const press = document.createElement("button");
      press.type = "button";
      press.className = "btn";
      press.textContent = label;
      press.addEventListener("click", () => fill(place));
      line.append(press);
      said.append(line);
    });
  }

  async function ask() {
    const digits = code.value.replace(/[^0-9０-９]/g, "");
    if (code.value === asked || digits.length < 5 || !country()) return;
    asked = code.value;
    const query = new URLSearchParams({ country: country(), postcode: code.value });
    const answer = await fetch(`${base}postcode/?${query}`, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const { places, take_over: label, remote } = await answer.json();
    const first = places[0];
    const one = first && places.every((place) => place.region === first.region && place.city === first.city);
    if (one && !field("region").value && !field("city").value) fill(first);
    else show(places, label);
    if (!remote) return;
    const far = document.createElement("p");
    far.className = "remote";
    far.textContent = remote;
    said.append(far);
  }
  code.addEventListener("change", ask);
  code.addEventListener("input", () => { if (/^\D*(\d{3}\D?\d{4}|\d{5})\D*$/.test(code.value)) ask(); });
})();
