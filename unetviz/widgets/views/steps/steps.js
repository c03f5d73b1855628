// Back, Next, Play, the words for each step, the table, and predict mode: all without the kernel.
function node(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

// Columns, as they are sent, to rows.
function rows(columns) {
  const names = Object.keys(columns);
  return columns.name.map((_, i) => Object.fromEntries(names.map((name) => [name, columns[name][i]])));
}

// 56x56x512 + 56x56x512 to 56 x 56 + 56 x 56.
function sizes(shapes) {
  return shapes.split(/\s*\+ /).map((shape) => shape.split("x").slice(0, 2).join(" x ")).join(" + ");
}

// The size rule without its result: 572 - 3 + 1 = ?
function hint(step, words) {
  if (step.answer === null) return words.hint_fails;
  return step.why.replace(/(=|stays) \d+(, \d+ lost)?/g, "$1 ?").replace("\n", "; ");
}

// What a step does, without an amount that would tell its size.
function asked(step) {
  return step.asked ?? step.label;
}

// Judged by what goes in: what comes out, or that nothing does, is for the learner to say.
function isSquare(step) {
  const [height, width] = step.in.split("x");
  return height === width;
}

function render({ model, el }) {
  const words = model.get("words");
  const get = (name) => model.get(name);
  const last = () => steps.length - 1;
  let steps = [];
  let timer = null;

  // The answer to the last question takes the controls away, but a second Enter may come before that.
  const whileAsked = (act) => () => { if (get("revealed") < last()) act(); };
  const button = (name, act) => node("button", { type: "button", textContent: words[name], onclick: act });
  const back = button("back", () => go(get("step") - 1));
  const next = button("next", () => go(get("step") + 1));
  const play = button("play", () => put({ playing: !get("playing") }));
  const speed = node("select", { ariaLabel: words.speed, title: words.speed });
  for (const [label, seconds] of words.speeds) speed.append(new Option(label, seconds));
  const place = node("span", { className: "quiet" });
  const predict = node("input", { type: "checkbox" });
  const copy = button("copy", copyLine);
  copy.className = "network";
  const line = node("input", { className: "line", readOnly: true, hidden: true, ariaLabel: words.line });
  const panel = node("div", { className: "panel" });
  panel.setAttribute("aria-live", "polite");

  const question = node("p");
  const height = node("input", { type: "number", min: 0, ariaLabel: words.height });
  const width = node("input", { type: "number", min: 0, ariaLabel: words.width });
  const by = node("span", { textContent: "x" });
  const answerBar = node(
    "form", { className: "bar", onsubmit: (event) => { event.preventDefault(); whileAsked(check)(); } },
    height, by, width, node("button", { type: "submit", textContent: words.check }),
    button("fails", whileAsked(() => judge(steps[get("revealed") + 1].out === null, null))),
    button("skip", whileAsked(() => reveal("skipped", words.skipped))),
  );
  const verdict = node("p");
  verdict.setAttribute("role", "status");
  const score = node("p", { className: "quiet" });
  const asking = node("div", {}, question, answerBar, verdict, score);

  const totals = node("span");
  const table = node("table");
  const details = node("details", { className: "network" }, node("summary", {}, words.table, totals), table);
  const root = node(
    "div", { className: "unetviz-steps unetviz" },
    node("div", { className: "bar" }, back, next, play, speed, place,
      node("label", { className: "network" }, predict, " " + words.predict), copy, line),
    panel, asking, details,
  );
  el.append(root);

  function put(values) {
    for (const [name, value] of Object.entries(values)) model.set(name, value);
    model.save_changes();
  }

  function go(step) {
    put({ step: Math.max(0, Math.min(step, last(), get("revealed"))) });
  }

  function facts(shown, at) {
    if (shown.out === null || get("plain")) return "";
    const known = { ...shown, in: shown.in.replace("\n", " ") };
    const maps = fill(at === 0 ? words.facts_input : words.facts, known);
    return shown.params ? maps + fill(words.params, shown) : maps;
  }

  // --- what a step says -------------------------------------------------------------------
  function paint() {
    const step = Math.min(get("step"), last());
    const shown = steps[step];
    const end = Math.min(last(), get("revealed"));
    back.disabled = step === 0;
    next.disabled = step >= end;
    play.disabled = get("predict");
    place.textContent = fill(words.place, { step: step + 1, steps: steps.length });
    root.classList.toggle("plain", get("plain"));
    panel.replaceChildren(
      node("p", { className: "name", textContent: shown.label ? `${shown.name}: ${shown.label}` : shown.name }),
      node("p", { textContent: shown.reason }),
      node("p", { className: "quiet", textContent: facts(shown, step) }),
    );
    const known = get("revealed") >= last();
    totals.textContent = known ? get("totals") : words.totals_hidden;
    for (const row of table.querySelectorAll("tr[data-at]")) {
      const at = Number(row.dataset.at);
      row.classList.toggle("current", at === step);
      row.classList.toggle("later", at > step);
    }
    line.hidden = true;
    copy.textContent = words.copy;
  }

  function fillTable() {
    const heading = node("tr", {}, ...words.columns.map((text) => node("th", { textContent: text })));
    const rows = steps.map((step, at) => {
      const known = at <= get("revealed");
      const incoming = at <= get("revealed") + 1 ? step.in : "?";
      const cells = [step.name, known ? step.label : asked(step), incoming, known ? step.out ?? "-" : "?", known ? step.why : "?", step.params];
      const row = node("tr", { onclick: () => go(at) }, ...cells.map((text) => node("td", { textContent: text })));
      row.dataset.at = at;
      return row;
    });
    table.replaceChildren(node("thead", {}, heading), node("tbody", {}, ...rows));
  }

  // --- play -------------------------------------------------------------------------------
  function playOrPause() {
    clearInterval(timer);
    const on = get("playing") && !get("predict");
    play.textContent = on ? words.pause : words.play;
    if (!on) return;
    if (get("step") >= last()) go(0);
    timer = setInterval(() => {
      if (get("step") >= last()) put({ playing: false });
      else go(get("step") + 1);
    }, get("seconds") * 1000);
  }

  // --- predict ----------------------------------------------------------------------------
  function ask() {
    asking.hidden = !get("predict");
    predict.checked = get("predict");
    if (!get("predict")) return;
    const coming = steps[get("revealed") + 1];
    answerBar.hidden = coming === undefined;
    const tally = get("score");
    score.textContent = fill(words.score, { ...tally, steps: last() });
    if (coming === undefined) {
      question.textContent = words.finished;
      return;
    }
    question.textContent = fill(words.question, { name: coming.name, label: asked(coming), size_in: sizes(coming.in) });
    width.hidden = by.hidden = isSquare(coming);
    height.value = width.value = "";
  }

  function check() {
    const coming = steps[get("revealed") + 1];
    const given = isSquare(coming) ? [height.value, height.value] : [height.value, width.value];
    if (given.some((text) => !/^\d+$/.test(text))) {
      verdict.textContent = words.number;
      return;
    }
    const right = coming.answer !== null && given.every((text, axis) => Number(text) === coming.answer[axis]);
    judge(right, isSquare(coming) ? given[0] : given.join(" x "));
  }

  function judge(right, given) {
    const coming = steps[get("revealed") + 1];
    const tries = get("tries") + 1;
    if (right) return reveal(tries === 1 ? "right" : "helped", fill(words.right, { given: given ?? words.fails }));
    const wrong = given === null ? words.fits : tries === 1 ? words.wrong : words.wrong_again;
    const sentence = wrong + (tries === 1 ? "" : words.and_hint);
    const rule = coming.reason.slice(0, coming.rule);
    verdict.textContent = fill(sentence, { given, rule, hint: hint(coming, words) });
    put({ tries });
    height.select();
  }

  function reveal(kind, sentence) {
    const at = get("revealed") + 1;
    const tally = { ...get("score") };
    tally[kind] += 1;
    put({ revealed: at, step: at, tries: 0, score: tally });
    verdict.textContent = sentence;
    if (at < last()) height.focus();
  }

  function changePredict() {
    const start = { right: 0, helped: 0, skipped: 0 };
    const revealed = predict.checked ? Math.min(get("step"), last()) : last();
    verdict.textContent = "";
    put({ predict: predict.checked, revealed, tries: 0, score: start, playing: false });
  }

  // --- the state as one line ----------------------------------------------------------------
  function copyLine() {
    line.value = fill(get("line"), { step: get("step") });
    line.hidden = false;
    line.select();
    // Where the page may not write to the clipboard the line stands there, selected.
    const done = () => { copy.textContent = words.copied; };
    if (navigator.clipboard) navigator.clipboard.writeText(line.value).then(done, () => {});
  }

  predict.onchange = changePredict;
  speed.onchange = () => put({ seconds: Number(speed.value) });
  // JupyterLab has shortcuts of its own for single keys; here they belong to the controls.
  root.addEventListener("keydown", (event) => {
    if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
  });

  const read = () => { steps = rows(get("steps")); };
  const renew = () => { fillTable(); ask(); paint(); };
  model.on("change:steps", () => { read(); verdict.textContent = ""; renew(); playOrPause(); });
  model.on("change:totals", paint);
  model.on("change:revealed change:predict", renew);
  model.on("change:score", ask);
  model.on("change:step", paint);
  model.on("change:playing change:seconds change:predict", playOrPause);
  speed.value = String(get("seconds"));
  read();
  renew();
  playOrPause();
  return () => clearInterval(timer);
}

export default { render };
