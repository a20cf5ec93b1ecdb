// A faster way out, on every page that has one. The link in the bar leads out without this too.
// Nothing is stored, and nothing is asked of anybody else.
"use strict";
(() => {
  // Set once the page is left for good: what the browser brings back from memory after that is not shown.
  let left = false;

  const forget = () => {
    left = true;
    for (const field of document.querySelectorAll("input, select, textarea")) {
      if (field.type === "checkbox" || field.type === "radio") field.checked = false;
      else field.value = "";
    }
  };

  // The page is covered before anything is asked of the net, which may be slow. `replace` takes it out of Back.
  const leave = (address) => {
    document.documentElement.classList.add("left");
    document.title = "…";
    forget();
    location.replace(address);
  };

  document.addEventListener("forget", forget);

  addEventListener("pageshow", (event) => {
    if (event.persisted && left) location.reload();
  });

  for (const link of document.querySelectorAll('a[href^="/ut/"]')) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      leave(link.href);
    });
  }

  const bar = document.querySelector("nav.exit");
  if (!bar) return;
  for (const words of document.querySelectorAll("[data-script]")) words.hidden = false;

  const add = (className, name, value, children) => {
    const element = document.createElement("span");
    element.className = className;
    element.setAttribute(name, value);
    for (let n = 0; n < children; n++) element.append(document.createElement("i"));
    bar.firstElementChild.prepend(element);
    return element;
  };
  const said = add("unseen", "role", "status", 0);
  const dots = add("dots", "aria-hidden", "true", 3);

  // Shift three times, at most five seconds apart, and no other key between. Not Escape: it stops a page from loading,
  // also the one that leads away.
  let presses = 0;
  let alone = false;
  let timer = 0;

  const count = (number, words) => {
    clearTimeout(timer);
    presses = number;
    dots.dataset.presses = number;
    said.textContent = words;
  };

  addEventListener("keydown", (event) => {
    if (event.key === "Shift") {
      alone = alone || !event.repeat;
    } else {
      alone = false;
      if (presses) count(0, "");
    }
  });

  addEventListener("keyup", (event) => {
    if (event.key !== "Shift" || !alone) return;
    alone = false;
    count(presses + 1, bar.dataset["press" + (presses + 1)]);
    if (presses === 3) leave(bar.querySelector("a").href);
    else timer = setTimeout(count, 5000, 0, bar.dataset.press0);
  });
})();
