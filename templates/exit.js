// A faster way out, on every page that has one. The link in the bar leads out without this too.
// Nothing is stored, and nothing is asked of anybody else.
"use strict";
(() => {
  // Set once the page is left for good: what the browser brings back from memory after that is not shown.
  let left = false;
  let onward = "";

  const forget = () => {
    left = true;
    for (const field of document.querySelectorAll("input, select, textarea")) {
      field.checked = false;
      field.value = "";
    }
  };

  // `replace` takes the page out of Back. What the form's script added to the way back, for advice or a language, would
  // lead to the form all the same: so first to the beginning of that. It is the same page, and needs no net.
  const go = (address) => {
    const added = history.state?.depth;
    if (!added) return location.replace(address);
    onward = address;
    history.go(-added);
    setTimeout(() => location.replace(address), 500);
  };

  // The page is covered before anything is asked of the net, which may be slow.
  const leave = (address) => {
    document.documentElement.classList.add("left");
    document.title = "…";
    forget();
    go(address);
  };

  document.addEventListener("forget", (event) => {
    forget();
    if (event.detail) go(event.detail);
  });

  addEventListener("popstate", (event) => {
    if (!onward) return;
    event.stopImmediatePropagation();
    // Firefox is there only after this.
    setTimeout(() => location.replace(onward));
  });

  addEventListener("pageshow", (event) => {
    if (event.persisted && left) location.reload();
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="/ut/"]');
    if (!link) return;
    event.preventDefault();
    leave(link.href);
  });

  // Shift three times, at most five seconds apart, and no other key between. Not Escape: it stops a page from loading,
  // also the one that leads away.
  let bar, said, dots;
  let presses = 0;
  let alone = false;
  let timer = 0;

  // Also for a page that has taken the place of this one.
  const dress = () => {
    bar = document.querySelector("nav.exit");
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
    said = add("unseen", "role", "status", 0);
    dots = add("dots", "aria-hidden", "true", 3);
  };
  dress();
  document.addEventListener("adopted", dress);
  if (!bar) return;

  const count = (number, words) => {
    clearTimeout(timer);
    presses = number;
    dots.dataset.presses = number;
    said.textContent = words;
  };

  addEventListener("keydown", (event) => {
    if (event.key === "Shift") {
      alone ||= !event.repeat;
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
    else timer = setTimeout(() => count(0, bar.dataset.press0), 5000);
  });
})();
