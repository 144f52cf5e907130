"use strict";
// Putting away without leaving the page: one hears whether it went well, and what is typed stays when the network is gone.
// Without this file the same forms work by reloading.
(() => {
  const root = document.getElementById("put-away");
  if (!root) return;
  const focus = () => { const field = root.querySelector("[autofocus]"); if (field) field.focus(); };

  async function send(form) {
    const data = new FormData(form);
    const isPost = form.method === "post";
    const url = isPost ? form.action : `${location.pathname}?${new URLSearchParams(data)}`;
    root.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(url, isPost ? { method: "POST", body: new URLSearchParams(data) } : {});
      const page = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("put-away");
      if (!page) { location.assign(answer.url); return; }
      root.replaceChildren(...page.childNodes);
      history.replaceState(null, "", answer.url);
      const said = root.querySelector("[data-beep]");
      window.scanning.beep(said ? said.dataset.beep : "good");
      focus();
    } catch {
      root.querySelector("[data-offline]").hidden = false;
      window.scanning.beep("bad");
    } finally {
      root.removeAttribute("aria-busy");
    }
  }

  root.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!root.hasAttribute("aria-busy")) send(event.target);  // Enter twice is one press
  });
  document.addEventListener("keydown", (event) => {
    const leave = root.querySelector("[data-leave]");
    if (event.key === "Escape" && leave) leave.click();
  });
  root.addEventListener("focusin", (event) => {
    if (event.target.matches(".put-pieces input")) event.target.select();
  });
  focus();
})();
