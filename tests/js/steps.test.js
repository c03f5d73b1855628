// Back, Next, Play, the table, and predict mode, with what Python says about three networks.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  fillIn,
  isRight,
  isSquare,
  sizesOf,
  stepsOf,
} from "../../unetviz/widgets/views/steps/predict.js";
import { facts } from "../../unetviz/widgets/views/steps/said.js";
import view from "../../unetviz/widgets/views/steps/steps.js";
import paper from "./states/steps.json";
import failing from "./states/steps_failing.json";
import lossy from "./states/steps_lossy.json";
import plain from "./states/steps_plain.json";
import { all, fakeModel, one, press, show, texts } from "./support/page.js";

/** @import { StepState } from "../../unetviz/widgets/views/shared/types" */

const { words } = paper;
const STEPS = stepsOf(paper.steps);
const LAST = STEPS.length - 1;

/** @param {Partial<StepState>} changes */
function shown(changes = {}, state = /** @type {StepState} */ (paper)) {
  const model = fakeModel({ ...state, ...changes });
  const { root, end } = show(view, model);
  const button = (/** @type {string} */ text) =>
    /** @type {HTMLButtonElement} */ (
      all(root, "button").find((node) => node.textContent === text)
    );
  const labelled = (/** @type {string} */ label) =>
    /** @type {HTMLInputElement} */ (one(root, `[aria-label="${label}"]`));
  const answer = (/** @type {string} */ height, width = "") => {
    labelled(words.height).value = height;
    labelled(words.width).value = width;
    button(words.check).click();
  };
  const says = () => one(root, "[role=status]").textContent;
  return { model, root, end, button, labelled, answer, says };
}

/** The state at a question: the steps up to `revealed` are known. */
const asked = (/** @type {number} */ revealed) => ({ predict: true, revealed, step: revealed });

beforeEach(() => {
  vi.useFakeTimers();
  document.body.replaceChildren();
});

afterEach(() => vi.useRealTimers());

test("every step says what the trace says, and its row stands out", () => {
  const { root, button } = shown();
  for (const [at, step] of STEPS.entries()) {
    expect(texts(root, ".panel p").slice(0, 2)).toEqual([
      `${step.name}: ${step.label}`,
      step.reason,
    ]);
    expect(texts(root, ".panel p")[2]).toContain(`out ${step.out}`);
    expect(texts(root, ".bar .quiet")).toEqual([fillIn(words.place, { step: at + 1, steps: 36 })]);
    expect(all(root, "tr.current").map((row) => row.dataset.at)).toEqual([`${at}`]);
    expect(all(root, "tr.later")).toHaveLength(LAST - at);
    expect(button(words.back).disabled).toBe(at === 0);
    expect(button(words.next).disabled).toBe(at === LAST);
    if (at < LAST) button(words.next).click();
  }
});

test("Back and Next tell the kernel the step, and stop at both ends", () => {
  const { model, button } = shown({ step: 1 });
  button(words.back).click();
  button(words.back).click();
  expect(model.sent).toEqual([{ step: 0 }]);
  model.receive({ step: LAST - 1 });
  button(words.next).click();
  button(words.next).click();
  expect(model.sent).toEqual([{ step: 0 }, { step: LAST }]);
});

test("the table tells the sizes and reasons of all steps, and a row is a click away", () => {
  const { model, root } = shown();
  const rows = all(root, "tbody tr");
  expect(rows).toHaveLength(STEPS.length);
  for (const [at, { name, label, out, why, params, ...step }] of STEPS.entries()) {
    expect(texts(rows[at], "td")).toEqual([name, label, step.in, out, why, params]);
  }
  one(rows[4], "td:last-child").click();
  expect(model.get("step")).toBe(4);
  expect(texts(root, "th")).toEqual(words.columns);
  expect(texts(root, "summary")).toEqual([words.table + paper.totals]);
});

test("the first step has no input, and steps without weights no parameters", () => {
  expect(facts(words, STEPS[0], true)).toBe(fillIn(words.facts_input, { out: "572x572x1" }));
  expect(facts(words, STEPS[1], false)).toContain(fillIn(words.params, { params: "640" }));
  expect(facts(words, STEPS[3], false)).not.toContain("640");
  const concat = STEPS.find(({ name }) => name === "dec1_concat");
  expect(facts(words, /** @type {any} */ (concat), false)).toContain("392x392x64 + 392x392x64");
});

test("a new network is shown at its step; an old verdict is gone", () => {
  const { model, root, answer, says } = shown(asked(0));
  answer("1");
  expect(says()).not.toBe("");
  model.receive({ ...lossy, predict: true, revealed: 2, step: 2 });
  expect(says()).toBe("");
  expect(texts(root, ".panel .name")[0]).toContain(lossy.steps.name[2]);
  expect(all(root, "tbody tr")).toHaveLength(lossy.steps.name.length);
});

test("playing goes on by itself at its speed, and ends at the last step", () => {
  const { model, button, labelled } = shown({ step: LAST - 2 });
  button(words.play).click();
  expect(button(words.pause)).toBeDefined();
  vi.advanceTimersByTime(1499);
  expect(model.get("step")).toBe(LAST - 2);
  vi.advanceTimersByTime(1);
  expect(model.get("step")).toBe(LAST - 1);
  labelled(words.speed).value = "0.5";
  labelled(words.speed).dispatchEvent(new Event("change"));
  expect(model.get("seconds")).toBe(0.5);
  vi.advanceTimersByTime(500);
  expect(model.get("step")).toBe(LAST);
  expect(model.get("playing")).toBe(true);
  vi.advanceTimersByTime(500);
  expect(model.get("playing")).toBe(false);
  expect(button(words.play)).toBeDefined();
});

test("playing starts over at the end, pauses, and ends with the view", () => {
  const { model, button, end } = shown({ step: LAST });
  button(words.play).click();
  expect(model.get("step")).toBe(0);
  button(words.pause).click();
  vi.advanceTimersByTime(10_000);
  expect(model.get("step")).toBe(0);
  button(words.play).click();
  end?.();
  vi.advanceTimersByTime(10_000);
  expect(model.get("step")).toBe(0);
});

test("in predict mode nothing plays, and nothing after the current step can be read", () => {
  const { root, button } = shown({ ...asked(0), playing: true });
  expect(button(words.play).disabled).toBe(true);
  const rows = all(root, "tbody tr").map((row) => texts(row, "td"));
  expect(rows[1].slice(2, 5)).toEqual(["572x572x1", "?", "?"]);
  for (const row of rows.slice(2)) expect(row.slice(2, 5)).toEqual(["?", "?", "?"]);
  const said = texts(root, "p, td, summary").join(" ");
  const isTold = (/** @type {number} */ size) =>
    new RegExp(`(?<![\\d,])${size}(?![\\d,])`).test(said);
  const channels = [32, 56, 64]; // are sizes too
  const secret = STEPS.slice(1).flatMap(({ answer }) => answer ?? []);
  expect(secret.filter((size) => !channels.includes(size) && isTold(size))).toEqual([]);
  expect(texts(root, "summary")).toEqual([words.table + words.totals_hidden]);
});

test("a crop is not called by what it cuts before its size is known", () => {
  const crop = STEPS.findIndex(({ name }) => name === "dec4_crop");
  const { root, answer } = shown(asked(crop - 1));
  const called = () => texts(all(root, "tbody tr")[crop], "td")[1];
  expect(called()).toBe(STEPS[crop].asked);
  answer("56");
  expect(called()).toBe(STEPS[crop].label);
});

test("a right answer goes on, counts, and leaves the box ready for the next", () => {
  const { model, root, labelled, answer, says } = shown(asked(0));
  const question = () => one(root, "form").previousElementSibling?.textContent;
  const first = { name: "enc1_conv1", label: "conv 3x3, ReLU", size_in: "572 x 572" };
  expect(question()).toBe(fillIn(words.question, first));
  answer("570");
  expect(says()).toBe(fillIn(words.right, { given: "570" }));
  expect(model.sent).toEqual([
    { revealed: 1, step: 1, score: { right: 1, helped: 0, skipped: 0 } },
  ]);
  expect(question()).toBe(
    fillIn(words.question, { ...first, name: "enc1_conv2", size_in: "570 x 570" }),
  );
  expect(labelled(words.height).value).toBe("");
  expect(document.activeElement).toBe(labelled(words.height));
});

test("a wrong answer gets the rule, the next one a hint, and a right one then counts as helped", () => {
  const { model, root, answer, says } = shown(asked(0));
  const rule = STEPS[1].reason.slice(0, STEPS[1].rule);
  answer("572");
  expect(says()).toBe(fillIn(words.wrong, { given: "572", rule }));
  answer("571");
  const values = { given: "571", rule, hint: "572 - 3 + 1 = ?" };
  expect(says()).toBe(fillIn(words.wrong_again + words.and_hint, values));
  expect(model.get("tries")).toBe(2);
  expect(model.get("revealed")).toBe(0);
  answer("570");
  expect(model.get("score")).toEqual({ right: 0, helped: 1, skipped: 0 });
  expect(model.get("tries")).toBe(0);
  const tally = { right: 0, helped: 1, skipped: 0, steps: LAST };
  expect(texts(root, "p.quiet")).toContain(fillIn(words.score, tally));
});

test.each(["", " ", "-1", "3.7", "1e3", "abc"])("%j is not a size", (given) => {
  const { model, labelled, button, says } = shown(asked(0));
  labelled(words.height).type = "text"; // a browser keeps most of them out of a number's box
  labelled(words.height).value = given;
  button(words.check).click();
  expect(says()).toBe(words.number);
  expect(model.sent).toEqual([]);
});

test("that a step fits can be denied and skipped", () => {
  const { model, button, says } = shown(asked(0));
  button(words.fails).click();
  expect(says()).toBe(fillIn(words.fits, { rule: STEPS[1].reason.slice(0, STEPS[1].rule) }));
  expect(model.get("tries")).toBe(1);
  button(words.skip).click();
  expect(says()).toBe(words.skipped);
  expect(model.get("score")).toEqual({ right: 0, helped: 0, skipped: 1 });
  expect(model.get("revealed")).toBe(1);
});

test("two sizes are asked for where the input is not square, and the hint has no result", () => {
  const pool = stepsOf(lossy.steps).findIndex(({ name }) => name === "enc1_pool");
  const { model, labelled, answer, says } = shown(asked(pool - 1), lossy);
  expect(labelled(words.width).hidden).toBe(false);
  answer("1", "284");
  answer("284", "2");
  expect(says()).toContain("h (569 - 1) / 2 = ?; w 568 / 2 = ?");
  answer("284", "284");
  expect(says()).toBe(fillIn(words.right, { given: "284 x 284" }));
  expect(model.get("score").helped).toBe(1);
});

test("one size is asked for where the input is square", () => {
  const { labelled } = shown(asked(0));
  expect(labelled(words.width).hidden).toBe(true);
});

test("the step that fails is predicted with the button, and then all is known", () => {
  const last = failing.steps.name.length - 1;
  const { model, root, button, answer, says } = shown(asked(last - 1), failing);
  answer("1", "1");
  answer("1", "1");
  expect(says()).toContain(stepsOf(failing.steps)[last].hint);
  button(words.fails).click();
  expect(says()).toBe(fillIn(words.right, { given: words.fails }));
  expect(model.get("score")).toEqual({ right: 0, helped: 1, skipped: 0 });
  expect(texts(root, "p")).toContain(words.finished);
  expect(one(root, "form").hidden).toBe(true);
  expect(texts(all(root, "tbody tr")[last], "td")[3]).toBe("-");
  expect(texts(root, ".panel p")[2]).toBe("");
});

test("the last question is answered once, however often a button is clicked", () => {
  const { model, button } = shown(asked(LAST - 1));
  const skip = button(words.skip);
  skip.click();
  skip.click();
  expect(model.get("score").skipped).toBe(1);
  expect([model.get("revealed"), model.get("step")]).toEqual([LAST, LAST]);
});

test("ticking the box hides what follows the current step, unticking shows all", () => {
  const { model, root, answer, says } = shown({
    step: 4,
    playing: true,
    score: { right: 3, helped: 2, skipped: 1 },
  });
  const box = /** @type {HTMLInputElement} */ (one(root, "[type=checkbox]"));
  box.click();
  expect(model.sent).toEqual([
    { predict: true, revealed: 4, score: { right: 0, helped: 0, skipped: 0 }, playing: false },
  ]);
  expect(one(root, "form").parentElement?.hidden).toBe(false);
  answer("1");
  box.click();
  expect(model.get("revealed")).toBe(LAST);
  expect(one(root, "form").parentElement?.hidden).toBe(true);
  expect(says()).toBe("");
});

test("Next does not lead beyond what is known", () => {
  const { model, button } = shown({ ...asked(3), step: 2 });
  button(words.next).click();
  expect(model.get("step")).toBe(3);
  expect(button(words.next).disabled).toBe(true);
});

test("the state as a line of Python, until the next step", async () => {
  const writeText = vi.fn(async () => {});
  vi.stubGlobal("navigator", { clipboard: { writeText } });
  const { button, labelled } = shown({ step: 1 });
  button(words.copy).click();
  await vi.runAllTimersAsync();
  expect(writeText).toHaveBeenCalledWith("uv.UNetExplorer(uv.UNetSpec(), step=1)");
  expect(labelled(words.line).value).toBe("uv.UNetExplorer(uv.UNetSpec(), step=1)");
  expect(labelled(words.line).hidden).toBe(false);
  expect(button(words.copied)).toBeDefined();
  button(words.next).click();
  expect(labelled(words.line).hidden).toBe(true);
  expect(button(words.copy)).toBeDefined();
  vi.unstubAllGlobals();
});

test("without a clipboard the line stands there all the same", () => {
  const { button, labelled } = shown();
  button(words.copy).click();
  expect(labelled(words.line).hidden).toBe(false);
  expect(button(words.copy)).toBeDefined();
});

test("single keys do not reach JupyterLab, its own shortcuts do", () => {
  const { root, button } = shown();
  const heard = vi.fn();
  document.body.addEventListener("keydown", heard, { once: true });
  press(button(words.next), "b");
  expect(heard).not.toHaveBeenCalled();
  press(button(words.next), "Control+s");
  expect(heard).toHaveBeenCalled();
  expect(root.isConnected).toBe(true);
});

test("steps of a small example have a name and a reason, and no network", () => {
  const { root } = shown({}, /** @type {any} */ (plain));
  expect(root.classList.contains("plain")).toBe(true);
  expect(texts(root, ".panel p")).toEqual([plain.steps.name[0], plain.steps.reason[0], ""]);
});

test("every control has a name", () => {
  const { root } = shown(asked(0));
  const nameless = all(root, "button, input, select").filter((node) => {
    const { labels } = /** @type {HTMLInputElement} */ (node);
    return !node.ariaLabel && !labels?.length && !node.textContent?.trim();
  });
  expect(nameless).toEqual([]);
});

test("answers and shapes", () => {
  expect(sizesOf("56x56x512\n+ 56x56x512")).toBe("56 x 56 + 56 x 56");
  expect(isSquare(STEPS[1])).toBe(true);
  expect(isRight(STEPS[1], ["570"])).toBe(true);
  expect(isRight(STEPS[1], ["570", "571"])).toBe(false);
  expect(isRight({ ...STEPS[1], answer: null }, ["570"])).toBe(false);
  expect(isRight(STEPS[1], ["570", ""])).toBe(null);
});
