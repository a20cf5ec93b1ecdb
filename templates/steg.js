// The steps of a form, where scripts run: what is missing is told before the next one, each is one row in the history, and the
// title says which it is. What is in view is the stylesheet's doing, by `here` as by the address without a script.
"use strict";
(() => {
  let tools;
  let plain;
  let error;
  let steps = [];
  let at;

  const heading = (step) => step.querySelector("h2");
  const stepOf = (place) => steps.indexOf(place?.closest(".step"));
  const stays = () => history.replaceState({ depth: 0, ...history.state, step: at }, "");
  const show = (to) => {
    // A step that the address names would stay in view beside any other.
    if (at >= 0 && to !== at && location.hash) {
      const { state } = history;
      location.replace("#");
      history.replaceState(state, "", location.pathname + location.search);
    }
    at = to;
    steps.forEach((step, n) => heading(step).classList.toggle("here", n === at));
    document.title = (document.getElementById("problem-list") ? error : "") + heading(steps[at]).firstElementChild.textContent + " – " + plain;
  };
  const go = (to) => {
    show(to);
    heading(steps[to]).focus({ preventScroll: true });
    heading(steps[to]).scrollIntoView();
  };

  // Also for a page that has taken the place of this one.
  document.addEventListener("dressed", ({ detail }) => {
    tools = detail;
    steps = [...document.querySelectorAll(".step")];
    ({ error } = document.querySelector(".send").dataset);
    plain = document.title.replace(error, "");
    // Whoever was quicker than the script came by the address.
    const came = stepOf(document.getElementById(location.hash.slice(1)));
    if (at === undefined && came > 0) {
      at = came;
      stays();
    }
    show(at ?? (history.state?.step || 0));
  });

  // Before the form's own script, which leads to places without a row of their own.
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".turn a");
    if (!link) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const to = stepOf(document.getElementById(link.hash.slice(1)));
    if (to < at && history.state?.from === to) return history.back();
    if (to > at) {
      tools.unmark();
      const wrong = tools.wrongTexts(steps[at]);
      if (wrong.length) return tools.list(wrong);
    }
    const from = at;
    go(to);
    tools.push({ step: to, from });
  });

  addEventListener("popstate", () => {
    const to = history.state?.step || 0;
    if (steps[to] && to !== at) go(to);
  });

  // A mistake, or the question where the reader was: what is to have the focus must be in view.
  document.addEventListener("wanted", ({ target }) => {
    const to = stepOf(target);
    if (to < 0 || to === at) return;
    show(to);
    stays();
  });
})();
