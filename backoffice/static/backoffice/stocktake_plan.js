"use strict";
// Only the question of the chosen scope is shown.
document.addEventListener("DOMContentLoaded", () => {
  const scope = document.querySelector(".plan-form [name=scope]");
  if (!scope) return;
  const show = () => document.querySelectorAll(".plan-form [data-for]").forEach((part) => part.classList.toggle("shown", part.dataset.for === scope.value));
  scope.addEventListener("change", show);
  show();
});
