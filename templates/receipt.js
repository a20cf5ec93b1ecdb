// The button that prints, on the receipt and on the copy. Nothing is stored, and nothing is asked of anybody else.
"use strict";
for (const line of document.querySelectorAll("[data-print]")) {
  line.hidden = false;
  line.firstElementChild.addEventListener("click", () => print());
}
for (const words of document.querySelectorAll("[data-by-hand]")) words.hidden = true;
