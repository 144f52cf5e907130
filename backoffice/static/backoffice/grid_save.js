"use strict";
// Saving what changed, with what it was based on; what the server says of each cell; mine and theirs.
(() => {
  const S = window.sheet;
  if (!S) return;
  const { changed, states, words, frame, data } = S;
  const button = document.querySelector("[data-grid-save]");
  const status = document.querySelector("[data-grid-status]");
  const undo = document.querySelector("[data-grid-undo]");
  const redo = document.querySelector("[data-grid-redo]");
  let saving = false;
  let pending = null; // sent, but not answered: goes again under the same key
  let notice = "";

  S.notice = (sentence) => { notice = sentence; S.status(); };
  S.status = () => {
    const n = changed.size;
    button.disabled = saving || n === 0;
    button.textContent = saving ? words.saving : n === 0 ? words.saveNone : n === 1 ? words.saveOne : S.say("save", n);
    undo.disabled = !S.canUndo();
    redo.disabled = !S.canRedo();
    status.textContent = notice;
  };

  function key() {
    return window.crypto.randomUUID ? window.crypto.randomUUID() : Array.from(window.crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(16)).join("-");
  }
  function snapshot() {
    const cells = [];
    changed.forEach((text, where) => {
      const [r, c] = S.at.get(where);
      cells.push({ where, sent: [S.rows[r].id, S.columns[c].key, S.base(r, c), text] });
    });
    return { key: key(), cells };
  }
  S.save = async () => {
    if (saving || changed.size === 0) return;
    if (!pending && changed.size > data.most) { S.notice(S.say("tooMany", data.most)); return; }
    saving = true;
    pending = pending || snapshot();
    const sent = pending;
    S.status();
    try {
      const response = await S.post(frame.dataset.save, { key: sent.key, cells: sent.cells.map((cell) => cell.sent) });
      const isJson = (response.headers.get("Content-Type") || "").includes("json");
      const answer = isJson ? await response.json() : {};
      if (answer.cells) { take(sent.cells, answer.cells); pending = null; }
      else { notice = answer.sentence || words.lost; if (isJson || response.status === 400) pending = null; }
    } catch {
      notice = words.lost;
    } finally {
      saving = false;
      S.status();
    }
  };

  function take(cells, outcomes) {
    const counts = { saved: 0, refused: 0, conflict: 0, waiting: 0 };
    cells.forEach(({ where, sent }, place) => {
      const outcome = outcomes[place];
      const [r, c] = S.at.get(where);
      counts[outcome.state] += 1;
      const isSame = changed.get(where) === sent[3]; // nobody typed on while it was saved
      if (outcome.state === "saved" || outcome.state === "waiting") {
        const value = outcome.value === undefined ? sent[3] : outcome.value;
        S.setBase(where, value);
        if (isSame || changed.get(where) === value) changed.delete(where);
        states.set(where, { state: "saved", sentence: outcome.sentence || "" });
      } else {
        states.set(where, { state: outcome.state, sentence: outcome.sentence, theirs: outcome.value || "" });
      }
      const column = S.columns[c].key;
      if (outcome.state === "saved" && data.notes[column]) delete data.notes[column][S.owner(r, c)];
      if (outcome.state === "waiting") {
        data.notes[column] = data.notes[column] || {};
        data.notes[column][S.owner(r, c)] = outcome.sentence;
        states.delete(where);
      }
    });
    S.forget();
    S.refresh(cells.map((cell) => cell.where));
    notice = [
      counts.saved && S.say("saved", counts.saved), counts.refused && S.say("refused", counts.refused),
      counts.conflict && S.say("conflicts", counts.conflict), counts.waiting && S.say("waiting", counts.waiting),
    ].filter(Boolean).join(" · ");
    const wrong = cells.find((_cell, place) => outcomes[place].state === "conflict" || outcomes[place].state === "refused");
    if (wrong && !S.isEditing()) S.go(...S.at.get(wrong.where));
    else if (!S.isEditing()) S.rest(...S.activeCell());
  }

  // --- at the cell: why it was refused, or both values
  const paragraph = (text, css = "") => Object.assign(document.createElement("p"), { textContent: text, className: css });
  function value(label, text) {
    const line = paragraph("", "both");
    line.append(Object.assign(document.createElement("b"), { textContent: label }), document.createTextNode(" " + (text === "" ? words.empty : text.slice(0, 300))));
    return line;
  }
  function settle(r, c, takeTheirs) {
    const where = S.place(r, c);
    const { theirs } = S.state(r, c);
    const mine = S.text(r, c);
    S.setBase(where, theirs);
    states.delete(where);
    changed.delete(where);
    if (!takeTheirs && mine !== theirs) changed.set(where, mine);
    S.forget();
    S.closePop();
    S.refresh([where]);
    S.rest(r, c);
    S.focusCell();
  }
  S.explain = (r, c) => {
    if (!S.isOwn(r, c)) return;
    const state = S.state(r, c);
    if (state && state.state === "conflict") {
      const buttons = document.createElement("div");
      buttons.className = "buttons";
      buttons.append(
        S.button(words.takeTheirs, "btn", () => settle(r, c, true)), S.button(words.keepMine, "btn", () => settle(r, c, false)),
      );
      S.openPop(r, c, [paragraph(state.sentence, "why"), value(words.mine, S.text(r, c)), value(words.theirs, state.theirs), buttons]);
    } else if (state && state.sentence) {
      S.openPop(r, c, [paragraph(state.sentence, state.state === "refused" ? "why" : "")]);
    } else if (S.note(r, c)) {
      S.openPop(r, c, [paragraph(S.note(r, c))]);
    }
  };
  S.pop.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    S.closePop();
    S.focusCell();
  });

  // --- buttons, and leaving
  button.addEventListener("click", () => { S.commit(); S.save(); });
  undo.addEventListener("click", () => S.step("undo"));
  redo.addEventListener("click", () => S.step("redo"));
  document.querySelector("[data-grid-fill]").addEventListener("click", () => { S.commit(); S.fillDown(); });
  window.addEventListener("beforeunload", (event) => {
    S.commit();
    if (changed.size || saving) { event.preventDefault(); event.returnValue = words.leave; }
  });
  S.status();
})();
