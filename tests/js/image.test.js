// An image: the pixel under the pointer or the keys, boxes, legend, and how often the kernel hears.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { filled, isWhole, legend, shapes } from "../../unetviz/widgets/views/image/contents.js";
import view from "../../unetviz/widgets/views/image/image.js";
import { inside, pixelAfter, pixelAt } from "../../unetviz/widgets/views/image/pixels.js";
import { boxesOf } from "../../unetviz/widgets/views/shared/boxes.js";
import u from "../../unetviz/widgets/views/u/u.js";
import sources from "./states/sources.json";
import targets from "./states/targets.json";
import { all, fakeModel, link, one, point, press, show, texts } from "./support/page.js";

/** @import { ImageState } from "../../unetviz/widgets/views/shared/types" */

const SOURCES = /** @type {ImageState} */ (sources.image);
const TARGETS = /** @type {ImageState} */ (targets.image);
const SIDE = 286; // pixels of the screen: half as many as the image has
const INNER = 388;

/** @param {Partial<ImageState>} changes */
function shown(changes = {}, state = SOURCES) {
  const model = fakeModel({ ...state, ...changes });
  const { root, end } = show(view, model);
  const frame = one(root, ".frame");
  const place = { left: 10, top: 20, width: SIDE, height: SIDE };
  frame.getBoundingClientRect = () => /** @type {DOMRect} */ (place);
  /** The middle of a pixel of the image on the screen. */
  const at = (/** @type {number} */ row, /** @type {number} */ column) => ({
    clientX: 10 + (column + 0.5) / 2,
    clientY: 20 + (row + 0.5) / 2,
  });
  /** Moves the pointer over an output pixel. */
  const move = (/** @type {number} */ row, /** @type {number} */ column) =>
    point(frame, "pointermove", at(row + 92, column + 92));
  const click = (/** @type {number} */ row, /** @type {number} */ column) => {
    point(frame, "pointerdown", at(row + 92, column + 92));
    frame.click();
  };
  const lines = () => texts(root, ".legend p");
  return { model, root, end, frame, at, move, click, lines };
}

/** Corners of the boxes on an image that follow a pixel, as the page has them. */
function drawn(/** @type {Element} */ root) {
  const boxes = all(root, "rect.box:not(.window, .free)");
  return boxes
    .map((node) => {
      const number = (/** @type {string} */ name) => Number(node.getAttribute(name));
      const [top, left] = [number("y"), number("x")];
      return [top, left, top + number("height"), left + number("width")];
    })
    .sort();
}

/** What the legend says of a pixel. */
const said = (/** @type {number[]} */ pixel) =>
  filled(/** @type {string} */ (SOURCES.words.point), pixel, () => null);

const frame = () => vi.advanceTimersByTime(17);

beforeEach(() => {
  vi.useFakeTimers();
  document.body.replaceChildren();
  let count = 0;
  URL.createObjectURL = vi.fn(() => `blob:${++count}`);
  URL.revokeObjectURL = vi.fn();
});

afterEach(() => vi.useRealTimers());

test("the boxes of the pixel under the pointer are those of the geometry, with their sizes", () => {
  const { root, move, lines } = shown();
  for (const { pixel, paths } of sources.expected) {
    move(pixel[0], pixel[1]);
    frame();
    const boxes = /** @type {number[][]} */ (Object.values(paths));
    expect(drawn(root)).toEqual(boxes.sort());
    for (const { name, words } of SOURCES.boxes) {
      const path = name.replace("path/", "");
      const [top, left, bottom, right] = /** @type {Record<string, number[]>} */ (paths)[path];
      expect(lines()).toContain(`${words}${bottom - top} x ${right - left}`);
    }
    expect(lines()).toContain(said(pixel));
  }
});

test("in the other direction, the outputs that an input pixel reaches are shown where they lie", () => {
  const { root, frame: node, at, lines } = shown({}, TARGETS);
  const [shownBox] = TARGETS.boxes;
  for (const { pixel, boxes } of targets.expected) {
    point(node, "pointermove", at(pixel[0], pixel[1]));
    frame();
    const [top, left, bottom, right] = /** @type {any} */ (boxes)[shownBox.name];
    expect(drawn(root)).toEqual([[top + 92, left + 92, bottom + 92, right + 92]]);
    expect(lines()).toContain(`${shownBox.words}${bottom - top} x ${right - left}`);
  }
});

test("outside the area the nearest pixel is taken", () => {
  const { model, move } = shown();
  move(-89, 600);
  frame();
  expect(model.get("point")).toEqual([0, INNER - 1]);
});

test("boxes and legend are moved, not rebuilt", () => {
  const { root, move } = shown();
  const before = all(root, "*");
  move(10, 20);
  frame();
  move(300, 20);
  frame();
  expect(all(root, "*")).toEqual(before);
});

test("many moves of the pointer are shown once a frame", () => {
  const { frame: node, move, lines } = shown();
  const looked = vi.spyOn(node, "getBoundingClientRect");
  const before = lines();
  for (let i = 0; i < 50; i++) move(i, 7);
  expect(lines()).toEqual(before);
  frame();
  expect(lines()).toContain(said([49, 7]));
  expect(looked).toHaveBeenCalledTimes(1);
});

test("the kernel hears at once, then eight times a second, and of the last pixel", () => {
  const { model, move, lines } = shown();
  for (let i = 0; i < 60; i++) {
    move(i, i);
    frame();
  }
  expect(model.sent[0]).toEqual({ point: [0, 0] });
  expect(model.sent.length).toBeGreaterThan(6);
  expect(model.sent.length).toBeLessThan(11);
  vi.advanceTimersByTime(125);
  expect(model.sent.at(-1)).toEqual({ point: [59, 59] });
  expect(lines()).toContain(said([59, 59]));
  vi.advanceTimersByTime(1000);
  expect(model.sent.at(-1)).toEqual({ point: [59, 59] });
});

test("an echo of an older pixel does not overwrite a newer one", () => {
  const { model, move, lines } = shown();
  move(1, 1);
  frame();
  move(2, 2);
  frame();
  model.receive({ point: [1, 1] }); // what the kernel was told last comes back
  expect(lines()).toContain(said([2, 2]));
  vi.advanceTimersByTime(125);
  expect(model.get("point")).toEqual([2, 2]);
});

test("a pixel that the kernel chooses is shown, and one that waits is not sent after it", () => {
  const { model, move, lines } = shown();
  move(1, 1);
  frame();
  move(2, 2);
  frame();
  model.receive({ point: [77, 88] });
  expect(lines()).toContain(said([77, 88]));
  vi.advanceTimersByTime(1000);
  expect(model.sent).toEqual([{ point: [1, 1] }]);
  expect(model.get("point")).toEqual([77, 88]);
});

test("when the pointer leaves, the kernel hears of the last pixel", () => {
  const { model, frame: node, move } = shown();
  move(1, 1);
  frame();
  move(5, 5);
  point(node, "pointerleave");
  expect(model.sent.at(-1)).toEqual({ point: [5, 5] });
});

test("the maps of a drawing follow in every frame, the kernel a few times", () => {
  const { model, move } = shown({ _channel: "one" });
  const drawing = fakeModel({ .../** @type {any} */ (sources.u), _channel: "one" });
  link(model, drawing, ["point"]);
  const { root } = show(u, drawing);
  const place = () => all(root, ".receptive-box").map((node) => node.getAttribute("x"));
  const seen = new Set();
  for (let i = 0; i < 7; i++) {
    move(0, 50 * i);
    frame();
    seen.add(`${place()}`);
  }
  expect(seen.size).toBe(7);
  expect(drawing.sent.length).toBeLessThan(4);
});

test("a click holds a pixel, the same again lets it go", () => {
  const { model, move, click, lines } = shown();
  click(108, 108);
  expect(model.sent).toEqual([{ point: [108, 108] }, { held: true }]);
  expect(lines().at(-1)).toBe(SOURCES.words.held);
  move(200, 200);
  frame();
  expect(model.get("point")).toEqual([108, 108]);
  click(109, 108);
  expect([model.get("point"), model.get("held")]).toEqual([[109, 108], true]);
  click(109, 108);
  expect(model.get("held")).toBe(false);
  expect(lines().at(-1)).toBe(SOURCES.words.help);
  move(200, 200);
  frame();
  expect(model.get("point")).toEqual([200, 200]);
});

test("a press is exact, though the frame before it is not yet over", () => {
  const { model, move, click } = shown();
  move(10, 10);
  click(11, 11);
  frame();
  expect(model.get("point")).toEqual([11, 11]);
  expect(model.sent).toEqual([{ point: [11, 11] }, { held: true }]);
});

test("keys move the pixel by one or by sixteen, and to the ends", () => {
  const { model, frame: node, lines } = shown({ point: [195, 195] });
  const keys = ["ArrowRight", "Shift+ArrowDown", "Home", "ArrowLeft", "PageUp", "End", "PageDown"];
  const visited = keys.map((key) => {
    expect(press(node, key).defaultPrevented).toBe(true);
    return `${model.get("point")}`;
  });
  expect(visited).toEqual(["195,196", "211,196", "211,0", "211,0", "195,0", "195,387", "211,387"]);
  for (let i = 0; i < 30; i++) press(node, "PageDown");
  expect(model.get("point")).toEqual([387, 387]);
  expect(model.sent[0]).toEqual({ held: true, point: [195, 196] });
  expect(lines().at(-1)).toBe(SOURCES.words.held);
  press(node, "Escape");
  expect(model.get("held")).toBe(false);
});

test("a key goes on from the pixel that is seen", () => {
  const { model, frame: node, move } = shown();
  move(1, 1);
  frame();
  move(5, 5);
  frame();
  press(node, "ArrowRight");
  vi.advanceTimersByTime(1000);
  expect(model.get("point")).toEqual([5, 6]);
});

test("a pixel that a key holds is not lost to a frame that waits", () => {
  const { model, frame: node, move } = shown({ point: [7, 7] });
  move(1, 1);
  press(node, "ArrowRight");
  frame();
  vi.advanceTimersByTime(1000);
  expect([model.get("point"), model.get("held")]).toEqual([[7, 8], true]);
});

test("boxes that are named first, the small ones, lie on top", () => {
  const lookUp = boxesOf(SOURCES.box_tables);
  const names = shapes({ ...SOURCES, marks: [] }, [195, 195], lookUp).map(({ sign }) => sign);
  expect(names).toEqual(["B", "4", "3", "2", "1"]);
});

test.each(["b", "Enter", "Control+ArrowRight", "Alt+Home"])("%s belongs to the browser", (key) => {
  const { model, frame: node } = shown();
  expect(press(node, key).defaultPrevented).toBe(false);
  expect(model.sent).toEqual([]);
});

test("where no pixel can be chosen nothing happens, and no help is shown", () => {
  const { model, root, frame: node, move, click, lines } = shown({ area: [], point: [] });
  move(1, 1);
  frame();
  click(1, 1);
  press(node, "ArrowRight");
  expect(model.sent).toEqual([]);
  expect(node.classList.contains("still")).toBe(true);
  expect(all(root, "rect.pixel")).toEqual([]);
  expect(lines()).toHaveLength(SOURCES.marks.filter((mark) => mark.words).length);
});

test("the current pixel is marked in its middle, and never too small", () => {
  const { model, root } = shown({ point: [3, 5], zoom: 0.5 });
  const place = () => {
    const dot = one(root, "rect.pixel");
    return ["y", "x", "height", "width"].map((name) => Number(dot.getAttribute(name)));
  };
  expect(place()).toEqual([91.5, 93.5, 8, 8]);
  model.receive({ zoom: 8 });
  expect(place()).toEqual([95, 97, 1, 1]);
  model.receive({ point: [] });
  expect(all(root, "rect.pixel")).toEqual([]);
});

test("the frame has the size of the image", () => {
  const { model, root, frame: node } = shown();
  expect(node.style.width).toBe(`${572 * SOURCES.zoom}px`);
  expect(one(root, "svg").getAttribute("viewBox")).toBe("0 0 572 572");
  model.receive({ size: [40, 50], origin: [-4, -5], zoom: 0.5, label: "another" });
  expect(node.style.width).toBe("25px");
  expect(one(root, "svg").getAttribute("viewBox")).toBe("-5 -4 50 40");
  expect(node.classList.contains("smooth")).toBe(true);
  expect(node.ariaLabel).toBe("another");
});

test("each image has an address, which is given back", () => {
  const { model, root, end } = shown();
  const image = /** @type {HTMLImageElement} */ (one(root, "img"));
  expect(image.src).toBe("blob:1");
  model.receive({ image: "other" });
  expect(image.src).toBe("blob:2");
  expect(URL.revokeObjectURL).toHaveBeenLastCalledWith("blob:1");
  end?.();
  expect(URL.revokeObjectURL).toHaveBeenLastCalledWith("blob:2");
});

test("a view that is gone says no more to the kernel", () => {
  const { model, end, move } = shown();
  move(1, 1);
  frame();
  move(2, 2);
  frame();
  move(3, 3);
  end?.();
  vi.advanceTimersByTime(1000);
  expect(model.sent).toEqual([{ point: [1, 1] }]);
});

test("another network: boxes and legend are those of its tables", () => {
  const { model, root, lines } = shown({ point: [0, 0] });
  const { area, boxes, box_tables, words } = TARGETS;
  model.receive({ area, boxes, box_tables, words, point: [0, 0] });
  expect(drawn(root)).toEqual([[92, 92, 108, 108]]);
  expect(lines()).toContain(`${boxes[0].words}16 x 16`);
});

test("a lone frame around the whole image is a title", () => {
  const state = { ...SOURCES, area: [], origin: [0, 0], size: [4, 6] };
  const mark = { box: [0, 0, 4, 6], kind: "tile", words: "the map", size: "4 x 6" };
  const kinds = (/** @type {object} */ changes) =>
    legend({ ...state, marks: [mark], ...changes }, [], () => null).map(({ kind }) => kind);
  expect(kinds({})).toEqual([""]);
  expect(kinds({ size: [5, 6] })).toEqual(["tile"]);
  expect(kinds({ marks: [mark, { ...mark, kind: "kept" }] })).toEqual(["tile", "kept"]);
  expect(kinds({ marks: [mark, { ...mark, words: "" }] })).toEqual([""]);
  expect(isWhole([1, 2, 5, 8], [1, 2], [4, 6])).toBe(true);
  expect(isWhole([0, 2, 5, 8], [1, 2], [4, 6])).toBe(false);
});

test("what has no box is said to have none, and is not drawn", () => {
  const boxes = [{ name: "gone", kind: "tile", words: "a map" }];
  const state = { ...SOURCES, marks: [], boxes, words: { none: "nothing" } };
  expect(legend(state, [0, 0], () => null)).toEqual([
    { kind: "tile", words: "a map", size: "nothing" },
  ]);
  expect(shapes(state, [0, 0], () => null)).toEqual([]);
});

test("sentences are filled with the pixel and with sizes of boxes", () => {
  const lookUp = () => ({ top: 1, left: 2, bottom: 4, right: 9 });
  const sentence = "row {row}, column {column}: {rows:x} x {columns:x}";
  expect(filled(sentence, [5, 6], lookUp)).toBe("row 5, column 6: 3 x 7");
  expect(filled(sentence, [5, 6], () => null)).toBe("row 5, column 6: 0 x 0");
});

test("pixels of a pointer and of keys", () => {
  const state = { area: [2, 3, 12, 23], origin: [0, 0], size: [100, 200], pitch: [5, 4] };
  const place = { left: 50, top: 60, width: 400 };
  expect(pixelAt({ clientX: 50 + 2 * 9.9, clientY: 60 + 2 * 4.1 }, place, state)).toEqual([2, 6]);
  expect(inside([-1, 99], state.area)).toEqual([0, 19]);
  expect(pixelAfter({ key: "ArrowDown", shiftKey: false }, [], state)).toEqual([5, 0]);
  expect(pixelAfter({ key: "x", shiftKey: false }, [1, 1], state)).toBe(null);
  expect(boxesOf({})("input", [0, 0])).toBe(null);
});
