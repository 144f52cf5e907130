// A postcode proposes its region and city: they fill by themselves while both are empty, else a press takes them over.
// Where no country is chosen it is read as one of the channel's country, as the order will be.
(() => {
  "use strict";
  const field = (name) => document.querySelector(`form [name="${name}"]`);
  const code = field("postcode");
  if (!code || !field("region") || !field("city")) return;
  const chosen = (name) => (field(name) ? field(name).value : "");
  const question = () => new URLSearchParams({
    country: chosen("country"), channel: chosen("sales_channel"), postcode: code.value,
  }).toString();
  const path = window.location.pathname;
  const base = path.slice(0, path.indexOf("/orders/") + "/orders/".length);
  const said = document.createElement("div");
  said.className = "postcode-places";
  said.setAttribute("aria-live", "polite");
  code.closest("div").after(said);
  let asked = question();

  function fill(place) {
    code.value = place.postcode;
    field("region").value = place.region;
    field("city").value = place.city;
    asked = question();
    said.replaceChildren(...said.querySelectorAll(".remote"));
  }
  const agrees = (place) => field("region").value === place.region && field("city").value === place.city;

  function show(places, label) {
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
    const query = question();
    if (query === asked || digits.length < 5 || !(chosen("country") || chosen("sales_channel"))) return;
    asked = query;
    const answer = await fetch(`${base}postcode/?${query}`, { headers: { Accept: "application/json" } });
    if (!answer.ok || query !== asked) return; // something else was asked meanwhile
    const { places, take_over: label, remote } = await answer.json();
    said.replaceChildren();
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
  for (const box of [code, field("country"), field("sales_channel")]) if (box) box.addEventListener("change", ask);
  code.addEventListener("input", () => { if (/^\D*(\d{3}\D?\d{4}|\d{5})\D*$/.test(code.value)) ask(); });
})();
