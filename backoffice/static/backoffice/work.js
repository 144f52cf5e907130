// What board, day and calendar share: filters that apply at once, a line that says what happened, posting.
(() => {
  "use strict";
  document.documentElement.classList.add("js");

  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-submit-on-change]");
    if (!form) return;
    // empty choices do not belong into the address
    form.querySelectorAll("select, input").forEach((field) => { field.disabled = field.value === ""; });
    form.requestSubmit ? form.requestSubmit() : form.submit();
    form.querySelectorAll("select, input").forEach((field) => { field.disabled = false; });
  });

  let hiding = null;
  function say(sentence, bad) {
    const toast = document.getElementById("toast");
    if (!toast) return;
    toast.textContent = sentence;
    toast.classList.toggle("bad", Boolean(bad));
    toast.hidden = false;
    window.clearTimeout(hiding);
    hiding = window.setTimeout(() => { toast.hidden = true; }, bad ? 8000 : 4000);
  }

  // POST as a drop; resolves to {status, sentence, ask}
  async function drop(url, values) {
    const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
    const response = await fetch(url, {
      method: "POST", credentials: "same-origin",
      headers: { "X-CSRFToken": token, "X-Requested-With": "board", Accept: "application/json" },
      body: new URLSearchParams(values),
    });
    const answer = (response.headers.get("Content-Type") || "").includes("json") ? await response.json() : {};
    return { status: response.status, sentence: answer.sentence || "", ask: answer.ask || "" };
  }

  function open(url) { window.htmx.ajax("GET", url, { target: "#dialog", swap: "innerHTML" }); }

  window.work = { say, drop, open };
})();
