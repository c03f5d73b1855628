// What all views share: boxes from tables, how often something is done, nodes and sentences.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { boxesOf, latestBoxes, sumsOf } from "../../unetviz/widgets/views/shared/boxes.js";
import { element, fill, showEach } from "../../unetviz/widgets/views/shared/dom.js";
import { put, read } from "../../unetviz/widgets/views/shared/model.js";
import { atMostEvery, onceAFrame } from "../../unetviz/widgets/views/shared/pace.js";
import sources from "./states/sources.json";
import targets from "./states/targets.json";
import { fakeModel } from "./support/page.js";

/** @type {(corners: number[] | null | undefined) => object | null} */
const box = (corners) =>
  corners ? { top: corners[0], left: corners[1], bottom: corners[2], right: corners[3] } : null;

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test.each([
  ["sources", sources],
  ["targets", targets],
])("the boxes of a pixel are those of the geometry: %s", (_, { image, expected }) => {
  const lookUp = boxesOf(/** @type {any} */ (image.box_tables));
  for (const { pixel, boxes } of expected) {
    for (const [name, corners] of Object.entries(boxes)) {
      expect(lookUp(name, pixel)).toEqual(box(corners));
    }
  }
  expect(lookUp("no such map", [0, 0])).toBe(null);
});

test("paths to the input have boxes of their own", () => {
  const lookUp = boxesOf(/** @type {any} */ (sources.image.box_tables));
  for (const { pixel, paths } of sources.expected) {
    for (const [name, corners] of Object.entries(paths)) {
      expect(lookUp(`path/${name}`, pixel)).toEqual(box(/** @type {number[]} */ (corners)));
    }
  }
});

test("steps are characters from 0 on, and repeated ones are written once", () => {
  expect([...sumsOf("")]).toEqual([0]);
  expect([...sumsOf("102")]).toEqual([0, 1, 1, 3]);
  expect([...sumsOf("(10*3)2")]).toEqual([0, 1, 1, 2, 2, 3, 3, 5]);
  expect([...sumsOf(":")]).toEqual([0, 10]);
});

test("rows and columns have tables of their own", () => {
  const steps = ["111", "222"];
  const lookUp = boxesOf({ rows: { a: [0, 0, 2, 0] }, columns: { a: [5, 1, 6, 1] }, steps });
  expect(lookUp("a", [1, 2])).toEqual({ top: 1, bottom: 3, left: 9, right: 10 });
});

test("tables are read again when they change", () => {
  let tables = {};
  const lookUp = latestBoxes(() => tables);
  expect(lookUp("a", [0, 0])).toBe(null);
  tables = { rows: { a: [0, 0, 1, 0] }, steps: [""] };
  expect(lookUp("a", [0, 0])).toEqual({ top: 0, left: 0, bottom: 1, right: 1 });
});

test("once a frame", () => {
  const act = vi.fn();
  const pace = onceAFrame(act);
  pace.ask();
  pace.ask();
  expect(act).not.toHaveBeenCalled();
  vi.advanceTimersByTime(17);
  expect(act).toHaveBeenCalledTimes(1);
  pace.ask();
  pace.finish();
  pace.finish();
  expect(act).toHaveBeenCalledTimes(2);
  pace.ask();
  pace.cancel();
  vi.advanceTimersByTime(100);
  expect(act).toHaveBeenCalledTimes(2);
});

test("at most once in a while, the last time too", () => {
  const act = vi.fn();
  const pace = atMostEvery(100, act);
  pace.ask();
  expect(act).toHaveBeenCalledTimes(1);
  pace.ask();
  pace.ask();
  vi.advanceTimersByTime(99);
  expect(act).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(1);
  expect(act).toHaveBeenCalledTimes(2);
  pace.ask();
  pace.finish();
  expect(act).toHaveBeenCalledTimes(3);
  pace.finish();
  vi.advanceTimersByTime(1000);
  expect(act).toHaveBeenCalledTimes(3);
  pace.ask();
  pace.ask();
  pace.cancel();
  vi.advanceTimersByTime(1000);
  expect(act).toHaveBeenCalledTimes(4);
});

test("elements have attributes, listeners and children", () => {
  const click = vi.fn();
  const button = element(
    "button",
    { type: "button", title: 3, hidden: true, disabled: false, click },
    "go",
  );
  button.click();
  expect(button.outerHTML).toBe('<button type="button" title="3" hidden="">go</button>');
  expect(click).toHaveBeenCalledTimes(1);
});

test("as many children as entries, and those that are there stay", () => {
  const parent = element("ul");
  const list = (/** @type {string[]} */ ...entries) =>
    showEach(
      parent,
      entries,
      () => element("li"),
      (node, text) => node.replaceChildren(text),
    );
  list("a", "b");
  const [first] = parent.children;
  list("c");
  expect(parent.innerHTML).toBe("<li>c</li>");
  expect(parent.firstElementChild).toBe(first);
  list();
  expect(parent.innerHTML).toBe("");
});

test("placeholders are filled, words of a person are not", () => {
  const values = /** @type {Record<string, string>} */ ({ name: "<b>{other}", other: "no" });
  expect(fill("{name}!", (word) => values[word])).toBe("<b>{other}!");
});

test("traits are set before the kernel hears of all of them at once", () => {
  const model = fakeModel({ a: 1, b: 2, c: 3 });
  put(model, { a: 5, b: 6 });
  expect(model.sent).toEqual([{ a: 5, b: 6 }]);
  expect(read(model, ["a", "c"])).toEqual({ a: 5, c: 3 });
});
