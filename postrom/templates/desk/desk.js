// What the page can do beyond what it does without this: keys, dropping, copying, marks and progress as they happen, and an
// empty page as soon as the desk is locked. Nothing is kept, and nothing is asked of anybody but the desk itself.
"use strict";
{
  const { body } = document;
  const { root } = body.dataset;
  // What came of a clerk's own act stands until they have read it; what happens by itself gives way, and goes.
  let holds = 0, hides = 0;
  const say = text => {
    document.getElementById("say").textContent = text;
    clearTimeout(hides);
    holds = text ? Date.now() + 15_000 : 0;
  };
  const mention = text => {
    if (Date.now() < holds) return;
    say(text);
    holds = 0;
    hides = setTimeout(say, 8_000, "");
  };
  const isOpen = "locks" in body.dataset;
  const list = document.getElementById("live");

  for (const element of document.querySelectorAll("[data-script]")) element.hidden = false;

  // --- Nothing stays on the page once it is locked ---
  const empty = text => {
    const told = document.createElement("p");
    told.textContent = text;
    told.setAttribute("role", "alert");
    document.querySelector("main").replaceChildren(told);
    document.querySelector("header .frame")?.lastElementChild?.remove();
  };
  const left = page => { empty(body.dataset.locked); location.replace(page); };
  addEventListener("pageshow", event => { if (event.persisted) { body.replaceChildren(); location.reload(); } });

  // --- The clock of the lock ---
  let locksAt = Date.now() + Number(body.dataset.locks || 0) * 1000;
  const clock = document.getElementById("left");
  const tick = () => {
    const seconds = Math.max(0, Math.round((locksAt - Date.now()) / 1000));
    clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (seconds === 0) look();
  };

  // --- What is new ---
  let version = null, misses = 0, asking = false, told = "";
  const look = async () => {
    if (asking) return;
    asking = true;
    try {
      const now = await (await fetch(`${root}live`, { cache: "no-store" })).json();
      misses = 0;
      if (now.locked) { left(root); return; }
      locksAt = Date.now() + now.locks_in * 1000;
      // The first time too: something may have come since the page was made.
      if (list && now.version !== version) await renew();
      version = now.version;
      progress(now);
      fills = now.progress.text !== "";
    } catch {
      misses += 1;
      // The program has ended, and with it everything that it had opened.
      if (misses > 2) empty(body.dataset.lost);
    } finally {
      asking = false;
    }
  };
  // More often while the list fills, which is what a clerk waits for.
  let fills = true;
  const keepLooking = async () => {
    await look();
    setTimeout(keepLooking, fills || performance.now() < 5000 ? 700 : 2500);
  };
  // A screen reader hears of it at every tenth part, not of each letter.
  const progress = now => {
    const { text, read, all } = now.progress;
    const part = all ? Math.floor(read * 10 / all) : 10;
    const next = text ? `${part}` : "";
    if (list && next !== told) {
      if (text) mention(text); else if (told) mention(now.looked);
      told = next;
    }
  };

  const renew = async () => {
    const answer = await fetch(list.dataset.rows, { cache: "no-store" });
    if (answer.redirected) { left(root); return; }
    const fresh = document.createElement("template");
    fresh.innerHTML = await answer.text();
    const held = document.activeElement;
    const place = held?.closest("tr")?.id;
    const chip = held?.closest("#chips") && held.getAttribute("href");
    for (const id of ["chips", "notes", "foot"]) swap(document.getElementById(id), fresh.content.getElementById(id));
    rows(document.getElementById("letters"), fresh.content.getElementById("letters"));
    const again = place ? document.querySelector(`#${place} a`) : chip && document.querySelector(`#chips a[href="${chip}"]`);
    if (again && document.activeElement !== again) again.focus({ preventScroll: true });
  };
  const swap = (old, fresh) => { if (old && fresh && old.innerHTML !== fresh.innerHTML) old.replaceChildren(...fresh.childNodes); };
  // Rows that did not change stay the ones they are.
  const rows = (old, fresh) => {
    const [mine, theirs] = [old.querySelector("tbody"), fresh.querySelector("tbody")];
    if (!mine || !theirs) { swap(old, fresh); return; }
    const known = new Map([...mine.rows].map(row => [row.id, row]));
    const next = [...theirs.rows].map(row => {
      const same = known.get(row.id);
      return same && same.outerHTML === row.outerHTML ? same : row;
    });
    if (next.length !== mine.rows.length || next.some((row, at) => row !== mine.rows[at])) mine.replaceChildren(...next);
  };

  if (isOpen) {
    setInterval(tick, 1000);
    keepLooking();
  }

  // --- The files of a letter, looked at while somebody reads it ---
  const unseen = document.getElementById("look");
  if (unseen) {
    const base = new URL(unseen.dataset.look, location.href);
    fetch(base, { cache: "no-store" }).then(async answer => {
      if (!answer.ok || answer.redirected) return;
      const seen = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("files-seen");
      if (!seen) return;
      // Its addresses are relative to the page that it comes from.
      for (const image of seen.querySelectorAll("img")) image.src = new URL(image.getAttribute("src"), base).href;
      for (const form of seen.querySelectorAll("form")) form.action = new URL(form.getAttribute("action"), base).href;
      document.getElementById("files-seen").replaceWith(seen);
      unseen.remove();
    }).catch(() => {});
  }

  // --- How long no passphrase may be tried ---
  const wait = document.getElementById("wait");
  if (wait) {
    const until = Date.now() + Number(wait.dataset.wait) * 1000;
    const button = document.querySelector(".unlock button");
    const pattern = wait.textContent;
    button.disabled = true;
    const counting = setInterval(() => {
      const seconds = Math.ceil((until - Date.now()) / 1000);
      if (seconds > 0) { wait.textContent = pattern.replace(/\d+/, seconds); return; }
      clearInterval(counting);
      wait.remove();
      button.disabled = false;
    }, 500);
  }

  // --- Keys ---
  const types = element => element.closest("input:not([type=submit]), textarea, select, [contenteditable]");
  const onRow = step => {
    const links = [...document.querySelectorAll(".letters tbody a")];
    if (!links.length) return false;
    const at = links.indexOf(document.activeElement);
    const next = links[at < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + step))];
    next.focus();
    next.closest("tr").scrollIntoView({ block: "nearest" });
    return true;
  };
  addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
    if (types(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
    if (step) { if (onRow(step)) event.preventDefault(); return; }
    const meant = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!meant || event.repeat) return;
    event.preventDefault();
    if (meant.matches("input")) { meant.focus(); meant.select(); } else meant.click();
  });

  document.getElementById("print")?.addEventListener("click", () => print());

  // --- Copying ---
  // A browser lets a page write there only while somebody looks at it: then as soon as somebody does.
  let forget = 0;
  const wipe = () => navigator.clipboard.writeText("").then(() => say(""), () => addEventListener("focus", wipe, { once: true }));
  for (const button of document.querySelectorAll("button.copy")) button.addEventListener("click", async () => {
    const place = button.closest("td, .copying");
    const texts = [...place.querySelectorAll(".normalised")];
    const from = texts.length ? texts : [...place.querySelectorAll(".said")];
    const text = from.map(element => element.textContent).join("\n");
    try {
      await navigator.clipboard.writeText(text);
      say(body.dataset.copied);
      clearTimeout(forget);
      forget = setTimeout(wipe, 60_000);
    } catch {
      getSelection().selectAllChildren(from[0]);
      say(body.dataset.notCopied);
    }
  });

  // --- Dropping ---
  const hasFiles = event => isOpen && event.dataTransfer?.types.includes("Files");
  addEventListener("dragover", event => { if (hasFiles(event)) { event.preventDefault(); body.classList.add("dropping"); } });
  addEventListener("dragleave", event => { if (!event.relatedTarget) body.classList.remove("dropping"); });
  addEventListener("drop", async event => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    body.classList.remove("dropping");
    say(body.dataset.dropping);
    let all = true;
    for (const file of [...event.dataTransfer.files]) {
      try {
        const answer = await fetch(`${root}drop`, { method: "POST", headers: { "x-name": encodeURIComponent(file.name) }, body: file });
        all &&= answer.status === 204;
      } catch {
        all = false;
      }
    }
    say(all ? body.dataset.dropped : body.dataset.notDropped);
    look();
  });
}
