// The U as Python drew it, with the current step, what is still unknown, clicks, keys, and boxes.
import { boxesOf } from "../shared/boxes.js";
import {
  assign,
  consume,
  element,
  hasModifier,
  setText,
  svgElement,
  within,
} from "../shared/dom.js";
import { hear } from "../shared/live_pixel.js";
import { onChange, put } from "../shared/model.js";

/** @import { Box, Model, Pixel, UState, View } from "../shared/types" */
/** @typedef {{ node: Element, at: number, isSecret: boolean, words: string | null }} Part */

const SMALLEST = 2; // a single pixel of a large map would be too small to be seen

/**
 * The step that a key leads to; null for a key that leads nowhere.
 * @param {string} key
 * @param {number} step
 * @param {number} last
 */
export function stepAfter(key, step, last) {
  if (key === "ArrowLeft") return step - 1;
  if (key === "ArrowRight") return step + 1;
  if (key === "Home") return 0;
  return key === "End" ? last : null;
}

/**
 * How a part looks that belongs to the step at `at`, which is not a number if there is no such step.
 * @param {number} at
 * @param {Pick<UState, "step" | "revealed" | "fading">} state
 */
export function looks(at, { step, revealed, fading }) {
  return { current: at === step, later: fading && at > step, unknown: at > revealed };
}

/**
 * Where a box of a map lies in the drawing, never smaller than can be seen.
 * @param {number[]} area
 * @param {Box} box
 */
export function placed([x, y, width, height, rows, columns], { top, left, bottom, right }) {
  const across = width / columns;
  const down = height / rows;
  const wide = Math.max(SMALLEST, (right - left) * across);
  const high = Math.max(SMALLEST, (bottom - top) * down);
  return {
    x: Math.min(x + left * across, x + width - wide),
    y: Math.min(y + top * down, y + height - high),
    width: wide,
    height: high,
  };
}

/**
 * Everything in the drawing that belongs to a step. A tooltip belongs to the map around it.
 * @param {Element} root
 * @param {string[]} names
 * @returns {Part[]}
 */
function partsOf(root, names) {
  const order = new Map(names.map((name, i) => [name, i]));
  return [...root.querySelectorAll("[data-step], title")].map((node) => ({
    node,
    at: order.get(node.closest("[data-step]")?.getAttribute("data-step") ?? "") ?? Number.NaN,
    isSecret: node.matches(".secret, title"),
    words: node.matches("text.secret, title") ? node.textContent : null,
  }));
}

/**
 * @param {Part[]} parts
 * @param {Model<UState>} model
 */
function paint(parts, model) {
  const [step, revealed] = [model.get("step"), model.get("revealed")];
  const fading = model.get("fading");
  for (const { node, at, isSecret, words } of parts) {
    const { current, later, unknown } = looks(at, { step, revealed, fading });
    node.classList.toggle("current", current);
    node.classList.toggle("later", later);
    if (isSecret) node.classList.toggle("unknown", unknown);
    if (words !== null) setText(node, unknown ? "?" : words);
  }
}

/**
 * A rectangle in each map; returns what moves them to the boxes of a pixel.
 * @param {Element} root
 * @param {Model<UState>} model
 */
function addBoxes(root, model) {
  for (const node of root.querySelectorAll(".receptive-box")) node.remove();
  const lookUp = boxesOf(model.get("box_tables"));
  const boxes = Object.entries(model.get("areas")).map(([name, area]) => {
    const node = svgElement("rect", { class: "receptive-box", "pointer-events": "none" });
    root.querySelector("svg")?.append(node);
    return { name, area, node };
  });
  return (/** @type {Pixel} */ pixel) => {
    for (const { name, area, node } of boxes) {
      const box = pixel.length ? lookUp(name, pixel) : null;
      node.style.display = box ? "" : "none";
      if (box) assign(node, placed(area, box));
    }
  };
}

/**
 * @param {Model<UState>} model
 * @param {number} step
 */
function go(model, step) {
  const last = Math.min(model.get("names").length - 1, model.get("revealed"));
  put(model, { step: within(step, last) });
}

/**
 * @param {Element} root
 * @param {Model<UState>} model
 */
function listen(root, model) {
  root.addEventListener("click", ({ target }) => {
    const part = /** @type {Element} */ (target).closest("[data-step]");
    if (part) go(model, model.get("names").indexOf(part.getAttribute("data-step") ?? ""));
  });
  root.addEventListener("keydown", (/** @type {any} */ event) => {
    if (hasModifier(event)) return;
    const step = stepAfter(event.key, model.get("step"), model.get("names").length - 1);
    if (event.key === " ") put(model, { playing: !model.get("playing") });
    else if (step !== null) go(model, step);
    else return;
    consume(event);
  });
}

/** @param {View<UState>} view */
function render({ model, el }) {
  const root = element("div", { class: "unetviz-view", tabindex: 0, role: "group" });
  el.append(root);
  /** @type {Part[]} */
  let parts = [];
  /** @type {(pixel: Pixel) => void} */
  let move = () => {};
  const repaint = () => paint(parts, model);
  const follow = () => move(model.get("point"));
  const name = () => assign(root, { "aria-label": model.get("label") });
  const mark = () => {
    move = addBoxes(root, model);
    follow();
  };
  const draw = () => {
    root.innerHTML = model.get("svg");
    parts = partsOf(root, model.get("names"));
    name();
    repaint();
    mark();
  };
  listen(root, model);
  onChange(model, ["svg"], draw);
  onChange(model, ["label"], name); // two networks that fail early may have the same drawing
  onChange(model, ["step", "revealed"], repaint);
  onChange(model, ["areas", "box_tables"], mark);
  onChange(model, ["point"], follow);
  draw();
  return hear(
    () => model.get("_channel"),
    (pixel) => move(pixel),
  );
}

export default { render };
