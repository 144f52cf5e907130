"use strict";
// Counting at the shelf: a scanner types a code and Enter; pieces are added up or typed; what is counted is sent by stocktake_queue.js.
(() => {
  function start() {
    const root = document.getElementById("counting");
    if (!root) return;
    const data = JSON.parse(document.getElementById("count-data").textContent);
    const { words, urls } = data;
    const part = (name) => root.querySelector(`[data-${name}]`);
    const input = root.querySelector("[name=code]");
    const pieces = root.querySelector("[name=pieces]");
    const token = () => root.querySelector("[name=csrfmiddlewaretoken]").value;
    const name = `stocktake:${data.stocktake}:${data.user}`;
    const lines = new Map(data.lines.map((line) => [line.id, line]));
    const tallies = window.countQueue.storage(`${name}:tallies`);
    const tallyOf = (id) => { const found = tallies.read().find(([line]) => line === id); return found ? found[1] : null; };
    const setTally = (id, count) => tallies.write([...tallies.read().filter(([line]) => line !== id), [id, count]]);
    const queue = window.countQueue.make(`${name}:queue`, urls.send, token, told);
    let mode = localStorage.getItem("stocktake:mode") === "type" ? "type" : "each";
    let bin = "";
    let now = null;
    let touched = false;

    // --- what one hears, feels and sees
    let sound = null;
    function beep(kind) {
      const tones = { good: [[880, 0.08]], odd: [[520, 0.12], [520, 0.12]], bad: [[220, 0.35]] }[kind];
      if (navigator.vibrate) navigator.vibrate({ good: 40, odd: [60, 60, 60], bad: 300 }[kind]);
      try {
        sound = sound || new AudioContext();
        let at = sound.currentTime;
        tones.forEach(([pitch, seconds]) => {
          const [tone, volume] = [sound.createOscillator(), sound.createGain()];
          tone.frequency.value = pitch;
          volume.gain.value = 0.2;
          tone.connect(volume).connect(sound.destination);
          tone.start(at);
          tone.stop(at + seconds);
          at += seconds + 0.06;
        });
      } catch { /* no sound here */ }
    }
    function say(kind, sentence) {
      const said = part("said");
      said.className = `count-said ${kind}`;
      said.textContent = sentence;
      said.hidden = !sentence;
    }
    function feedback(kind, sentence) { say(kind, sentence); beep(kind); }

    // --- the list
    const counted = (line) => !line.todo || queue.waiting().some((one) => one.line === line.id);
    function item(line) {
      const row = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      const place = document.createElement("b");
      place.textContent = line.bin;
      place.hidden = !line.bin;
      const text = document.createElement("span");
      text.textContent = line.sku;
      const small = document.createElement("small");
      small.textContent = [line.name, line.lot].filter(Boolean).join(" · ");
      text.append(small);
      button.append(place, text);
      button.addEventListener("click", () => { leave(); take(line, false); });
      row.append(button);
      return row;
    }
    function draw() {
      const all = [...lines.values()];
      const left = all.filter((line) => !counted(line));
      part("list").replaceChildren(...left.slice(0, 60).map(item));
      part("left").textContent = words.left.replace("%s", left.length);
      part("bar").style.width = `${all.length ? Math.round((100 * (all.length - left.length)) / all.length) : 0}%`;
      part("all-done").hidden = left.length > 0;
      const waiting = queue.waiting().length;
      part("net").textContent = waiting ? words.waiting.replace("%s", waiting) : "";
      part("net").classList.toggle("late", waiting > 0);
    }
    function told(kind, sent, answer) {
      if (kind === "done") {
        const left = new Set(answer.left);
        lines.forEach((line) => { line.todo = left.has(line.id); });
      } else if (kind === "refused") {
        feedback("bad", words.refused.replace("%s", answer.sentence));
      } else if (kind === "login") {
        say("bad", words.login);
      }
      draw();
    }

    // --- the line in hand
    function show() {
      part("now").hidden = !now;
      if (!now) return;
      part("place").textContent = [now.bin ? words.bin.replace("%s", now.bin) : words.noBin, now.lot].filter(Boolean).join(" · ");
      part("sku").textContent = now.sku;
      part("name").textContent = now.name;
      part("tally").textContent = tallyOf(now.id) || 0;
      part("each").hidden = mode !== "each";
      part("type").hidden = mode !== "type";
      part("done").hidden = mode !== "each";
      if (mode === "type") { pieces.value = ""; pieces.focus(); } else input.focus();
    }
    function take(line, isScanned) {
      const same = now && now.id === line.id;
      if (!same) { leave(); touched = false; }
      now = line;
      part("choices").hidden = true;
      if (mode === "each" && isScanned) { setTally(line.id, (tallyOf(line.id) || 0) + 1); touched = true; }
      show();
      if (isScanned) feedback("good", `${line.sku} · ${mode === "each" ? tallyOf(line.id) : line.name}`);
    }
    function note(count) {
      setTally(now.id, count);
      queue.add(now.id, count);
      say("good", words.noted.replace("%(sku)s", now.sku).replace("%(count)s", count));
      now = null;
      touched = false;
      show();
      draw();
      input.focus();
    }
    // what was scanned piece by piece is noted when one goes on to something else
    function leave() { if (now && touched && mode === "each") note(tallyOf(now.id) || 0); }

    // --- what was scanned or typed
    const matches = (code) => [...lines.values()].filter((line) => line.codes.some((one) => one.toLowerCase() === code.toLowerCase()));
    function choose(found) {
      const here = found.filter((line) => bin && line.bin === bin);
      const open = found.filter((line) => !counted(line));
      if (now && found.some((line) => line.id === now.id)) return now;
      if (here.length === 1) return here[0];
      if (found.length === 1) return found[0];
      return bin || open.length !== 1 ? null : open[0];
    }
    function offer(buttons, sentence, kind) {
      const box = part("choices");
      box.replaceChildren(...buttons.map(([label, small, run]) => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "btn";
        button.append(label);
        if (small) { const more = document.createElement("small"); more.textContent = small; button.append(more); }
        button.addEventListener("click", () => { box.hidden = true; run(); });
        return button;
      }));
      box.hidden = buttons.length === 0;
      feedback(kind, sentence);
    }
    async function stranger(code) {
      leave();
      const answer = await window.countQueue.ask(`${urls.find}?code=${encodeURIComponent(code)}`, token());
      if (answer.kind === "login") { feedback("bad", words.login); return; }
      if (answer.kind !== "done") { feedback("bad", words.offline); return; }
      const planned = answer.variants.flatMap((variant) => matches(variant.sku));
      if (planned.length) {
        offer(planned.map((line) => [line.sku, [line.bin, line.lot, line.name].filter(Boolean).join(" · "), () => take(line, true)]), words.choose, "odd");
        return;
      }
      const adds = answer.variants.map((variant) => [`${words.add}: ${variant.sku}`, variant.name, () => add(variant.id)]);
      if (adds.length) offer(adds, words.notPlanned.replace("%s", code), "odd");
      else offer([], words.unknown.replace("%s", code), "bad");
    }
    async function add(variant) {
      const answer = await window.countQueue.ask(urls.add, token(), { key: window.countQueue.newKey(), variant, bin });
      if (answer.kind !== "done") { feedback("bad", answer.kind === "refused" ? answer.sentence : words.offline); return; }
      lines.set(answer.line.id, answer.line);
      draw();
      take(answer.line, true);
    }
    function scanned(code) {
      const found = matches(code);
      const place = data.bins.find((one) => one.toLowerCase() === code.toLowerCase());
      if (found.length) {
        const line = choose(found);
        if (line) { take(line, true); return; }
        leave();
        offer(found.map((one) => [one.bin || words.noBin, [one.lot, one.sku].filter(Boolean).join(" · "), () => take(one, true)]), words.choose, "odd");
      } else if (place) {
        leave();
        bin = place;
        feedback("good", words.bin.replace("%s", place));
      } else stranger(code);
    }

    part("scan").addEventListener("submit", (event) => {
      event.preventDefault();
      const code = input.value.trim();
      input.value = "";
      if (code) scanned(code);
    });
    part("type").addEventListener("submit", (event) => {
      event.preventDefault();
      const text = pieces.value.trim();
      // a scanner types into whatever has the focus: a code that is known is no number of pieces
      if (matches(text).length || data.bins.includes(text) || text.length > 8) { scanned(text); return; }
      if (!/^\d+$/.test(text)) { feedback("bad", words.number); return; }
      note(Number(text));
    });
    part("more").addEventListener("click", () => { setTally(now.id, (tallyOf(now.id) || 0) + 1); touched = true; show(); });
    part("less").addEventListener("click", () => { setTally(now.id, Math.max(0, (tallyOf(now.id) || 0) - 1)); touched = true; show(); });
    part("done").addEventListener("click", () => note(tallyOf(now.id) || 0));
    part("none").addEventListener("click", () => note(0));
    root.querySelectorAll("[data-mode]").forEach((button) => button.addEventListener("click", () => {
      leave();
      mode = button.dataset.mode;
      localStorage.setItem("stocktake:mode", mode);
      modes();
      show();
    }));
    function modes() {
      root.querySelectorAll("[data-mode]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.mode === mode)));
    }
    // a scanner types without looking where the focus is
    document.addEventListener("keydown", (event) => {
      if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey && !event.target.matches("input, textarea, select")) input.focus();
    });
    document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") leave(); });
    modes();
    draw();
    queue.send();
    input.focus();
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
