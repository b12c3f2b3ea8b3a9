// What pages do without the server: menus, palette, shortcuts, dialogs, toasts, boards. Everything works without it too, by links and forms.
(() => {
  const doc = document, root = doc.documentElement;
  const $ = (selector, from = doc) => from.querySelector(selector);
  const all = (selector, from = doc) => [...from.querySelectorAll(selector)];
  const say = (text) => { const live = $("#live"); if (live) live.textContent = text; };

  // --- requests of htmx carry the token of this page ---
  doc.addEventListener("htmx:configRequest", (event) => {
    const token = $("meta[name=csrf]");
    if (token) event.detail.headers["x-csrf-token"] = token.content;
  });
  // A part of the page asked for after the session ended must not take what was typed away with the page.
  doc.addEventListener("htmx:beforeOnLoad", (event) => {
    if (event.detail.xhr.status === 401 && $("#signed-out")) { event.preventDefault(); open("signed-out"); }
  });
  // An answer about what a field held before somebody went on typing is let go: the field would lose what they typed.
  doc.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const { elt, parameters } = detail.requestConfig ?? {};
    if (elt?.name && "value" in elt && !["checkbox", "radio", "file"].includes(elt.type) && parameters?.[elt.name] !== elt.value) detail.shouldSwap = false;
  });
  // Who works with the keyboard stays in the part of the page that was replaced.
  let worked;
  doc.addEventListener("htmx:beforeSwap", ({ detail }) => { worked = detail.target !== doc.body && detail.target.contains(doc.activeElement) ? detail.target : null; });
  doc.addEventListener("htmx:afterSettle", () => {
    const part = worked && (doc.getElementById(worked.id) || worked);
    worked = null;
    if (!part || !part.isConnected || doc.activeElement !== doc.body) return;
    part.tabIndex = -1;
    part.focus({ preventScroll: true });
  });
  doc.addEventListener("htmx:responseError", (event) => {
    const told = event.detail.xhr.getResponseHeader("x-told");
    toast(told ? decodeURIComponent(told) : `${event.detail.xhr.status} ${event.detail.xhr.statusText}`);
  });

  // --- toasts ---
  function toast(text) {
    const box = doc.createElement("div");
    box.className = "toast-note";
    const words = doc.createElement("span");
    words.textContent = text;
    box.append(words);
    $("#toasts").append(box);
    setTimeout(() => box.remove(), 8000);
  }

  // --- light and dark: kept in a cookie, so that the server draws the next page right away ---
  function theme() {
    const next = root.dataset.bsTheme === "dark" ? "light" : "dark";
    root.dataset.bsTheme = root.dataset.themeChoice = next;
    doc.cookie = `headway_theme=${next}; path=/; max-age=31536000; samesite=lax` + (location.protocol === "https:" ? "; secure" : "");
  }

  // --- side navigation on narrow screens ---
  function side(open) {
    const panel = $("#side");
    if (!panel) return;
    panel.classList.toggle("open", open);
    const scrim = $(".scrim");
    scrim.hidden = !open;
    const button = $(".menu-button");
    button.setAttribute("aria-expanded", String(open));
    (open ? $("a, button", panel) : button).focus();
  }

  // --- palette ---
  const palette = $("#palette");
  function search() {
    if (!palette || palette.open) return;
    palette.showModal();
    const input = $("input", palette);
    input.select();
    input.dispatchEvent(new Event("palette-open"));
  }
  function walk(event) {
    const hits = all("#hits a");
    if (!hits.length) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const input = $("input", palette);
    let at = hits.findIndex((hit) => hit.getAttribute("aria-selected") === "true");
    if (step) {
      event.preventDefault();
      at = (at + step + hits.length) % hits.length;
      hits.forEach((hit, index) => hit.setAttribute("aria-selected", String(index === at)));
      hits[at].scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", hits[at].id);
    } else if (event.key === "Enter") {
      event.preventDefault();
      location.assign(hits[Math.max(at, 0)].href);
    }
  }

  // --- rows of lists by j and k ---
  function row(step) {
    const links = all("table[data-rows] tbody tr").map((line) => $("a", line)).filter(Boolean);
    if (!links.length) return;
    const at = links.indexOf(doc.activeElement);
    links[Math.min(Math.max(at + step, 0), links.length - 1)].focus();
  }

  let goes = 0;
  const shortcutsOff = () => localStorage.getItem("headway-shortcuts") === "off";
  doc.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { event.preventDefault(); search(); return; }
    if (palette && palette.open) { walk(event); return; }
    if (event.key === "Escape") { closeMenus(); if ($("#side.open")) side(false); return; }
    const typing = event.target.closest("input, textarea, select, [contenteditable]") || $("dialog[open]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || shortcutsOff()) return;
    if (Date.now() - goes < 1500) {
      goes = 0;
      const link = $(`[data-go="${CSS.escape(event.key)}"]`);
      if (link) { event.preventDefault(); location.assign(link.href); }
      return;
    }
    const keys = { "/": search, "?": () => open("shortcuts"), j: () => row(1), k: () => row(-1), g: () => { goes = Date.now(); } };
    if (keys[event.key]) { event.preventDefault(); keys[event.key](); }
  });

  // --- dialogs and menus ---
  function open(id) { const dialog = doc.getElementById(id); if (dialog && !dialog.open) dialog.showModal(); }
  function closeMenus(except) { all("details[data-menu-box][open]").forEach((menu) => { if (menu !== except) { const inside = menu.contains(doc.activeElement); menu.open = false; if (inside) $("summary", menu).focus(); } }); }
  const actions = [
    ["[data-palette]", search],
    ["[data-theme-toggle]", theme],
    ["[data-menu]", () => side(!$("#side").classList.contains("open"))],
    ["[data-shortcuts]", () => open("shortcuts")],
    ["[data-open]", (node) => open(node.dataset.open)],
    ["[data-close]", (node) => node.closest("dialog").close()],
    ["[data-close-toast]", (node) => node.closest("[data-toast]").remove()],
    ["[data-copy]", (node) => copy(node.dataset.copy, node)],
    ["[data-copy-address]", (node) => copy(location.href, node)],
    ["[data-save-view]", () => { location.assign("/views/new?address=" + encodeURIComponent(location.pathname + location.search)); }],
    ["[data-print]", () => print()],
  ];
  doc.addEventListener("click", (event) => {
    closeMenus(event.target.closest("details[data-menu-box]"));
    for (const [selector, act] of actions) {
      const node = event.target.closest(selector);
      if (node) { act(node); return; }
    }
  });
  async function copy(text, node) {
    try { await navigator.clipboard.writeText(text); say(node.dataset.copied || "✓"); node.classList.add("copied"); setTimeout(() => node.classList.remove("copied"), 1500); }
    catch { prompt("", text); }
  }
  const off = $("[data-shortcuts-off]");
  if (off) {
    off.checked = shortcutsOff();
    off.addEventListener("change", () => localStorage.setItem("headway-shortcuts", off.checked ? "off" : "on"));
  }

  // --- forms: ask before what cannot be taken back; send once; lose nothing when the session has ended ---
  doc.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.method === "dialog" || form.dataset.passed) return;
    if (form.dataset.confirm) {
      event.preventDefault();
      if (!(await confirmed(form.dataset.confirm))) return;
      resend(form, event.submitter);
      return;
    }
    if (form.method === "post" && form.enctype === "multipart/form-data" && !form.hasAttribute("data-open-door")) {
      event.preventDefault();
      if (!(await signedIn())) { open("signed-out"); return; }
      resend(form, event.submitter);
      return;
    }
    if (form.method === "post" && !form.hasAttribute("hx-post")) busy(form, event.submitter);
  });
  function busy(form, submitter) { setTimeout(() => { if (submitter) { submitter.disabled = true; submitter.classList.add("is-busy"); } }, 0); }
  function resend(form, submitter) {
    form.dataset.passed = "yes";
    form.requestSubmit(submitter || undefined);
    delete form.dataset.passed;
    busy(form, submitter);
  }
  function confirmed(text) {
    const dialog = $("#confirm");
    $("[data-confirm-text]", dialog).textContent = text;
    dialog.returnValue = "no";
    dialog.showModal();
    return new Promise((done) => dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true }));
  }
  async function signedIn() {
    const answer = await fetch("/session", { headers: { accept: "application/json" } });
    if (!answer.ok) return false;
    const { csrf } = await answer.json();
    all("input[name=csrf]").forEach((input) => { input.value = csrf; });
    const meta = $("meta[name=csrf]");
    if (meta) meta.content = csrf;
    return true;
  }
  addEventListener("focus", async () => {
    const dialog = $("#signed-out");
    if (dialog && dialog.open && (await signedIn())) { dialog.close(); say("✓"); }
  });
  addEventListener("pageshow", () => all(".is-busy").forEach((button) => { button.disabled = false; button.classList.remove("is-busy"); }));

  // --- filters apply as they change ---
  let timer;
  doc.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-filters]");
    if (!form) return;
    clearTimeout(timer);
    timer = setTimeout(() => narrow(form), event.target.matches("select") ? 0 : 250);
  });
  async function narrow(form) {
    const fields = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
    const address = form.action + (fields.size ? `?${fields}` : "");
    const answer = await fetch(address, { headers: { accept: "text/html" } });
    if (!answer.ok || answer.redirected) { location.assign(address); return; }
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(form.closest(".list").id);
    const old = form.closest(".list");
    if (!fresh) { location.assign(address); return; }
    const focus = doc.activeElement && doc.activeElement.name, caret = doc.activeElement && doc.activeElement.selectionStart;
    old.replaceWith(fresh);
    boards();
    const again = focus && $(`[name="${focus}"]`, fresh);
    if (again) { again.focus(); if (typeof caret === "number" && again.type === "search") again.setSelectionRange(caret, caret); }
    history.replaceState(null, "", address);
    say($(".list-foot span", fresh).textContent);
  }
  // Choosing works without script by the button "Apply"; with it the button is not needed.
  root.classList.add("has-script");

  // --- boards: a card dropped elsewhere is asked of the server, and snaps back with the reason when refused ---
  function boards() {
    if (!window.Sortable) return;
    all("[data-board]").forEach((board) => all(".lane-cards", board).forEach((lane) => {
      if (lane.dataset.ready) return;
      lane.dataset.ready = "yes";
      let next;
      window.Sortable.create(lane, {
        group: "board", animation: 120, draggable: ".lane-card", filter: "details, a, button", preventOnFilter: false,
        onStart: (event) => { next = event.item.nextElementSibling; },
        onEnd: async (event) => {
          if (event.from === event.to) return;
          const body = new URLSearchParams({ card: event.item.dataset.card, to: event.to.dataset.lane, csrf: $("meta[name=csrf]").content });
          const answer = await fetch(board.dataset.board, { method: "POST", body, headers: { accept: "application/json" } });
          const told = await answer.json().catch(() => ({}));
          if (told.go) { location.assign(told.go); return; }
          event.from.insertBefore(event.item, next);
          if (told.detail) { toast(told.detail); say(told.detail); }
        },
      });
    }));
  }
  addEventListener("load", boards);
  doc.addEventListener("htmx:afterSettle", boards);

  // --- one-time codes come behind the #, so that they reach no log ---
  all("[data-from-hash]").forEach((input) => {
    if (location.hash.length > 1 && !input.value) { input.value = decodeURIComponent(location.hash.slice(1)); history.replaceState(null, "", location.pathname + location.search); }
    if (input.value && input.form.hasAttribute("data-send-at-once")) input.form.requestSubmit();
  });

  // --- the set-up leads to pages all over the house: there is a way back to its step, until one goes home ---
  const step = "headway-setup";
  if (location.pathname === "/") sessionStorage.removeItem(step);
  if (location.pathname.startsWith("/setup/")) sessionStorage.setItem(step, location.pathname);
  else if ($("[data-setup]") && sessionStorage.getItem(step)) { $("[data-setup] a").href = sessionStorage.getItem(step); $("[data-setup]").hidden = false; }

  // --- small comforts ---
  const about = $("[data-about]");
  if (about) {
    const key = `headway-about-${location.pathname.split("/")[1]}`;
    about.open = localStorage.getItem(key) === "open";
    about.addEventListener("toggle", () => localStorage.setItem(key, about.open ? "open" : "closed"));
  }
  all(".tabs ul").forEach((bar) => { // on a phone the tab one is on may lie beyond the edge
    const here = $("[aria-current]", bar);
    if (here) bar.scrollLeft = here.offsetLeft - bar.offsetLeft - (bar.clientWidth - here.offsetWidth) / 2;
  });
  const refused = $("dialog[data-reopen]");
  if (refused) refused.showModal();
  const wrong = $("[data-focus]", refused || doc);
  if (wrong) wrong.focus();
  if (location.hash.startsWith("#c-")) { const marked = doc.getElementById(location.hash.slice(1)); if (marked) marked.classList.add("marked"); }

  // --- a simulated company that is being taken away: its own address ends to exist when the empty home answers ---
  const going = $("[data-until-gone]");
  if (going) setInterval(async () => {
    const answer = await fetch(going.dataset.untilGone, { cache: "no-store", redirect: "manual" }).catch(() => null);
    if (answer?.status === 404) location.replace(going.dataset.then);
  }, 1500);
})();
