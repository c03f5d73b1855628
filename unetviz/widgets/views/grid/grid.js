// Small matrices side by side. The current cell lights up the cells that it is linked with, in both
// directions, each with its weight. Stepping, hovering and keys need no kernel.
import { assign, consume, element, hasModifier, setText, within } from "../shared/dom.js";
import { onChange, put } from "../shared/model.js";
import { cellAfter, cellName, partnersOf, shapeOf } from "./cells.js";

/** @import { Grid, GridState, Model, View } from "../shared/types" */
/** @import { Partner } from "./cells" */
/** @typedef {{ node: HTMLElement, weight: HTMLElement }} Cell */
/** @typedef {{ point: (grid: string, index: number) => void, leave: () => void }} Pointer */
/** @typedef {Map<string, Cell>} Cells */

const DENSE = 12; // a longer matrix has low rows, so that it can be seen as a whole

/** @type {(grid: Grid, row: number, column: number, model: Model<GridState>) => HTMLElement} */
function valueNode({ name, title, rows, editable }, row, column, model) {
  const text = rows[row][column];
  if (!editable) return element("span", {}, text);
  const label = `${title}: ${row}, ${column}`;
  const input = element("input", { value: text, "aria-label": label });
  input.addEventListener("change", () => put(model, { edited: [name, row, column, input.value] }));
  return input;
}

/** @type {(grid: Grid, row: number, column: number, value: HTMLElement) => Cell} */
function cellOf({ shades, dark, marked }, row, column, value) {
  const weight = element("small");
  const node = element("td", {}, value, weight);
  if (shades) node.style.background = shades[row][column];
  node.classList.toggle("light", !!shades && !dark?.[row][column]);
  node.classList.toggle("dark", !!dark?.[row][column]);
  node.classList.toggle("marked", !!marked?.[row][column]);
  return { node, weight };
}

/**
 * A matrix under its title; its cells are added to `cells`.
 * @type {(grid: Grid, model: Model<GridState>, cells: Cells, pointer: Pointer) => HTMLElement}
 */
function figureOf(grid, model, cells, { point, leave }) {
  const rows = grid.rows.map((texts, row) => {
    const nodes = texts.map((_, column) => {
      const index = row * texts.length + column;
      const cell = cellOf(grid, row, column, valueNode(grid, row, column, model));
      const here = () => point(grid.name, index);
      assign(cell.node, { pointerenter: here, pointerleave: leave, click: here });
      cells.set(cellName(grid.name, index), cell);
      return cell.node;
    });
    return element("tr", {}, ...nodes);
  });
  const dense = grid.rows.length > DENSE ? "dense" : "";
  const table = element("table", { class: dense }, element("tbody", {}, ...rows));
  return element("figure", {}, element("figcaption", {}, grid.title), table);
}

/** @type {(row: HTMLElement, model: Model<GridState>, pointer: Pointer) => Cells} */
function drawGrids(row, model, pointer) {
  /** @type {Cells} */
  const cells = new Map();
  const nodes = model.get("grids").flatMap((grid) => {
    const sign = grid.sign ? [element("span", { class: "sign" }, grid.sign)] : [];
    return [...sign, figureOf(grid, model, cells, pointer)];
  });
  const inputs = () => /** @type {HTMLElement[]} */ ([...row.querySelectorAll("input")]);
  const focused = inputs().indexOf(/** @type {HTMLElement} */ (document.activeElement));
  row.replaceChildren(...nodes);
  // Who goes from box to box with Tab stays there when the numbers are replaced.
  inputs()[focused]?.focus();
  return cells;
}

/** @type {(cells: Cells, partners: Map<string, Partner[]>, chosen: string) => void} */
function lightUp(cells, partners, chosen) {
  const linked = new Map(partners.get(chosen)?.map(({ cell, weight }) => [cell, weight]));
  for (const [name, { node, weight }] of cells) {
    node.classList.toggle("chosen", name === chosen);
    node.classList.toggle("linked", cells.has(chosen) && linked.has(name));
    setText(weight, (cells.has(chosen) && linked.get(name)) || "");
  }
}

/** @type {(model: Model<GridState>, step: number) => void} */
function go(model, step) {
  const [height, width] = shapeOf(model.get("grids"), model.get("main"));
  put(model, { step: within(step, height * width - 1) });
}

/** @type {(root: HTMLElement, model: Model<GridState>) => void} */
function listenToKeys(root, model) {
  root.addEventListener("keydown", (event) => {
    if (event.target instanceof HTMLInputElement) {
      // JupyterLab would take Enter for itself; leaving the box is what makes a change.
      if (event.key === "Enter") root.focus();
      event.stopPropagation();
      return;
    }
    if (hasModifier(event)) return;
    const shape = shapeOf(model.get("grids"), model.get("main"));
    const step = cellAfter(event.key, model.get("step"), shape);
    if (event.key === " ") put(model, { playing: !model.get("playing") });
    else if (step === null) return;
    else if (step !== model.get("step")) go(model, step);
    consume(event);
  });
}

/** @param {View<GridState>} view */
function render({ model, el }) {
  const row = element("div", { class: "row" });
  const sentence = element("p", { "aria-live": "polite" });
  const root = element("div", { class: "unetviz-grids unetviz", tabindex: 0, role: "group" });
  root.append(row, sentence);
  el.append(root);
  /** @type {Cells} */
  let cells = new Map();
  let partners = partnersOf([]);
  /** @type {string | null} */
  let pointed = null;
  const paint = () => {
    const [main, step] = [model.get("main"), model.get("step")];
    const chosen = pointed ?? cellName(main, step);
    lightUp(cells, partners, chosen);
    if (cells.has(chosen)) setText(sentence, (!pointed && model.get("sentences")[step]) || "");
  };
  const pointer = {
    point(/** @type {string} */ grid, /** @type {number} */ index) {
      const isMain = grid === model.get("main");
      pointed = isMain ? null : cellName(grid, index);
      if (isMain) go(model, index);
      paint();
    },
    leave() {
      pointed = null;
      paint();
    },
  };
  const draw = () => {
    pointed = null; // a cell that is taken away tells nobody that the pointer has left it
    assign(root, { "aria-label": model.get("label") });
    cells = drawGrids(row, model, pointer);
    partners = partnersOf(model.get("links"));
    paint();
  };
  listenToKeys(root, model);
  onChange(model, ["grids", "links"], draw);
  onChange(model, ["step", "sentences"], paint);
  draw();
}

export default { render };
