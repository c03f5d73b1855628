// An image with boxes on it. The current pixel follows the pointer or the keys; the boxes that
// belong to it are looked up here, without the kernel.
import { latestBoxes } from "../shared/boxes.js";
import {
  assign,
  consume,
  element,
  hasModifier,
  setText,
  showEach,
  svgElement,
} from "../shared/dom.js";
import { announce } from "../shared/live_pixel.js";
import { onChange, put, read } from "../shared/model.js";
import { atMostEvery, onceAFrame } from "../shared/pace.js";
import { legend, shapes } from "./contents.js";
import { pixelAfter, pixelAt } from "./pixels.js";

/** @import { ImageState, LookUp, Model, Pixel, View } from "../shared/types" */
/** @import { Line, Shape } from "./contents" */
/** @typedef {ReturnType<typeof build>} Nodes */
/** @typedef {ReturnType<typeof livePixel>} Live */

const TOLD = 125; // milliseconds between two pixels of the pointer that the kernel hears of
const SIGN = 12; // pixels of the screen that a sign in a box is high
const DOT = 4; // and the smallest mark of a pixel

/** @type {(keyof ImageState)[]} */
const PLACE = ["origin", "size", "zoom", "area", "label"];
/** @type {(keyof ImageState)[]} */
const CONTENTS = ["marks", "boxes", "area", "words", "origin", "size", "zoom", "held"];

/** @param {HTMLElement} el */
function build(el) {
  const image = element("img", { alt: "", draggable: "false" });
  const [boxes, dot] = [svgElement("g"), svgElement("g")];
  const hidden = { preserveAspectRatio: "none", "aria-hidden": "true" };
  const svg = svgElement("svg", hidden, boxes, dot);
  const frame = element("div", { class: "frame", tabindex: 0, role: "group" }, image, svg);
  const lines = element("div", { class: "legend" });
  el.append(element("div", { class: "unetviz-image" }, frame, lines));
  return { image, frame, svg, boxes, dot, lines };
}

const newShape = () =>
  svgElement("g", {}, svgElement("rect"), svgElement("rect"), svgElement("text"));

/** @type {(node: Element, shape: Shape, zoom: number) => void} */
function showShape({ children: [halo, rect, text] }, { box, kind, sign }, zoom) {
  const { top, left, bottom, right } = box;
  const at = { x: left, y: top, width: right - left, height: bottom - top };
  assign(halo, { ...at, class: `halo ${kind}` });
  assign(rect, { ...at, class: `box ${kind}` });
  const size = SIGN / zoom;
  assign(text, { x: left + size / 3, y: top + size, "font-size": size });
  setText(text, sign);
}

const newLine = () => element("p", {}, element("span"), element("span"), element("b"));

/** @type {(node: Element, line: Line) => void} */
function showLine({ children: [swatch, text, size] }, line) {
  assign(swatch, { class: `swatch ${line.kind}`, hidden: !line.kind });
  setText(text, line.words);
  setText(size, line.size);
}

/** @type {(node: Element, pixel: Pixel, origin: Pixel, zoom: number) => void} */
function showDot(node, pixel, [top, left], zoom) {
  const side = Math.max(1, DOT / zoom);
  const [y, x] = [top + pixel[0] + 0.5 - side / 2, left + pixel[1] + 0.5 - side / 2];
  assign(node, { x, y, width: side, height: side });
}

/** @type {(nodes: Nodes, model: Model<ImageState>, pixel: Pixel, lookUp: LookUp) => void} */
function paint({ boxes, dot, lines }, model, pixel, lookUp) {
  const state = read(model, CONTENTS);
  const { area, zoom } = state;
  const dots = pixel.length && area.length ? [pixel] : [];
  showEach(boxes, shapes(state, pixel, lookUp), newShape, (node, shape) =>
    showShape(node, shape, zoom),
  );
  showEach(
    dot,
    dots,
    () => svgElement("rect", { class: "pixel" }),
    (node) => showDot(node, pixel, area, zoom),
  );
  showEach(lines, legend(state, pixel, lookUp), newLine, showLine);
  lines.hidden = !lines.childElementCount;
}

/** @type {(nodes: Nodes, model: Model<ImageState>) => void} */
function setFrame({ frame, svg }, model) {
  const { origin, size, zoom, area, label } = read(model, PLACE);
  frame.style.width = `${size[1] * zoom}px`;
  frame.style.aspectRatio = `${size[1]} / ${size[0]}`;
  frame.classList.toggle("smooth", zoom < 1);
  frame.classList.toggle("still", area.length === 0);
  assign(frame, { "aria-label": label });
  assign(svg, { viewBox: `${origin[1]} ${origin[0]} ${size[1]} ${size[0]}` });
}

/**
 * The pixel that is shown: the model's, or a newer one that the kernel has not yet heard of. It is
 * set in the model only when it is sent: the kernel's echo of an older one would else overwrite it.
 * @param {Model<ImageState>} model
 */
function livePixel(model) {
  /** @type {Pixel | null} */
  let newer = null;
  const telling = atMostEvery(TOLD, () => {
    const point = newer;
    newer = null;
    if (point) put(model, { point });
  });
  return {
    get: () => newer ?? model.get("point"),
    /** @param {Pixel} pixel */
    move(pixel) {
      newer = pixel;
      telling.ask();
    },
    tell: telling.finish,
    forget() {
      newer = null;
    },
    stop: telling.cancel,
  };
}

/**
 * The pointer chooses a pixel; a click holds it, or lets it go. Returns what ends all that waits.
 * @param {HTMLElement} frame
 * @param {Model<ImageState>} model
 * @param {Live} live
 * @param {() => void} show
 */
function listenToPointer(frame, model, live, show) {
  let last = { clientX: 0, clientY: 0 };
  let wasChosen = false;
  /** Whether the pixel was the current one already. */
  const choose = () => {
    const state = read(model, ["area", "origin", "size"]);
    const pixel = pixelAt(last, frame.getBoundingClientRect(), state);
    if (`${pixel}` === `${live.get()}`) return true;
    live.move(pixel);
    show();
    return false;
  };
  const canChoose = () => model.get("area").length > 0;
  // A key may hold another pixel before the frame is over.
  const moving = onceAFrame(() => {
    if (canChoose() && !model.get("held")) choose();
  });
  frame.addEventListener("pointermove", (event) => {
    last = event;
    moving.ask();
  });
  frame.addEventListener("pointerleave", () => {
    moving.finish();
    live.tell();
  });
  // A click comes in whole pixels of the screen, which may be the neighbour; a press is exact.
  frame.addEventListener("pointerdown", (event) => {
    if (!canChoose()) return;
    last = event;
    wasChosen = choose() && model.get("held");
    live.tell();
  });
  frame.addEventListener("click", () => {
    if (canChoose()) put(model, { held: !wasChosen });
  });
  return () => {
    moving.cancel();
    live.stop();
  };
}

/**
 * @param {HTMLElement} frame
 * @param {Model<ImageState>} model
 * @param {Live} live
 */
function listenToKeys(frame, model, live) {
  frame.addEventListener("keydown", (event) => {
    const state = read(model, ["area", "pitch"]);
    if (!state.area.length || hasModifier(event)) return;
    const point = pixelAfter(event, live.get(), state);
    if (point) put(model, { held: true, point });
    else if (event.key === "Escape") put(model, { held: false });
    else return;
    consume(event);
  });
}

/** @param {View<ImageState>} view */
function render({ model, el }) {
  const nodes = build(el);
  const live = livePixel(model);
  const lookUp = latestBoxes(() => model.get("box_tables"));
  let address = "";
  const repaint = () => paint(nodes, model, live.get(), lookUp);
  const show = () => {
    repaint();
    announce(model.get("_channel"), live.get());
  };
  const draw = () => {
    URL.revokeObjectURL(address);
    address = URL.createObjectURL(new Blob([model.get("image")], { type: "image/png" }));
    nodes.image.src = address;
  };
  const stop = listenToPointer(nodes.frame, model, live, show);
  listenToKeys(nodes.frame, model, live);
  onChange(model, ["image"], draw);
  onChange(model, PLACE, () => setFrame(nodes, model));
  onChange(model, ["point", "area"], live.forget);
  onChange(model, [...CONTENTS, "point", "box_tables"], repaint);
  draw();
  setFrame(nodes, model);
  repaint();
  return () => {
    stop();
    URL.revokeObjectURL(address);
  };
}

export default { render };
