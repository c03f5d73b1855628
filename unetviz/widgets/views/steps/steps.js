// Back, Next, Play, the words for each step, the table, and predict mode: all without the kernel.
import { assign, element, setText, showEach, within } from "../shared/dom.js";
import { onChange, put, read } from "../shared/model.js";
import {
  afterwards,
  correction,
  fillIn,
  isRight,
  isSquare,
  nameOf,
  START,
  sizesOf,
  stepsOf,
} from "./predict.js";
import { cells, facts, title } from "./said.js";

/** @import { Model, Score, Step, StepState, StepWords, View } from "../shared/types" */
/** @typedef {ReturnType<typeof build>} Nodes */

/** @type {(text: string, type?: string) => HTMLButtonElement} */
const button = (text, type = "button") => element("button", { type }, text);

/** @param {StepWords} words */
function buildBar(words) {
  const [back, next, play] = [button(words.back), button(words.next), button(words.play)];
  const options = words.speeds.map(([text, seconds]) =>
    element("option", { value: seconds }, `${text}`),
  );
  const speed = element("select", { "aria-label": words.speed, title: words.speed }, ...options);
  const place = element("span", { class: "quiet" });
  const predict = element("input", { type: "checkbox" });
  const label = element("label", { class: "network" }, predict, ` ${words.predict}`);
  const copy = button(words.copy);
  copy.className = "network";
  const line = element("input", {
    class: "line",
    readonly: true,
    hidden: true,
    "aria-label": words.line,
  });
  const bar = element("div", { class: "bar" }, back, next, play, speed, place, label, copy, line);
  return { bar, back, next, play, speed, place, predict, copy, line };
}

/** @param {StepWords} words */
function buildQuestion(words) {
  const question = element("p");
  const height = element("input", { type: "number", min: 0, "aria-label": words.height });
  const width = element("input", { type: "number", min: 0, "aria-label": words.width });
  const by = element("span", {}, "x");
  const [fails, skip] = [button(words.fails), button(words.skip)];
  const check = button(words.check, "submit");
  const answer = element("form", { class: "bar" }, height, by, width, check, fails, skip);
  const verdict = element("p", { role: "status" });
  const score = element("p", { class: "quiet" });
  const asking = element("div", {}, question, answer, verdict, score);
  return { asking, question, answer, height, by, width, fails, skip, verdict, score };
}

/** @param {StepWords} words */
function build(words) {
  const bar = buildBar(words);
  const asked = buildQuestion(words);
  const panel = element("div", { class: "panel", "aria-live": "polite" });
  panel.append(element("p", { class: "name" }), element("p"), element("p", { class: "quiet" }));
  const totals = element("span");
  const rows = element("tbody");
  const heading = element("tr", {}, ...words.columns.map((text) => element("th", {}, text)));
  const table = element("table", {}, element("thead", {}, heading), rows);
  const summary = element("summary", {}, words.table, totals);
  const details = element("details", { class: "network" }, summary, table);
  const root = element("div", { class: "unetviz-steps unetviz" });
  root.append(bar.bar, panel, asked.asking, details);
  return { ...bar, ...asked, root, panel, totals, rows };
}

/** @type {(model: Model<StepState>) => number} */
const lastOf = (model) => model.get("steps").name.length - 1;

/** @type {(model: Model<StepState>) => Step | undefined} */
const comingOf = (model) => stepsOf(model.get("steps"))[model.get("revealed") + 1];

/** @type {(nodes: Nodes, model: Model<StepState>) => void} */
function paintBar({ back, next, play, speed, place, predict }, model) {
  const state = read(model, ["words", "step", "revealed", "predict", "playing", "seconds"]);
  const { words, step } = state;
  const last = lastOf(model);
  back.disabled = step === 0;
  next.disabled = step >= Math.min(last, state.revealed);
  play.disabled = predict.checked = state.predict;
  setText(play, state.playing && !state.predict ? words.pause : words.play);
  speed.value = `${state.seconds}`;
  setText(place, fillIn(words.place, { step: step + 1, steps: last + 1 }));
}

/** @type {(nodes: Nodes, model: Model<StepState>) => void} */
function paintSteps({ root, panel, totals, rows }, model) {
  const { words, revealed, ...state } = read(model, [
    "words",
    "step",
    "revealed",
    "plain",
    "totals",
  ]);
  const steps = stepsOf(model.get("steps"));
  const step = Math.min(state.step, steps.length - 1);
  const shown = steps[step];
  const sizes = state.plain ? "" : facts(words, shown, step === 0);
  for (const [i, text] of [title(shown), shown.reason, sizes].entries()) {
    setText(panel.children[i], text);
  }
  root.classList.toggle("plain", state.plain);
  setText(totals, revealed < steps.length - 1 ? words.totals_hidden : state.totals);
  const newRow = () => element("tr", {}, ...words.columns.map(() => element("td")));
  showEach(rows, [...steps.entries()], newRow, (row, [at, one]) => {
    for (const [i, text] of cells(one, at, revealed).entries()) setText(row.children[i], text);
    row.classList.toggle("current", at === step);
    row.classList.toggle("later", at > step);
    assign(row, { "data-at": at });
  });
}

/** @type {(nodes: Nodes, model: Model<StepState>) => void} */
function paintQuestion({ asking, question, answer, width, by, score }, model) {
  const words = model.get("words");
  const coming = comingOf(model);
  asking.hidden = !model.get("predict");
  answer.hidden = !coming;
  setText(score, fillIn(words.score, { ...model.get("score"), steps: lastOf(model) }));
  if (!coming) return setText(question, words.finished);
  const values = { name: coming.name, label: nameOf(coming), size_in: sizesOf(coming.in) };
  setText(question, fillIn(words.question, values));
  width.hidden = by.hidden = isSquare(coming);
}

/** @type {(model: Model<StepState>, step: number) => void} */
function go(model, step) {
  put(model, { step: within(step, Math.min(lastOf(model), model.get("revealed"))) });
}

/** @type {(nodes: Nodes, model: Model<StepState>, how: keyof Score, sentence: string) => void} */
function reveal({ verdict, height }, model, how, sentence) {
  put(model, afterwards(read(model, ["revealed", "score"]), how));
  setText(verdict, sentence);
  if (comingOf(model)) height.focus();
}

/**
 * @param {Nodes} nodes
 * @param {Model<StepState>} model
 * @param {boolean} isCorrect
 * @param {string | null} given null for "it does not fit"
 */
function judge(nodes, model, isCorrect, given) {
  const words = model.get("words");
  const tries = model.get("tries") + 1;
  const coming = comingOf(model);
  if (!coming) return;
  if (isCorrect) {
    const sentence = fillIn(words.right, { given: given ?? words.fails });
    reveal(nodes, model, tries === 1 ? "right" : "helped", sentence);
    return;
  }
  setText(nodes.verdict, correction(words, coming, given, tries));
  put(model, { tries });
  nodes.height.select();
}

/** @type {(nodes: Nodes, model: Model<StepState>, coming: Step) => void} */
function check(nodes, model, coming) {
  const { height, width, verdict } = nodes;
  const given = isSquare(coming) ? [height.value] : [height.value, width.value];
  const isCorrect = isRight(coming, given);
  if (isCorrect === null) setText(verdict, model.get("words").number);
  else judge(nodes, model, isCorrect, given.join(" x "));
}

/**
 * The answer to the last question takes the controls away, but a second Enter may come before that.
 * @type {(nodes: Nodes, model: Model<StepState>) => void}
 */
function listenToAnswers(nodes, model) {
  const { answer, fails, skip } = nodes;
  /** @type {(act: (coming: Step) => void) => (event: Event) => void} */
  const whileAsked = (act) => (event) => {
    event.preventDefault();
    const coming = comingOf(model);
    if (coming) act(coming);
  };
  assign(answer, { submit: whileAsked((coming) => check(nodes, model, coming)) });
  assign(fails, { click: whileAsked(({ out }) => judge(nodes, model, out === null, null)) });
  const { skipped } = model.get("words");
  assign(skip, { click: whileAsked(() => reveal(nodes, model, "skipped", skipped)) });
}

/** @type {(nodes: Nodes, model: Model<StepState>) => void} */
function listen({ root, back, next, play, speed, predict, verdict, rows, ...nodes }, model) {
  assign(back, { click: () => go(model, model.get("step") - 1) });
  assign(next, { click: () => go(model, model.get("step") + 1) });
  assign(play, { click: () => put(model, { playing: !model.get("playing") }) });
  assign(speed, { change: () => put(model, { seconds: Number(speed.value) }) });
  assign(predict, {
    change() {
      const last = lastOf(model);
      const revealed = predict.checked ? Math.min(model.get("step"), last) : last;
      const start = { revealed, tries: 0, score: START, playing: false };
      setText(verdict, "");
      put(model, { predict: predict.checked, ...start });
    },
  });
  rows.addEventListener("click", ({ target }) => {
    const row = /** @type {Element} */ (target).closest("tr");
    if (row) go(model, Number(row.dataset.at));
  });
  assign(nodes.copy, { click: () => copyLine(nodes, model) });
  // JupyterLab has shortcuts of its own for single keys; here they belong to the controls.
  root.addEventListener("keydown", (event) => {
    if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
  });
}

/** @type {(nodes: Pick<Nodes, "line" | "copy">, model: Model<StepState>) => void} */
function copyLine({ line, copy }, model) {
  line.value = fillIn(model.get("line"), { step: model.get("step") });
  line.hidden = false;
  line.select();
  // Where the page may not write to the clipboard the line stands there, selected.
  const done = () => setText(copy, model.get("words").copied);
  navigator.clipboard?.writeText(line.value).then(done, () => {});
}

/**
 * Let the steps follow each other while the model says so.
 * @param {Model<StepState>} model
 */
function player(model) {
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let timer;
  const pause = () => clearInterval(timer);
  const advance = () => {
    if (model.get("step") >= lastOf(model)) put(model, { playing: false });
    else go(model, model.get("step") + 1);
  };
  const playOrPause = () => {
    pause();
    if (!model.get("playing") || model.get("predict")) return;
    if (model.get("step") >= lastOf(model)) go(model, 0);
    timer = setInterval(advance, model.get("seconds") * 1000);
  };
  return { playOrPause, pause };
}

/** @param {View<StepState>} view */
function render({ model, el }) {
  const nodes = build(model.get("words"));
  const { playOrPause, pause } = player(model);
  const paint = () => {
    paintBar(nodes, model);
    paintSteps(nodes, model);
    paintQuestion(nodes, model);
  };
  const ask = () => {
    nodes.height.value = nodes.width.value = "";
  };
  const hideLine = () => {
    nodes.line.hidden = true;
    setText(nodes.copy, model.get("words").copy);
  };
  el.append(nodes.root);
  listen(nodes, model);
  listenToAnswers(nodes, model);
  onChange(model, ["steps"], () => setText(nodes.verdict, ""));
  onChange(model, ["steps", "revealed", "predict"], ask);
  onChange(model, ["steps", "revealed", "predict", "step"], hideLine);
  onChange(model, ["steps", "revealed", "predict", "step", "totals", "score"], paint);
  onChange(model, ["playing", "seconds", "plain"], paint);
  onChange(model, ["steps", "playing", "seconds", "predict"], playOrPause);
  paint();
  playOrPause();
  return pause;
}

export default { render };
