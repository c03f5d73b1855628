// The drawing of the U: the current step, what is unknown, clicks, keys, and boxes in its maps.
import { beforeEach, expect, test, vi } from "vitest";
import { announce } from "../../unetviz/widgets/views/shared/live_pixel.js";
import { stepsOf } from "../../unetviz/widgets/views/steps/predict.js";
import steps from "../../unetviz/widgets/views/steps/steps.js";
import view, { looks, placed, stepAfter } from "../../unetviz/widgets/views/u/u.js";
import sources from "./states/sources.json";
import control from "./states/steps.json";
import targets from "./states/targets.json";
import u from "./states/u.json";
import { all, fakeModel, link, one, press, show, texts } from "./support/page.js";

/** @import { UState } from "../../unetviz/widgets/views/shared/types" */

const LAST = u.names.length - 1;

/** @param {Partial<UState>} changes */
function shown(changes = {}, state = /** @type {UState} */ (u)) {
  const model = fakeModel({ ...state, revealed: LAST, ...changes });
  const { root, end } = show(view, model);
  const named = (/** @type {string} */ selector) => [
    ...new Set(all(root, `${selector}[data-step]`).map((node) => node.dataset.step)),
  ];
  return { model, root, end, named };
}

beforeEach(() => document.body.replaceChildren());

test("the current step stands out, and all later ones are faint", () => {
  const { model, named } = shown();
  for (const [at, name] of u.names.entries()) {
    model.receive({ step: at });
    expect(named(".current")).toEqual([name]);
    expect(new Set(named(".later"))).toEqual(new Set(u.names.slice(at + 1)));
  }
  model.receive({ step: LAST + 1 });
  expect([...named(".current"), ...named(".later")]).toEqual([]);
});

test("sizes and crops in the drawing are those of the trace", () => {
  const { root } = shown();
  const drawn = all(root, "text.secret").map((node) => `${node.dataset.step} ${node.textContent}`);
  for (const { name, label, answer } of stepsOf(control.steps)) {
    if (name.endsWith("_up")) continue; // its map has the size of the half that it joins
    expect(drawn).toContain(name.endsWith("_crop") ? `${name} ${label}` : `${name} ${answer?.[0]}`);
  }
});

test("where nothing fades, later steps look like others", () => {
  const { root } = shown({ fading: false });
  expect(all(root, ".later")).toEqual([]);
});

test("sizes of steps that are not known are question marks, in tooltips too", () => {
  const { model, root } = shown();
  const read = () => texts(root, "text.secret, title");
  const known = read();
  model.receive({ revealed: 1 });
  const unknown = all(root, "text.secret, title").map((node) => {
    const step = node.closest("[data-step]")?.getAttribute("data-step") ?? "";
    return u.names.indexOf(step) > 1;
  });
  expect(unknown).toContain(false);
  expect(read()).toEqual(known.map((text, i) => (unknown[i] ? "?" : text)));
  expect(all(root, ".secret:not(.unknown)")).not.toEqual([]);
  model.receive({ revealed: LAST });
  expect(read()).toEqual(known);
});

test("keys go from step to step and to both ends", () => {
  const { model, root } = shown({ step: 1 });
  const visited = ["ArrowRight", "ArrowLeft", "End", "ArrowRight", "Home", "ArrowLeft"].map(
    (key) => {
      expect(press(root, key).defaultPrevented).toBe(true);
      return model.get("step");
    },
  );
  expect(visited).toEqual([2, 1, LAST, LAST, 0, 0]);
  expect(model.sent).toEqual([2, 1, LAST, 0].map((step) => ({ step })));
});

test("keys and clicks do not lead beyond what is known", () => {
  const { model, root } = shown({ step: 1, revealed: 3 });
  press(root, "End");
  expect(model.get("step")).toBe(3);
  one(root, "#map-head .sheet:last-of-type").dispatchEvent(
    new MouseEvent("click", { bubbles: true }),
  );
  expect(model.get("step")).toBe(3);
});

test("the space bar plays and pauses", () => {
  const { model, root } = shown();
  press(root, "Space");
  press(root, "Space");
  expect(model.sent).toEqual([{ playing: true }, { playing: false }]);
});

test.each(["b", "Enter", "Control+ArrowRight", "Alt+ArrowLeft", "Meta+End"])(
  "%s belongs to the browser",
  (key) => {
    const { model, root } = shown({ step: 1 });
    const heard = vi.fn();
    document.body.addEventListener("keydown", heard, { once: true });
    expect(press(root, key).defaultPrevented).toBe(false);
    expect(heard).toHaveBeenCalled();
    expect(model.sent).toEqual([]);
  },
);

test("a key that is used does not reach JupyterLab", () => {
  const { root } = shown({ step: 1 });
  const heard = vi.fn();
  document.body.addEventListener("keydown", heard);
  press(root, "ArrowRight");
  document.body.removeEventListener("keydown", heard);
  expect(heard).not.toHaveBeenCalled();
});

test.each([
  ["#map-dec3_conv1 .sheet", "dec3_conv1"],
  ["#arrow-enc2_pool .tip", "enc2_pool"],
  ["#skip-dec1_crop .sheet", "dec1_crop"],
])("a click on %s goes to %s", (selector, name) => {
  const { model, root } = shown();
  all(root, selector)[0].dispatchEvent(new MouseEvent("click", { bubbles: true }));
  expect(u.names[model.get("step")]).toBe(name);
});

test("a click beside all maps changes nothing", () => {
  const { model, root } = shown({ step: 5 });
  one(root, "svg").dispatchEvent(new MouseEvent("click", { bubbles: true }));
  expect(model.sent).toEqual([]);
});

test("drawing and controls go step by step together, without the kernel", () => {
  const drawing = shown();
  const steering = fakeModel(control);
  link(steering, drawing.model, ["step", "revealed", "playing"]);
  const { root } = show(steps, steering);
  for (const name of u.names.slice(1, 4)) {
    press(drawing.root, "ArrowRight");
    expect(texts(root, ".panel .name")[0]).toMatch(new RegExp(`^${name}: `));
    expect(drawing.named(".current")).toEqual([name]);
  }
});

test("another network is drawn; its name is what a screen reader says", () => {
  const { model, root, named } = shown({ step: 3 });
  const svg = '<svg><g data-step="a"><text class="secret" data-step="a">7</text></g></svg>';
  model.receive({ svg, names: ["a"], label: "one map", step: 0, revealed: 0 });
  expect(root.ariaLabel).toBe("one map");
  expect(named(".current")).toEqual(["a"]);
  model.receive({ label: "the same map" });
  expect(root.ariaLabel).toBe("the same map");
});

test.each([
  ["sources", sources],
  ["targets", targets],
])("in every map lies the box of the pixel: %s", (_, { u: state, expected }) => {
  const { model, root } = shown({}, /** @type {any} */ (state));
  const names = Object.keys(state.areas);
  for (const { pixel, boxes } of expected) {
    model.receive({ point: pixel });
    for (const [i, rect] of all(root, "rect.receptive-box").entries()) {
      const box = /** @type {Record<string, number[] | null>} */ (boxes)[names[i]];
      const area = /** @type {Record<string, number[]>} */ (state.areas)[names[i]];
      expect(rect.style.display).toBe(box ? "" : "none");
      if (!box) continue;
      const [top, left, bottom, right] = box;
      const at = ["x", "y", "width", "height"].map((name) => Number(rect.getAttribute(name)));
      expect(at).toEqual(Object.values(placed(area, { top, left, bottom, right })));
    }
  }
});

test("a box keeps its place in the map and is never too small to be seen", () => {
  const area = [10, 20, 57, 57, 570, 570];
  const box = { top: 100, left: 200, bottom: 300, right: 400 };
  expect(placed(area, box)).toEqual({ x: 30, y: 30, width: 20, height: 20 });
  const last = { top: 569, left: 569, bottom: 570, right: 570 };
  expect(placed(area, last)).toEqual({ x: 65, y: 75, width: 2, height: 2 });
});

test("boxes are moved, not rebuilt, and gone without a pixel", () => {
  const { model, root } = shown({}, /** @type {any} */ (sources.u));
  const before = all(root, ".receptive-box");
  model.receive({ point: [1, 2] });
  expect(all(root, ".receptive-box")).toEqual(before);
  model.receive({ point: [] });
  expect(before.every((node) => node.style.display === "none")).toBe(true);
  model.receive({ areas: {} });
  expect(all(root, ".receptive-box")).toEqual([]);
});

test("a pixel that an image announces is shown before the kernel knows it", () => {
  const state = /** @type {any} */ ({ ...sources.u, _channel: "one", point: [0, 0] });
  const { model, root, end } = shown({}, state);
  const places = () => all(root, ".receptive-box").map((node) => node.getAttribute("x"));
  const before = places();
  announce("another", [300, 300]);
  expect(places()).toEqual(before);
  announce("one", [300, 300]);
  const after = places();
  expect(after).not.toEqual(before);
  expect(model.sent).toEqual([]);
  model.receive({ point: [300, 300] });
  expect(places()).toEqual(after);
  end?.();
  announce("one", [0, 0]);
  expect(places()).toEqual(after);
});

test("what a key means, and how a part looks", () => {
  expect(
    ["ArrowLeft", "ArrowRight", "Home", "End", "x"].map((key) => stepAfter(key, 3, 9)),
  ).toEqual([2, 4, 0, 9, null]);
  const state = { step: -1, revealed: 3, fading: true };
  expect(looks(Number.NaN, state)).toEqual({ current: false, later: false, unknown: false });
  expect(looks(4, state)).toEqual({ current: false, later: true, unknown: true });
});
