"use strict";
// Counts that are on their way: kept in the browser until the server has them, sent in order, each under its own key.
window.countQueue = (() => {
  function newKey() {
    const bytes = crypto.getRandomValues(new Uint8Array(16)); // randomUUID is missing on plain http
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }
  function storage(name) {
    let kept = [];
    try { kept = JSON.parse(localStorage.getItem(name) || "[]"); } catch { kept = []; }
    return {
      read: () => kept,
      write: (value) => { kept = value; try { localStorage.setItem(name, JSON.stringify(value)); } catch { /* full or closed: this page still has it */ } },
    };
  }
  // ask(url, values) -> {kind: "done" | "refused" | "login" | "offline", ...answer}
  async function ask(url, token, values) {
    try {
      const response = await fetch(url, {
        method: values ? "POST" : "GET", credentials: "same-origin", redirect: "manual", keepalive: Boolean(values), body: values ? JSON.stringify(values) : undefined,
        headers: { "Content-Type": "application/json", "X-CSRFToken": token, Accept: "application/json" },
      });
      if (response.type === "opaqueredirect" || response.status === 403) return { kind: "login" };
      if (response.status >= 500) return { kind: "offline" };
      const isJson = (response.headers.get("Content-Type") || "").includes("json");
      const answer = isJson ? await response.json() : {};
      return { kind: response.ok ? "done" : "refused", sentence: String(response.status), ...answer };
    } catch {
      return { kind: "offline" };
    }
  }
  // told(kind, item, answer) after each try; a count of a line takes the place of an unsent one of the same line
  function make(name, url, token, told) {
    const kept = storage(name);
    let sending = false;
    let pause = 1000;
    async function send() {
      if (sending) return;
      sending = true;
      while (kept.read().length) {
        const item = kept.read()[0];
        kept.write(kept.read().map((one, index) => (index ? one : { ...one, tried: true })));
        const answer = await ask(url, token(), { key: item.key, line: item.line, counted: item.counted });
        if (answer.kind === "done" || answer.kind === "refused") {
          kept.write(kept.read().filter((one) => one.key !== item.key));
          pause = 1000;
          told(answer.kind, item, answer);
        } else {
          told(answer.kind, item, answer);
          setTimeout(send, pause);
          pause = Math.min(pause * 2, 30000);
          break;
        }
      }
      sending = false;
    }
    window.addEventListener("online", () => { pause = 1000; send(); });
    return {
      send,
      waiting: () => kept.read(),
      add(line, counted) {
        // what was tried may have arrived: it keeps its key and its number, the new one follows it
        kept.write([...kept.read().filter((one) => one.line !== line || one.tried), { key: newKey(), line, counted }]);
        send();
      },
    };
  }
  return { make, ask, newKey, storage };
})();
