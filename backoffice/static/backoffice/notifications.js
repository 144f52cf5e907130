"use strict";
// The bell: a followed notification is read; an answer that is not the bell's (the login page) never replaces it.
(function () {
  function token() {
    const input = document.querySelector("[name=csrfmiddlewaretoken]");
    return input ? input.value : "";
  }
  function read(event) {
    const link = event.target.closest("a[data-told]");
    if (!link || !token() || (event.type === "auxclick" && event.button !== 1)) return;
    const body = new URLSearchParams({ id: link.dataset.told, csrfmiddlewaretoken: token() });
    link.removeAttribute("data-told");
    link.closest(".told").classList.remove("unread");
    fetch("/admin/notifications/read/", { method: "POST", body, keepalive: true, headers: { "HX-Request": "true" } });
  }
  document.addEventListener("click", read);
  document.addEventListener("auxclick", read);
  document.addEventListener("htmx:beforeSwap", (event) => {
    const wanted = event.detail.target && (event.detail.target.dataset.onlyIf || (event.detail.target.id === "bell-panel" && "bell-all"));
    if (wanted && !event.detail.xhr.responseText.includes(wanted)) event.detail.shouldSwap = false;
  });
})();
