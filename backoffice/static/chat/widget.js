// The live chat of a site: <script src="…/static/chat/widget.js" data-chat="code" async></script>
// It stands in a shadow tree, so that neither page changes the other, and writes text only: nothing that anybody sends
// becomes markup. It keeps one signed token in the site's own storage and sets no cookie.
(() => {
  "use strict";
  const tag = document.currentScript;
  if (!tag || !tag.dataset.chat) return;
  const source = new URL(tag.src);
  const base = new URL(`/chat/${encodeURIComponent(tag.dataset.chat)}/`, source.origin);
  const kept = `chat:${tag.dataset.chat}`;
  const customer = tag.dataset.customer || "";
  const asked = (tag.dataset.lang || document.documentElement.lang || navigator.language || "").slice(0, 2);
  const OPEN_EVERY = 3000;
  const CLOSED_EVERY = 20000;
  const LONGEST_PAUSE = 60000;

  let setting = null;
  let token = read();
  let version = "";
  let place = 0;
  let seen = 0;
  let pause = OPEN_EVERY;
  let timer = 0;
  let nonce = fresh();

  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "open" });
  const style = element("link", { rel: "stylesheet", href: new URL("widget.css", source).href });
  const button = element("button", { type: "button", className: "open" });
  const badge = element("span", { className: "badge", hidden: true });
  const panel = element("section", { className: "panel", hidden: true });
  const title = element("h2");
  const close = element("button", { type: "button", className: "close", textContent: "×" });
  const lines = element("ol", { className: "lines" });
  const notice = element("p", { className: "notice", hidden: true });
  const form = element("form");
  const head = element("header");
  panel.setAttribute("role", "dialog");
  lines.setAttribute("aria-live", "polite");
  notice.setAttribute("role", "status");
  head.append(title, close);
  panel.append(head, lines, notice, form);
  root.append(style, panel, button);

  function element(name, values) {
    return Object.assign(document.createElement(name), values || {});
  }

  function fresh() {
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  function read() {
    try {
      return localStorage.getItem(kept) || "";
    } catch {
      return ""; // no storage: the chat lasts as long as the page
    }
  }

  function keep(value) {
    token = value;
    try {
      if (value) localStorage.setItem(kept, value);
      else localStorage.removeItem(kept);
    } catch {
      // as above
    }
  }

  async function ask(where, values, files) {
    const body = new FormData();
    for (const [name, value] of Object.entries({ lang: setting.language, token, ...values })) body.append(name, value);
    for (const file of files || []) body.append("files", file);
    return fetch(new URL(where, base), { method: "POST", body, credentials: "omit", referrerPolicy: "no-referrer" });
  }

  function say(text, isBad) {
    notice.textContent = text;
    notice.hidden = !text;
    notice.classList.toggle("bad", Boolean(isBad));
  }

  function show(told) {
    if (told.token) keep(told.token);
    version = told.version;
    place = told.place;
    const wasAtEnd = lines.scrollHeight - lines.scrollTop - lines.clientHeight < 60;
    lines.replaceChildren(...told.lines.map(line));
    const ours = told.lines.filter((one) => one.ours).length;
    if (!panel.hidden) seen = ours;
    badge.textContent = String(ours - seen);
    badge.hidden = ours <= seen;
    if (wasAtEnd) lines.scrollTop = lines.scrollHeight;
  }

  function line(told) {
    const item = element("li", { className: told.ours ? "ours" : "theirs" });
    const who = element("span", { className: "unseen", textContent: told.ours ? setting.words.us : setting.words.you });
    item.append(who, element("p", { textContent: told.body }));
    for (const file of told.files) {
      const get = element("button", { type: "button", className: "file", textContent: `📎 ${file.name}` });
      get.addEventListener("click", () => download(file));
      item.append(get);
    }
    const moment = new Date(told.at).toLocaleTimeString(setting.language, { hour: "2-digit", minute: "2-digit" });
    item.append(element("time", { dateTime: told.at, textContent: moment }));
    return item;
  }

  async function download(file) {
    const answer = await ask("file/", { file: file.id }).catch(() => null);
    if (!answer || !answer.ok) return say(setting.words.again, true);
    const link = element("a", { href: URL.createObjectURL(await answer.blob()), download: file.name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  // one look after the other; slower while the panel is closed, the page is hidden, or nothing answers
  async function look() {
    clearTimeout(timer);
    if (token && !document.hidden) {
      try {
        const answer = await ask("said/", { since: version });
        if (answer.status === 401) return anew();
        if (answer.status === 200) show(await answer.json());
        if (!notice.classList.contains("bad") || notice.textContent === setting.words.lost) say("");
        pause = panel.hidden ? CLOSED_EVERY : OPEN_EVERY;
      } catch {
        if (!panel.hidden) say(setting.words.lost, true);
        pause = Math.min(pause * 2, LONGEST_PAUSE);
      }
    }
    if (token) timer = setTimeout(look, pause);
  }

  function anew() {
    keep("");
    clearTimeout(timer);
    version = "";
    nonce = fresh();
    lines.replaceChildren();
    draw();
  }

  function field(name, kind, isNeeded) {
    const label = element("label", { textContent: setting.words[name] });
    const input = element(kind === "area" ? "textarea" : "input", { name, required: isNeeded });
    if (kind === "area") Object.assign(input, { rows: 3, maxLength: 4000 });
    else Object.assign(input, { type: kind, maxLength: 200, autocomplete: name === "name" ? "name" : "email" });
    label.append(input);
    return label;
  }

  function draw() {
    const words = setting.words;
    title.textContent = setting.name;
    button.textContent = words.open;
    button.append(badge);
    close.setAttribute("aria-label", words.close);
    panel.setAttribute("aria-label", setting.name);
    form.replaceChildren();
    form.classList.toggle("talk", Boolean(token));
    if (token) return drawTalk(words);
    const greeting = setting.closed || setting.greeting;
    say(greeting);
    const agree = element("label", { className: "consent" });
    agree.append(element("input", { type: "checkbox", name: "consent", required: true }), setting.consent);
    if (!customer) form.append(field("name", "text", false), field("address", "email", setting.leaves_message));
    const submit = element("button", { type: "submit", textContent: setting.leaves_message ? words.leave : words.begin });
    form.append(field("body", "area", true), agree, submit);
  }

  function drawTalk(words) {
    const input = element("textarea", { name: "body", rows: 2, maxLength: 4000, placeholder: words.body });
    input.setAttribute("aria-label", words.body);
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return; // Enter ends a Korean syllable too
      event.preventDefault();
      form.requestSubmit();
    });
    const chosen = element("span", { className: "chosen" });
    const files = element("input", { type: "file", name: "files", multiple: true, accept: "image/*,.pdf" });
    files.addEventListener("change", () => {
      chosen.textContent = Array.from(files.files, (file) => file.name).join(", ");
    });
    const add = element("label", { className: "add", title: words.file, textContent: "📎" });
    add.setAttribute("aria-label", words.file);
    add.append(files);
    form.append(input, add, element("button", { type: "submit", textContent: words.send }), chosen);
  }

  async function submit(event) {
    event.preventDefault();
    const data = new FormData(form);
    const pressed = form.querySelector("button[type=submit]");
    if (pressed.disabled) return;
    pressed.disabled = true;
    try {
      await (token ? talk(data) : begin(data));
    } catch {
      say(setting.words.again, true);
    }
    pressed.disabled = false;
  }

  async function begin(data) {
    const values = { nonce, customer, page: location.href.split("?")[0], opened: setting.opened };
    for (const name of ["name", "address", "body", "consent"]) values[name] = data.get(name) || "";
    if (setting.leaves_message) values.leave = "1";
    const answer = await ask("begin/", values);
    const told = await answer.json();
    if (!answer.ok) return say(told.error || setting.words.again, true);
    if (told.left) {
      form.replaceChildren();
      return say(setting.words.left);
    }
    say("");
    show(told);
    draw();
    pause = OPEN_EVERY;
    look();
  }

  async function talk(data) {
    const files = data.getAll("files").filter((file) => file.size);
    const body = (data.get("body") || "").trim();
    if (!body && !files.length) return;
    const answer = await ask("say/", { body, place: place + 1 }, files);
    if (answer.status === 401) return anew();
    const told = await answer.json();
    if (!answer.ok) {
      say(told.error || setting.words.again, true);
      return answer.status === 409 ? look() : undefined; // the words stay in the form
    }
    say("");
    show(told);
    form.reset();
    form.querySelector(".chosen").textContent = "";
    lines.scrollTop = lines.scrollHeight;
  }

  function toggle(isOpen) {
    panel.hidden = !isOpen;
    button.hidden = isOpen;
    pause = isOpen ? OPEN_EVERY : CLOSED_EVERY;
    if (!isOpen) return button.focus();
    const first = form.querySelector("textarea, input");
    if (first) first.focus();
    lines.scrollTop = lines.scrollHeight;
    look();
  }

  async function start() {
    const answer = await fetch(new URL(`?lang=${encodeURIComponent(asked)}`, base), { credentials: "omit" });
    if (!answer.ok) return; // closed, or not a site of this chat: nothing is shown
    setting = await answer.json();
    draw();
    document.body.append(host);
    button.addEventListener("click", () => toggle(true));
    close.addEventListener("click", () => toggle(false));
    panel.addEventListener("keydown", (event) => event.key === "Escape" && toggle(false));
    form.addEventListener("submit", submit);
    document.addEventListener("visibilitychange", () => !document.hidden && look());
    look();
  }

  start().catch(() => undefined);
})();
