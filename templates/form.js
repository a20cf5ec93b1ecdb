// What a script can add to the form: a mistake or another language without a new page, files one by one, and a message that
// outlives a broken net. The page does everything else without it, and every promise is the server's. Nothing is stored
// here, and what is sent is the same form with the same token: sent twice, it is one message.
"use strict";
(() => {
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);

  const make = (tag, attributes, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name in element) element[name] = value;
      else element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  };
  const status = (className) => make("p", { className, role: "status" });
  const span = (className, text) => make("span", { className }, text);
  const button = (text, onclick, more) => make("button", { type: "button", className: "plain", onclick, ...more }, text);
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
  const isTick = (control) => /checkbox|radio/.test(control.type);

  // A text goes on where it ends. In a long form its step must be in view first.
  const focus = (place) => {
    place?.dispatchEvent(new Event("wanted", { bubbles: true }));
    place?.focus();
    if (place?.selectionStart != null) place.selectionStart = place.value.length;
  };

  // The page at hand: another one may take its place.
  let form, words, parts;
  // What is asked of the server now, and whether it is to take the message.
  let asked = null;
  let sending = false;

  // As people write it, and rounded up: what is used is never told too small. Browsers do not know nynorsk's numbers.
  const size = (bytes) => {
    if (bytes < 100000) return Math.ceil(bytes / 1000) + " kB";
    return (Math.ceil(bytes / 100000) / 10 + " MB").replace(".", words.decimal);
  };
  const number = (n) => (n > 9999 ? `${n}`.replace(/\B(?=(\d{3})+$)/g, words.group) : n);

  // Files: kept here by the name of their question, since each page has a control of its own.
  const chosen = {};
  const unreadable = new WeakSet();
  // What can be done with pictures, once there is one.
  let pictures;

  // The control shows nothing: its words are the browser's, in the browser's language. Where it is meant, our button is.
  const face = (control) => byId(control.id + "-vel") || control;

  // One file control: its files as rows that can be taken away, and what is wrong with them before they travel.
  const watchFiles = (input) => {
    const words = input.dataset;
    const total = make("p", { className: "total", tabIndex: -1 });
    const list = make("ul", { className: "files" });
    const offer = make("div", { className: "offer" });
    const said = status("unseen");
    const choose = button(words.choose, () => input.click(), { id: input.id + "-vel", className: "choose" });
    describe(choose, () => input.getAttribute(DESCRIBED));
    input.hidden = true;
    input.after(choose, list, offer, total, said);
    let files = chosen[input.name] || [...input.files];

    const wrongWith = (file) => {
      const ending = /\.(\w+)\W*$/.exec(file.name.toLowerCase())?.[1];
      if (unreadable.has(file)) return words.unreadable;
      if (words.types && !words.types.split(" ").includes(ending)) return words.type;
      if (!file.size) return words.empty;
      return file.size > words.limit ? words.large : "";
    };
    const together = () => files.reduce((sum, file) => sum + file.size, 0);
    const isTooMuch = () => together() > words.limit;
    const wrongTogether = () => {
      if (files.length > words.most) return words.many;
      return isTooMuch() && !files.some(wrongWith) ? fill(words.together, { sum: size(together()) }) : "";
    };

    const say = (text, file) => (said.textContent = fill(text, { name: file.name, size: size(file.size) }));
    const swap = (file, ...others) => {
      const place = files.indexOf(file);
      // Taken away while another one was made of it.
      if (place < 0) return;
      files.splice(place, 1, ...others);
      show();
      const line = list.children[place] || list.lastChild;
      (line?.querySelector("button:last-of-type") || choose).focus();
      return others;
    };
    const takeAway = (file) => {
      swap(file);
      say(words.removed, file);
    };
    const tools = { words, isTooMuch, swap, say, make, button };
    const row = (file) => {
      const { name } = file;
      const end = (name + ".").indexOf(".", name.length - 6);
      const line = make("li", { tabIndex: -1 }, make("span", { className: "name" }, name.slice(0, end), make("span", {}, name.slice(end))));
      line.append(" ", span("quiet", size(file.size)));
      for (const [text, act] of [...(pictures?.acts(file, tools) || []), [words.remove, takeAway]]) {
        const one = button(text, () => act(file));
        one.append(span("unseen", " " + name));
        line.append(" ", one);
      }
      const wrong = wrongWith(file);
      if (wrong) line.append(make("p", { className: "problem" }, fill(wrong, { name })));
      line.append(...(pictures?.notes(file, tools) || []));
      return line;
    };
    const show = () => {
      // The control itself holds the files, so the form is the same with and without a script.
      const held = new DataTransfer();
      for (const file of files) held.items.add(file);
      input.files = held.files;
      chosen[input.name] = files;
      list.replaceChildren(...files.map(row));
      offer.replaceChildren(...(pictures?.offer(files, tools) || []));
      const wrong = wrongTogether();
      total.className = wrong ? "total problem" : "total";
      total.textContent = wrong || (files.length ? fill(words.used, { size: size(together()) }) : "");
    };

    // A telephone gives one picture at a time: a new choice adds to the files, it does not replace them.
    const add = async (more) => {
      const marks = ({ name, size, lastModified }) => [size, lastModified, name].join();
      const known = files.map((file) => marks(pictures?.originals.get(file) || file));
      const fresh = [...more].filter((file) => !known.includes(marks(file)));
      files = words.most > 1 ? [...files, ...fresh] : [...more];
      show();
      said.textContent = total.textContent;
      const found = fresh.filter((file) => /\.(jpe?g|png|webp)$/i.test(file.name));
      if (!found.length) return;
      pictures = await import("/bilete.js").catch(() => pictures);
      await Promise.all(found.map((file) => pictures?.look(file)));
      show();
    };
    input.addEventListener("change", () => add(input.files));
    show();

    // Gives what is wrong, and where it is shown. A file may lie in a cloud, or be gone since it was chosen.
    const check = async () => {
      await Promise.all(files.map((file) => file.slice(0, 1).arrayBuffer().catch(() => unreadable.add(file))));
      show();
      const line = list.querySelector(".problem");
      const told = line || (wrongTogether() && total);
      return told && { place: line?.parentElement || total, control: input, text: told.textContent };
    };
    return { add, check };
  };
  let controls = [];

  // A file that is let fall beside the control would be opened by the browser, in the place of the form.
  document.ondragover = document.ondrop = (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    if (event.type === "drop") controls[0]?.add(event.dataTransfer.files);
  };

  // As the server counts: what people see as one sign is one; one that bears a hundred accents counts as several.
  const signs = (text) => {
    if (!Intl.Segmenter) return [...text].length;
    let count = 0;
    for (const { segment } of new Intl.Segmenter().segment(text)) count += Math.ceil([...segment].length / 16);
    return count;
  };

  // Says how much room is left where little is: at each key to the eye, after a pause to the ear.
  const watchLength = (control) => {
    const { most } = control.dataset;
    const shown = make("p", {});
    const said = status("unseen");
    control.after(shown, said);
    let timer = 0;
    const count = () => {
      const left = control.value.length > most * 0.9 ? most - signs(control.value.trimEnd()) : most;
      const text = left < 0 ? words.over : words.left;
      shown.className = left < 0 ? "room problem" : "room";
      shown.textContent = left > most / 10 ? "" : fill(text, { n: number(Math.abs(left)) });
      clearTimeout(timer);
      timer = setTimeout(() => (said.textContent = shown.textContent), 1000);
    };
    control.addEventListener("input", count);
    count();
  };

  // Asked is what stands in nothing that only another choice asks for; the stylesheet goes by the same classes.
  const isAsked = (element) => {
    const n = /\bif(\d+)/.exec(element.className)?.[1];
    if (n && !form.querySelector(`.on${n}:checked`)) return false;
    return element === form || isAsked(element.parentElement);
  };
  const boxes = (control) => control.closest(".date")?.querySelectorAll("input") || form.querySelectorAll(`[name="${control.name}"]`);
  const isAnswered = (control) => [...boxes(control)].some((box) => (isTick(box) ? box.checked : box.value.trim()));

  // What can be seen to be wrong before anything travels, in the server's own sentences.
  const wrongTexts = (part) => {
    const wrong = [];
    for (const control of part.querySelectorAll("[data-missing], [data-long]")) {
      const { missing, long, most } = control.dataset;
      const tell = (text) => wrong.push({ control, text });
      const count = long && control.value.length > most ? signs(control.value.trimEnd()) : 0;
      if (!isAsked(control)) continue;
      if (missing && !isAnswered(control)) tell(missing);
      else if (count > most) tell(fill(long, { n: number(count) }));
    }
    return wrong;
  };

  const LIST = "problem-list";
  const DESCRIBED = "aria-describedby";
  // A list of none is no description.
  const describe = (element, change) => {
    element.setAttribute(DESCRIBED, change(element.getAttribute(DESCRIBED) || "").trim());
  };
  const unmark = () => {
    byId(LIST)?.remove();
    for (const field of form.querySelectorAll(".wrong")) {
      field.classList.remove("wrong");
      field.querySelector(":scope > .problem[id]")?.remove();
      for (const told of [field, ...field.querySelectorAll("[aria-invalid]")]) {
        told.removeAttribute("aria-invalid");
        describe(told, (ids) => ids.replace(/\S+-feil/, ""));
      }
    }
  };
  // At the question as the server does it.
  const mark = ({ control, text, place }) => {
    if (place) return;
    const field = control.closest(".field");
    const set = field.matches("fieldset");
    const id = control.id + "-feil";
    const problem = make("p", { className: "problem", id }, span("unseen", words.error), text);
    (byId(control.id + "-hint") || field.querySelector("label, legend")).after(problem);
    field.classList.add("wrong");
    const told = set ? field : face(control);
    describe(told, (ids) => id + " " + ids);
    const invalid = set && control.type !== "radio" ? boxes(control) : [told];
    for (const one of invalid) one.setAttribute("aria-invalid", "true");
  };
  const list = (wrong) => {
    wrong.forEach(mark);
    // The last line whose count is not above this one.
    const heads = words.heads.split("\n").filter((line) => parseInt(line) <= wrong.length);
    const head = fill(heads.pop().replace(/^\d+ /, ""), { n: wrong.length });
    const lines = wrong.map(({ control, text }) => make("li", {}, make("a", { href: "#" + control.id }, text)));
    const box = make("div", { className: "problems", id: LIST, role: "group", "aria-label": head, tabIndex: -1 });
    box.append(make("h2", {}, head), make("p", {}, words.kept), make("ul", {}, ...lines));
    document.querySelector(".top").prepend(box);
    document.title = words.error + document.title.replace(words.error, "");
    box.focus();
  };

  const rest = () => {
    asked = null;
    busy(false);
    parts.said.textContent = "";
  };
  const busy = (now) => {
    const { send, name, progress, amount, cancel } = parts;
    sending = now;
    send.textContent = now ? words.button : name;
    send.setAttribute("aria-disabled", now);
    progress.hidden = amount.hidden = cancel.hidden = !now;
    for (const other of document.querySelectorAll(".languages button")) other.disabled = now;
  };
  const tell = (...lines) => {
    parts.trouble.replaceChildren(...lines.map((line) => make("p", {}, line)));
    parts.trouble.hidden = false;
    parts.trouble.focus();
  };

  const show = (loaded, all) => {
    const { progress, amount, cancel, said } = parts;
    const part = loaded / all;
    const quarter = Math.floor(part * 4);
    // Said aloud in quarters: a screen reader would else speak without an end.
    if (quarter > Math.floor(progress.value * 4)) said.textContent = fill(words.part, { n: quarter * 25 });
    progress.value = part;
    amount.textContent = fill(words.amount, { sent: size(loaded), all: size(all) });
    if (part < 1) return;
    said.textContent = words.wait;
    // Nobody can tell any more what a cut would do.
    cancel.hidden = true;
  };

  const fields = (page = document) => [...page.querySelectorAll("#the-form :is(input:not([type=file]), select, textarea)")];

  // Asks the server, and waits as long as something moves: a slow net may take the time it needs, a dead one may not.
  // Its answer is a page to be shown here, or only where one is.
  const ask = (data, otherwise, then = () => {}) => {
    const typed = new Map(fields().map((control) => [control, control.value]));
    const request = new XMLHttpRequest();
    asked = request;
    let moved = Date.now();
    const watch = setInterval(() => Date.now() - moved > words.idle * 1000 && request.abort(), 1000);
    request.onprogress = () => (moved = Date.now());
    request.upload.onprogress = (event) => {
      moved = Date.now();
      if (sending) show(event.loaded, event.total);
    };
    const end = (act) => () => {
      clearInterval(watch);
      // Left meanwhile, or asked for something else.
      if (asked !== request || root.classList.contains("left")) return;
      rest();
      act();
    };
    request.onload = end(() => {
      answer(request, typed, otherwise);
      then();
    });
    request.onerror = request.onabort = end(() => tell(otherwise));
    request.open("POST", form.action);
    request.setRequestHeader("Accept", words.accept);
    request.responseType = "document";
    request.send(data);
  };

  // The server's page takes the place of this one, with what is typed, chosen and open here. So no page is ever loaded that
  // holds a text, and Back leads where it led.
  const adopt = (page, typed) => {
    const key = (control) => control.name + (isTick(control) && control.value);
    const here = new Map(fields().map((control) => [key(control), control]));
    for (const control of fields(page)) {
      const own = here.get(key(control));
      if (!own) continue;
      // What was typed since then counts; else what the server gives back: it may have taken away what nobody sees. The
      // token stays: however often this form is sent unchanged, it is one message.
      const given = control.type !== "hidden" && control.value && own.value === typed.get(own);
      if (isTick(control)) control.checked = own.checked;
      else if (!given) control.value = own.value;
    }
    for (const details of foldables(page)) details.open = byId(details.id)?.open;
    document.title = page.title;
    root.lang = page.documentElement.lang;
    root.dir = page.documentElement.dir;
    document.body = page.body;
    document.dispatchEvent(new Event("adopted"));
    dress();
    byId(LIST)?.focus();
  };
  const answer = (request, typed, otherwise) => {
    if (request.status === 204) {
      return document.dispatchEvent(new CustomEvent("forget", { detail: request.responseURL }));
    }
    const page = request.response;
    if (page?.getElementById("the-form")) return adopt(page, typed);
    // The server's own words, out of a page that says why it did not take the message. The text typed here stays.
    const lines = [...(page?.querySelectorAll("main > :is(h1, p)") || [])].filter((line) => !line.querySelector(".button"));
    tell(...(lines.length ? lines.map((line) => line.textContent) : [otherwise]));
  };

  const send = async () => {
    if (sending) return;
    sending = true;
    asked = null;
    const { said, progress } = parts;
    parts.trouble.hidden = true;
    unmark();
    const files = (await Promise.all(controls.map((control) => control.check()))).filter(Boolean);
    const wrong = [...wrongTexts(form), ...files];
    if (wrong.length) rest();
    if (wrong.length > files.length) return list(wrong);
    if (wrong.length) {
      said.textContent = words.files;
      return focus(wrong[0].place);
    }
    progress.removeAttribute("value");
    said.textContent = words.sending;
    busy(true);
    ask(new FormData(form), words.unsure);
  };

  // The same form in another language: files stay, so they do not travel.
  let last = "";
  const turn = (lang) => {
    if (sending) return;
    const data = new FormData(form);
    for (const name in chosen) data.delete(name);
    data.append(words.switch, lang);
    ask(data, words.unturned, () => {
      if (root.lang !== lang || byId(LIST)) return;
      const { pathname } = new URL(form.action);
      if (pathname !== location.pathname) push({}, pathname);
      // To the question where the reader was.
      focus(byId(last) || document.querySelector(".languages button"));
    });
  };
  document.addEventListener("focusin", ({ target }) => {
    if (form.contains(target) && target.type !== "submit") last = target.id;
  });

  document.addEventListener("submit", (event) => {
    const pressed = event.submitter;
    // Browsers that do not tell which button it was go the way without a script.
    if (event.target !== form || !pressed) return;
    if (!pressed.name) send();
    else if (pressed.name === words.switch) turn(pressed.value);
    else return;
    event.preventDefault();
  });

  // What is opened to be read is closed by Back, as a page would be, and the form is as it was.
  const foldables = (page = document) => [...page.querySelectorAll("details[id]")];
  const here = () => history.state || { depth: 0 };
  const push = (more, address) => {
    const { depth, step } = here();
    history.pushState({ depth: depth + 1, step, ...more }, "", address);
  };
  const opens = (details) => {
    if (!here().open && !details.open) push({ open: details.id });
  };
  document.addEventListener("click", (event) => {
    const details = event.target.closest("summary")?.parentElement;
    if (details?.id) {
      opens(details);
      const others = foldables().some((other) => other.open && other !== details);
      if (details.open && here().open && !others) history.back();
    }
    // A place on this page is no new one: Back leads out of the form, and not from mistake to mistake.
    const link = event.target.closest('a[href^="#"]');
    const place = link && byId(link.hash.slice(1));
    if (!place) return;
    event.preventDefault();
    if (place.matches("details")) {
      opens(place);
      place.open = true;
    }
    const goal = place.querySelector("summary") || face(place);
    // So that what is no control can have the focus too.
    if (goal.tabIndex < 0) goal.tabIndex = -1;
    focus(goal);
  });

  const asInHistory = () => {
    const { open } = here();
    for (const details of foldables()) {
      if (open) details.open ||= details.id === open;
      else if (details.open) {
        details.open = false;
        details.querySelector("summary").focus({ preventScroll: true });
      }
    }
  };
  addEventListener("popstate", () => {
    asInHistory();
    const lang = location.pathname.split("/")[1];
    if (lang !== root.lang) turn(lang);
  });

  // On paper nothing can be scrolled; the stylesheet sees to it only where the browser knows how.
  addEventListener("beforeprint", () => {
    for (const text of form.querySelectorAll("textarea")) text.style.height = text.scrollHeight + 8 + "px";
  });

  const dress = () => {
    form = byId("the-form");
    const box = form.querySelector(".send");
    const send = box.querySelector("button");
    words = box.dataset;
    for (const plain of document.querySelectorAll("[data-plain]")) plain.hidden = true;
    const cancel = () => {
      const request = asked;
      rest();
      request.abort();
      parts.said.textContent = words.cancelled;
      send.focus();
    };
    const added = {
      progress: make("progress", { hidden: true, "aria-label": words.progress }),
      amount: make("p", { hidden: true }),
      said: status("sending"),
      cancel: button(words.cancel, cancel, { hidden: true }),
      trouble: make("div", { className: "problems", tabIndex: -1, hidden: true }),
    };
    box.append(...Object.values(added));
    parts = { ...added, send, name: send.textContent };
    controls = [...form.querySelectorAll("[type=file]")].map(watchFiles);
    form.querySelectorAll("textarea[data-long]").forEach(watchLength);
    document.dispatchEvent(new CustomEvent("dressed", { detail: { push, wrongTexts, list, unmark, ask, chosen } }));
  };
  dress();
  asInHistory();
})();
