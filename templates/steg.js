// The steps of a form, where scripts run: what is missing is told before the next one, each is one row in the history, and the
// title says which it is. What is in view is the stylesheet's doing, by `here` as by the address without a script. And the answers
// before they are sent: what the server makes of them comes into the page at hand, and files do not travel for that.
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
    if (!steps.length) return;
    ({ error } = document.querySelector(".send").dataset);
    plain = document.title.replace(error, "");
    // Whoever was quicker than the script came by the address.
    const came = stepOf(document.getElementById(location.hash.slice(1)));
    if (at === undefined && came > 0) {
      at = came;
      stays();
    }
    // One of before the form was changed is perhaps no longer there.
    const to = at ?? history.state?.step;
    show(steps[to] ? to : 0);
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

  // Before the form's own script, which leaves other buttons to the browser.
  document.addEventListener("submit", (event) => {
    const pressed = event.submitter;
    if (!pressed?.dataset.failed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    tools.unmark();
    const wrong = tools.wrongTexts(event.target);
    if (wrong.length) return tools.list(wrong);
    const data = new FormData(event.target);
    for (const name in tools.chosen) data.delete(name);
    data.append(pressed.name, pressed.value);
    tools.ask(data, pressed.dataset.failed, () => {
      const answers = document.getElementById("svar");
      if (!answers) return;
      for (const [name, files] of Object.entries(tools.chosen)) {
        const label = document.querySelector(`label[for="${name}"]`).firstChild.data;
        const row = (tag, text) => {
          const one = document.createElement(tag);
          one.textContent = text;
          answers.querySelector("dl").append(one);
        };
        if (files.length) row("dt", label);
        for (const file of files) row("dd", file.name);
      }
      answers.focus({ preventScroll: true });
      answers.scrollIntoView();
    });
  });

  // A mistake, or the question where the reader was: what is to have the focus must be in view.
  document.addEventListener("wanted", ({ target }) => {
    const to = stepOf(target);
    if (to < 0 || to === at) return;
    show(to);
    stays();
    // WebKit gives the focus to nothing that it has not drawn yet.
    requestAnimationFrame(() => document.activeElement === target || target.focus());
  });
})();
