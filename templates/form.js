// What a script can add to the form: files one by one, and a message that outlives a broken net.
// The page does everything else without it, and every promise is the server's. Nothing is stored here, and what is
// sent is the same form with the same token: sent twice, it is one message.
"use strict";
(() => {
  const form = document.getElementById("the-form");

  const make = (tag, attributes, ...children) => {
    const element = Object.assign(document.createElement(tag), attributes);
    element.append(...children);
    return element;
  };
  const status = (className) => {
    const element = make("p", { className });
    element.setAttribute("role", "status");
    return element;
  };
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);

  // As people write it, and rounded up: what is used is never told too small. Browsers do not know nynorsk's numbers.
  const mark = form.querySelector(".send").dataset.decimal;
  const size = (bytes) => {
    if (bytes < 100000) return Math.ceil(bytes / 1000) + " kB";
    return String(Math.ceil(bytes / 100000) / 10).replace(".", mark) + " MB";
  };

  // One file control: its files as rows that can be taken away, and what is wrong with them before they travel.
  const watchFiles = (input) => {
    const words = input.dataset;
    const list = make("ul", { className: "files" });
    const total = make("p", { className: "total" });
    const said = status("unseen");
    input.after(list, total, said);
    const unreadable = new Set();
    let files = [];

    const wrongWith = (file) => {
      const name = file.name.replace(/[\s.\p{Default_Ignorable_Code_Point}]+$/u, "");
      const ending = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
      if (unreadable.has(file)) return words.unreadable;
      if (words.types && !words.types.split(" ").includes(ending)) return words.type;
      if (!file.size) return words.empty;
      return file.size > words.limit ? words.large : "";
    };
    const together = () => files.reduce((sum, file) => sum + file.size, 0);
    const wrongTogether = () => {
      if (files.length > words.most) return words.many;
      return together() > words.limit && !files.some(wrongWith) ? words.together : "";
    };

    const takeAway = (file) => {
      const place = files.indexOf(file);
      files = files.filter((other) => other !== file);
      show();
      said.textContent = fill(words.removed, { name: file.name });
      const buttons = list.querySelectorAll("button");
      (buttons[place] || buttons[place - 1] || input).focus();
    };
    const row = (file) => {
      const button = make("button", { type: "button", className: "plain" }, words.remove);
      button.append(make("span", { className: "unseen" }, " " + file.name));
      button.addEventListener("click", () => takeAway(file));
      const name = make("span", { className: "name" }, file.name);
      const line = make("li", {}, name, " ", make("span", { className: "quiet" }, size(file.size)), " ", button);
      const wrong = wrongWith(file);
      if (wrong) line.append(make("p", { className: "problem" }, fill(wrong, { name: file.name })));
      return line;
    };
    const show = () => {
      // The control itself holds the files, so the form is the same with and without a script.
      const held = new DataTransfer();
      for (const file of files) held.items.add(file);
      input.files = held.files;
      list.replaceChildren(...files.map(row));
      const wrong = wrongTogether();
      total.className = wrong ? "total problem" : "total";
      total.textContent = wrong || (files.length ? fill(words.used, { size: size(together()) }) : "");
    };

    // A telephone gives one picture at a time: a new choice adds to the files, it does not replace them.
    input.addEventListener("change", () => {
      const same = (a, b) => a.name === b.name && a.size === b.size && a.lastModified === b.lastModified;
      const fresh = [...input.files].filter((file) => !files.some((other) => same(file, other)));
      files = words.most > 1 ? [...files, ...fresh] : [...input.files];
      show();
      said.textContent = total.textContent;
    });

    // Gives what is wrong, to be shown. A file may lie in a cloud, or be gone since it was chosen.
    return async () => {
      const look = (file) => file.slice(0, 1).arrayBuffer().catch(() => unreadable.add(file));
      await Promise.all(files.map(look));
      show();
      return list.querySelector(".problem") || (wrongTogether() ? total : null);
    };
  };
  const controls = [...form.querySelectorAll("input[type=file]")].map(watchFiles);

  const box = form.querySelector(".send");
  const words = box.dataset;
  const progress = make("progress", { max: 1, hidden: true, ariaLabel: words.progress });
  const said = status("sending");
  const trouble = make("div", { className: "problems", tabIndex: -1, hidden: true });
  box.append(progress, said, trouble);
  let sending = false;

  const stop = (...lines) => {
    sending = false;
    progress.hidden = true;
    said.textContent = "";
    trouble.replaceChildren(...lines.map((line) => make("p", {}, line)));
    trouble.hidden = false;
    trouble.focus();
  };

  // Where the 303 leads has not been opened yet: a page that opens by a key opens only once, and that is for the reader.
  const follow = (address) => {
    if (address.includes("/kvittering/")) document.dispatchEvent(new Event("forget"));
    location.replace(address);
  };

  // The server's own words, out of a page that says why it did not take the message. The text typed here stays.
  const told = (page) => {
    const lines = [...page.querySelectorAll("main > h1, main > p")].filter((line) => !line.querySelector("a"));
    return lines.map((line) => line.textContent.trim());
  };

  const show = (part) => {
    const quarter = Math.floor(part * 4);
    // Said aloud in quarters: a screen reader would else speak without an end.
    if (quarter > Math.floor((progress.value || 0) * 4)) said.textContent = fill(words.part, { n: quarter * 25 });
    progress.value = part;
    if (part === 1) said.textContent = words.wait;
  };

  // Waits as long as something moves: a slow net may take the time it needs, a dead one may not.
  const send = () => {
    const request = new XMLHttpRequest();
    let moved = Date.now();
    const watch = setInterval(() => Date.now() - moved > words.idle * 1000 && request.abort(), 1000);
    request.upload.onprogress = (event) => {
      moved = Date.now();
      show(event.loaded / event.total);
    };
    request.onload = () => {
      if (request.status === 204) follow(request.responseURL);
      else stop(...(request.response?.querySelector("main") ? told(request.response) : [words.unsure]));
    };
    request.onerror = request.onabort = () => stop(words.unsure);
    request.onloadend = () => clearInterval(watch);
    request.open("POST", form.action);
    request.setRequestHeader("Accept", words.accept);
    request.responseType = "document";
    request.send(new FormData(form));
  };

  form.addEventListener("submit", async (event) => {
    // Other buttons, and browsers that do not tell which button it was, go the way without a script.
    if (!event.submitter || event.submitter.name) return;
    event.preventDefault();
    if (sending) return;
    sending = true;
    trouble.hidden = true;
    said.textContent = words.sending;
    const wrong = (await Promise.all(controls.map((look) => look()))).find(Boolean);
    if (wrong) {
      stop(words.files);
      wrong.scrollIntoView({ block: "center" });
      return;
    }
    progress.removeAttribute("value");
    progress.hidden = false;
    send();
  });
})();
