"use strict";
// Small behaviours of the house: dialogs, ticked rows, row clicks, charts. No inline script anywhere, so all hooks are data attributes.
(function () {
  const dialog = () => document.getElementById("dialog");

  // --- dialogs: whatever is loaded into #dialog opens it
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id === "dialog" && !event.target.open) event.target.showModal();
  });
  document.addEventListener("click", (event) => {
    const target = event.target;
    if (target.closest("[data-close-dialog]") && dialog() && dialog().open) {
      event.preventDefault();
      dialog().close();
    } else if (target === dialog()) {
      const box = target.getBoundingClientRect();
      const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
      if (!inside) target.close();
    }
  });

  // --- menus close when one goes on; a link to a folded panel opens it
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => { if (!event.target.closest("summary") || !menu.contains(event.target)) menu.open = false; });
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector("details[data-menu][open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
  });
  function unfold() {
    const panel = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const folded = panel && panel.closest("details");
    if (folded && !folded.open) { folded.open = true; panel.scrollIntoView(); }
  }
  window.addEventListener("hashchange", unfold);
  document.addEventListener("DOMContentLoaded", unfold);

  // --- the field that waits for the hand has it at once: a browser gives autofocus only when it paints, and a key may come before
  document.addEventListener("DOMContentLoaded", () => {
    const first = document.activeElement === document.body && document.querySelector("[autofocus]:enabled");
    if (first) first.focus({ preventScroll: true });
  });

  // --- a suggestion fills the input that it belongs to
  document.addEventListener("click", (event) => {
    const words = event.target.closest("[data-fill]");
    if (!words) return;
    const input = document.querySelector(words.dataset.fill);
    input.value = words.dataset.words;
    input.focus();
  });

  // --- lists: ticks, the bar below, a click anywhere on the row
  function ticks() {
    return Array.from(document.querySelectorAll("#result_list tbody input[type=checkbox]"));
  }
  function across(value) {
    const input = document.querySelector("[name=_across]");
    if (input) input.value = value ? "1" : "0";
    const button = document.querySelector("[data-across]");
    if (button) button.setAttribute("aria-pressed", value ? "true" : "false");
    const number = document.querySelector("[data-ticked]");
    if (number) number.textContent = value && button ? button.textContent.trim() : ticks().filter((tick) => tick.checked).length;
    if (button) button.hidden = value;
  }
  function refresh() {
    const bar = document.querySelector("[data-bulk-bar]");
    if (!bar) return;
    const all = ticks();
    const ticked = all.filter((tick) => tick.checked).length;
    bar.hidden = ticked === 0;
    across(false);
    const head = document.querySelector("[data-tick-all]");
    if (head) {
      head.checked = ticked > 0 && ticked === all.length;
      head.indeterminate = ticked > 0 && ticked < all.length;
    }
  }
  let last = null;
  document.addEventListener("click", (event) => {
    const target = event.target;
    if (target.matches("[data-tick-all]")) {
      ticks().forEach((tick) => { tick.checked = target.checked; });
      refresh();
    } else if (target.closest("[data-untick]")) {
      ticks().forEach((tick) => { tick.checked = false; });
      refresh();
    } else if (target.closest("[data-across]")) {
      across(true);
    } else if (target.closest("[data-ticked-link]") && document.querySelector("[name=_across]").value !== "1") {
      // a page about the ticked rows; about all that match, the link itself says which
      const link = target.closest("[data-ticked-link]");
      link.href = link.dataset.tickedLink + "&ids=" + ticks().filter((tick) => tick.checked).map((tick) => tick.value).join(",");
    } else if (target.matches("#result_list tbody input[type=checkbox]")) {
      const all = ticks();
      if (event.shiftKey && last) {
        const [from, to] = [all.indexOf(last), all.indexOf(target)].sort((a, b) => a - b);
        all.slice(from, to + 1).forEach((tick) => { tick.checked = target.checked; });
      }
      last = target;
      refresh();
    } else {
      openRow(event);
    }
  });
  function openRow(event) {
    const row = event.target.closest("#result_list tbody tr");
    if (!row || event.target.closest("a, button, input, label, .tick") || String(window.getSelection())) return;
    const link = row.querySelector("td a[href]");
    if (!link) return;
    if (event.ctrlKey || event.metaKey) window.open(link.href, "_blank", "noopener");
    else link.click();
  }
  // j and k walk through the rows, x ticks, Enter opens (a link has the focus)
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input:not([type=checkbox]), textarea, select")) return;
    const rows = Array.from(document.querySelectorAll("#result_list tbody tr"));
    if (!rows.length || !["j", "k", "x"].includes(event.key)) return;
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    if (event.key === "x") {
      const tick = at >= 0 && rows[at].querySelector("input[type=checkbox]");
      if (tick) { tick.checked = !tick.checked; refresh(); }
      return;
    }
    const next = rows[Math.min(rows.length - 1, Math.max(0, at + (event.key === "j" ? 1 : -1)))];
    const link = next.querySelector("a[href]") || next.querySelector("input");
    if (link) link.focus();
  });
  window.addEventListener("pageshow", refresh); // the browser restores ticks when one goes back

  // --- charts: <canvas data-chart="id of a json_script">
  function palette() {
    const style = getComputedStyle(document.documentElement);
    const value = (name, other) => style.getPropertyValue(name).trim() || other;
    return {
      text: value("--mute", "#6b7280"), line: value("--line", "#e5e7eb"), paper: value("--paper", "#fff"),
      band: document.documentElement.classList.contains("dark") ? "#818cf859" : "#4f46e52e",
      expected: document.documentElement.classList.contains("dark") ? "#a5b4fc" : "#4f46e5",
      series: ["#4f46e5", "#0ea5e9", "#10b981", "#f59e0b", "#ef4444", "#8b5cf6", "#14b8a6", "#64748b"],
    };
  }
  // of lines: the edge and band of what is likely, marks at single points, what is only expected
  function look(name, colours) {
    if (name === "edge") return { borderWidth: 0, backgroundColor: "transparent" };
    if (name === "band") return { borderWidth: 1, borderColor: colours.band, fill: "-1", backgroundColor: colours.band, pointStyle: "rect" };
    if (name === "marks") return { showLine: false, pointRadius: 4, pointStyle: "rectRot", backgroundColor: colours.series[3], borderColor: colours.series[3] };
    if (name === "dashed") return { borderDash: [6, 4], borderColor: colours.expected, backgroundColor: colours.expected, pointStyle: "line" };
    if (name === "events") return { showLine: false, clip: false, pointRadius: 5, pointStyle: "triangle", backgroundColor: colours.series[5], borderColor: colours.series[5] };
    if (name === "holidays") return { showLine: false, clip: false, pointRadius: 3, pointStyle: "circle", backgroundColor: colours.text, borderColor: colours.text };
    return {};
  }
  const FOOT = ["events", "holidays"]; // they tell that, not how many
  function drawChart(canvas) {
    const source = document.getElementById(canvas.dataset.chart);
    if (!source || !window.Chart) return;
    const chart = JSON.parse(source.textContent);
    const colours = palette();
    const write = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 2 });
    const short = new Intl.NumberFormat(document.documentElement.lang, { notation: "compact" });
    const stacked = Boolean(chart.stacked);
    const suffix = chart.unit ? " " + chart.unit : "";
    const old = window.Chart.getChart(canvas);
    if (old) old.destroy();
    new window.Chart(canvas, {
      type: chart.type || "bar",
      data: {
        labels: chart.labels,
        datasets: chart.series.map((series, index) => ({
          label: series.name, data: series.values, backgroundColor: colours.series[index % 8], borderColor: colours.series[index % 8],
          borderWidth: chart.type === "line" ? 2 : 0, pointRadius: 0, pointHitRadius: 12, tension: 0.25, pointStyle: chart.series.some((one) => one.look) ? "line" : "circle", stepped: Boolean(chart.stepped), borderRadius: stacked ? 0 : 4, maxBarThickness: 36,
          ...look(series.look, colours),
        })),
      },
      options: {
        responsive: true, maintainAspectRatio: false, animation: false, interaction: { mode: "index", intersect: false },
        plugins: {
          legend: { display: chart.series.length > 1, position: "bottom", labels: { filter: (item) => chart.series[item.datasetIndex].look !== "edge", color: colours.text, boxWidth: chart.series.some((series) => series.look === "dashed") ? 18 : 10, boxHeight: 10, usePointStyle: true, ...(chart.series.some((series) => series.look) ? {} : { pointStyle: "circle" }) } },
          tooltip: { callbacks: { label: (item) => FOOT.includes(chart.series[item.datasetIndex].look) ? item.dataset.label : item.dataset.label + ": " + write.format(item.parsed.y) + suffix } },
        },
        scales: {
          x: { stacked, grid: { display: false }, ticks: { color: colours.text, maxRotation: 0, autoSkipPadding: 12 }, border: { color: colours.line } },
          y: { stacked, beginAtZero: true, grid: { color: colours.line }, border: { display: false }, ticks: { color: colours.text, maxTicksLimit: 6, callback: (value) => short.format(value) } },
        },
      },
    });
  }
  function drawCharts() { document.querySelectorAll("canvas[data-chart]").forEach(drawChart); }
  document.addEventListener("DOMContentLoaded", () => {
    drawCharts();
    refresh();
    document.querySelectorAll("[data-scroll-to-active] [aria-current]").forEach((tab) => tab.scrollIntoView({ block: "nearest", inline: "center" }));
    new MutationObserver(drawCharts).observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
  });
})();
