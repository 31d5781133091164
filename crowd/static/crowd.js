// Everything here makes a page that already works a little better. Nothing depends on it.
"use strict";
(() => {
  const all = (selector, root = document) => root.querySelectorAll(selector);
  const words = () => document.body.dataset;

  // ---- instants: keep "in 23 days" true while a page stays open. Rounded down, like the server does it.
  const UNITS = [[730, "year", 365.25], [60, "month", 30.4375], [2, "day", 1], [2 / 24, "hour", 1 / 24], [1 / 1440, "minute", 1 / 1440]];
  const served = document.querySelector("footer time");
  const offset = served ? Date.parse(served.dateTime) - Date.now() : 0; // the server's clock counts, not this machine's
  function relative() {
    const format = new Intl.RelativeTimeFormat(document.documentElement.lang);
    for (const place of all("[data-relative]")) {
      const days = (Date.parse(place.closest("time").dateTime) - Date.now() - offset) / 86400000;
      const unit = UNITS.find(([least]) => Math.abs(days) >= least);
      place.textContent = unit ? format.format(Math.trunc(days / unit[2]), unit[1]) : days > 0 ? words().soonText : words().nowText;
    }
  }

  // ---- menus: one open at a time; Escape and a click elsewhere close them
  document.addEventListener("click", (event) => {
    for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.activeElement.closest("details.menu[open], details.confirm[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
  });

  // ---- forms
  const changed = new WeakSet();
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (!form) return;
    changed.add(form);
    if (form.hasAttribute("data-autosave")) later(form);
    tally(form);
    divide(form);
    for (const place of all("[data-understood]", form)) {
      if (place.id === `${event.target.id}-understood` || place.dataset.beside === event.target.name) understand(form, place);
    }
  });
  document.addEventListener("change", (event) => { if (event.target.type === "file") { name(event.target); fits(event.target); } });
  window.addEventListener("beforeunload", (event) => {
    for (const form of all("form[data-guard], form[data-autosave]")) if (changed.has(form) && !form.dataset.sending) event.preventDefault();
  });
  window.addEventListener("pageshow", () => { for (const form of all("form[data-sending]")) delete form.dataset.sending; });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sending) { event.preventDefault(); return; } // a second click is not a second act
    const heavy = [...all("input[type=file]", form)].find((input) => !fits(input));
    if (heavy) { event.preventDefault(); heavy.focus(); return; }
    clearTimeout(timers.get(form));
    form.dataset.sending = "yes";
    setTimeout(() => { delete form.dataset.sending; }, 15000); // an answer that is a file leaves the page open
    if (form.hasAttribute("data-upload") && [...all("input[type=file]", form)].some((input) => input.files.length)) {
      event.preventDefault();
      upload(form, event.submitter);
    }
  });

  // ---- autosave: 1.5 s after the last key; what could not be saved stays on the page and says why
  const timers = new WeakMap();
  const running = new WeakSet();
  function later(form) {
    clearTimeout(timers.get(form));
    timers.set(form, setTimeout(() => save(form), 1500));
  }
  async function save(form) {
    if (form.dataset.sending) return;
    if (running.has(form)) { later(form); return; }
    running.add(form);
    const data = new FormData(form);
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    changed.delete(form);
    try {
      const answer = await fetch(form.dataset.autosaveUrl, {
        method: "POST", body: data, headers: { Accept: "application/json", "X-Requested-With": "fetch" }, redirect: "error",
      });
      const body = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
      if (!answer.ok) throw new Error(body.message || body.error?.message || answer.statusText || String(answer.status));
      for (const [name, value] of Object.entries(body.fields || {})) if (form.elements[name]) form.elements[name].value = value; // hidden marks of the state saved
      for (const [name, html] of Object.entries(body.parts || {})) show(name, html);
      const at = new Date(body.saved_at || Date.now()).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
      tell(form, words().savedText.replace("{time}", at), false);
    } catch (problem) {
      changed.add(form);
      const reason = problem instanceof TypeError ? words().offlineText : problem.message;
      tell(form, words().unsavedText.replace("{reason}", reason), true);
    } finally {
      running.delete(form);
    }
  }
  // what depends on what was saved; a part that holds the keyboard's focus stays as it is
  function show(name, html) {
    const place = document.querySelector(`[data-live="${name}"]`);
    if (!place || place.contains(document.activeElement)) return;
    place.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
  }
  function tell(form, text, bad) {
    const place = form.querySelector("[data-saved]");
    if (!place) return;
    place.textContent = text;
    place.classList.toggle("saved-bad", bad);
  }

  // ---- how the server understands an amount, asked for 0.4 s after the last key
  function understand(form, place) {
    clearTimeout(timers.get(place));
    timers.set(place, setTimeout(async () => {
      const { value } = document.getElementById(place.id.replace(/-understood$/, ""));
      const currency = form.elements[place.dataset.beside]?.value || place.dataset.currency;
      const asked = new URLSearchParams({ text: value.slice(0, 120), currency });
      const answer = await fetch(`${place.dataset.understood}?${asked}`, { headers: { Accept: "application/json" } }).catch(() => null);
      const said = answer?.ok ? await answer.json() : {};
      place.textContent = said.understood || said.problem || "";
      place.classList.toggle("saved-bad", Boolean(said.problem));
    }, 400));
  }

  // ---- what is written adds up while it is typed, as the server adds it up when it is saved
  function tally(form) {
    const place = form.querySelector("[data-tally]");
    if (!place) return;
    let scored = 0, weights = 0, sum = 0, asked = 0;
    for (const input of all("[data-weight]", form)) {
      const points = input.value.trim() === "" ? NaN : Number(input.value), { weight, scale } = input.dataset;
      asked += 1;
      if (!(points >= 0 && points <= Number(scale))) continue;
      scored += 1;
      weights += Number(weight);
      sum += (Number(weight) * points) / Number(scale);
    }
    const one = new Intl.NumberFormat(document.documentElement.lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
    const text = place.dataset.tally.replace("{scored}", scored).replace("{asked}", asked);
    place.textContent = weights ? `${text} · ${place.dataset.tallyTotal.replace("{total}", one.format((sum * 100) / weights))}` : text;
  }

  function divide(form) {
    const place = form.querySelector("[data-sum]");
    if (!place) return;
    const { amount, sign, ok, off, rest } = place.dataset, number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 2 });
    let sum = 0;
    for (const input of all("[data-part]", form)) {
      const part = Number(input.value.replace(",", ".")) || 0, worth = input.closest(".share").querySelector("[data-worth]");
      sum += part;
      if (worth) worth.textContent = part ? sign + number.format(Math.floor(Number(amount) * part) / 100) : "";
    }
    sum = Math.round(sum * 100) / 100;
    const right = rest ? sum <= 100 : sum === 100;
    place.textContent = (right ? rest || ok : off).replace("{sum}", number.format(sum)).replace("{rest}", number.format(100 - sum));
    place.classList.toggle("saved-bad", !right);
  }

  // ---- a file field in the reader's language, where the browser speaks another
  function name(input) {
    const frame = input.closest("[data-file]");
    if (!frame) return;
    frame.classList.add("file-ready");
    const { length } = input.files;
    frame.querySelector(".file-chosen").textContent = length > 1 ? frame.dataset.several.replace("{number}", length) : length ? input.files[0].name : frame.dataset.none;
  }

  // ---- what the server would refuse for its size is not sent
  const megabytes = (size) => `${Math.ceil((size * 100) / 2 ** 20) / 100} MB`;
  function fits(input) {
    const { most, tooLarge, mostTogether, tooLargeTogether } = input.dataset, files = [...input.files];
    const found = files.filter((file) => file.size > Number(most || Infinity))
      .map((file) => tooLarge.replace("{file}", () => file.name).replace("{size}", megabytes(file.size)));
    const together = files.reduce((sum, file) => sum + file.size, 0);
    if (together > Number(mostTogether || Infinity)) found.push(tooLargeTogether.replace("{size}", megabytes(together)));
    refuse(input, found.join(" "));
    return !found.length;
  }
  function refuse(input, text) {
    const place = input.closest(".field")?.querySelector("[data-file-problem]");
    if (!place) return;
    place.hidden = !text;
    place.textContent = text;
  }

  // ---- words that were saved before, added to a field
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert]");
    if (!button) return;
    event.preventDefault();
    const field = document.getElementById(button.dataset.insert), [{ dataset }] = button.form.elements.saved.selectedOptions, text = dataset.text;
    field.value = field.value ? `${field.value}\n${text}` : text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });

  // ---- uploads with progress; the answer replaces the page as a normal submit would
  function upload(form, submitter) {
    const bar = form.querySelector("[data-progress]");
    const data = new FormData(form, submitter);
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.upload.addEventListener("progress", (event) => {
      if (!bar || !event.lengthComputable) return;
      bar.hidden = false;
      bar.value = Math.floor((100 * event.loaded) / event.total);
    });
    request.addEventListener("load", () => {
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      if (request.status === 413) { // what was typed stays, and the field says why
        delete form.dataset.sending;
        if (bar) bar.hidden = true;
        refuse(form.querySelector("input[type=file]"), page.querySelector("[data-message]")?.textContent || page.title);
        return;
      }
      document.title = page.title;
      document.body.replaceWith(page.body);
      history.replaceState({ swapped: true }, ""); // going back needs a real page again
      history.pushState({ swapped: true }, "", request.responseURL);
      scrollTo(0, 0);
      begin();
    });
    request.addEventListener("error", () => {
      delete form.dataset.sending;
      if (bar) bar.hidden = true;
      tell(form, words().offlineText, true);
    });
    request.send(data);
  }
  window.addEventListener("popstate", (event) => { if (event.state?.swapped) location.reload(); }); // a link within the page fires this, too

  // ---- regions that follow what the workers do
  function follow(region) {
    let last = null, shown = null;
    const timer = setInterval(async () => {
      if (!region.isConnected) { clearInterval(timer); return; }
      if (document.hidden || region.contains(document.activeElement)) return;
      const answer = await fetch(region.dataset.refresh, { headers: { "X-Requested-With": "fetch" } }).catch(() => null);
      if (!answer || answer.status !== 200) return;
      const html = await answer.text();
      if (html !== last) {
        last = html;
        region.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
      }
      const moved = region.querySelector("[data-moved]")?.dataset.moved;
      if (moved && moved !== shown && await renew()) shown = moved;
      if (region.querySelector("[data-refresh-done]") && (!moved || moved === shown)) clearInterval(timer);
    }, 5000);
  }
  // what else on the page depends on where it stands; what holds the keyboard's focus stays until that has left
  async function renew() {
    const answer = await fetch(location.href, { headers: { "X-Requested-With": "fetch" } }).catch(() => null);
    if (!answer?.ok) return false;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const regions = [...all("[data-live]")];
    if (regions.some((old) => old.contains(document.activeElement))) return false;
    for (const old of regions) old.replaceChildren(...(page.querySelector(`[data-live="${old.dataset.live}"]`)?.childNodes || []));
    return true;
  }

  // ---- the device's own zone, told once: visitors read times in it, and a new account begins with it
  function zone() {
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (!own || document.cookie.split("; ").some((one) => one.startsWith("zone="))) return;
    document.cookie = `zone=${own}; path=/; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
    const choice = document.querySelector("select[data-own-zone]");
    if (choice && [...choice.options].some((option) => option.value === own)) choice.value = own;
  }

  function begin() {
    zone();
    for (const region of all("[data-refresh]")) follow(region);
    for (const input of all("[data-file] > input")) name(input);
    document.querySelector("[data-focus]")?.focus();
  }
  begin();
  // The server has just told the distances; a page that begins need not work them out again.
  setInterval(relative, 30000);
  window.addEventListener("pageshow", (event) => { if (event.persisted) relative(); });
})();
