// Small matrices: the current cell, the cells that it is linked with, keys, typed numbers.
import { beforeEach, expect, test } from "vitest";
import { cellAfter, partnersOf, shapeOf } from "../../unetviz/widgets/views/grid/cells.js";
import view from "../../unetviz/widgets/views/grid/grid.js";
import grids from "./states/grids.json";
import editable from "./states/grids_editable.json";
import { all, fakeModel, point, press, show, texts } from "./support/page.js";

/** @import { GridState } from "../../unetviz/widgets/views/shared/types" */

/** @param {Partial<GridState>} changes */
function shown(changes = {}, state = /** @type {GridState} */ (grids)) {
  const model = fakeModel({ ...state, ...changes });
  const { root } = show(view, model);
  const cells = (/** @type {number} */ grid) => all(all(root, "figure")[grid], "td");
  const values = (/** @type {number} */ grid) =>
    cells(grid).map(({ firstElementChild: node }) =>
      node instanceof HTMLInputElement ? node.value : node?.textContent,
    );
  const chosen = (/** @type {number} */ grid) =>
    cells(grid).flatMap((node, i) => (node.classList.contains("chosen") ? [i] : []));
  const linked = (/** @type {number} */ grid) =>
    cells(grid).flatMap((node, i) =>
      node.classList.contains("linked") ? [[i, node.querySelector("small")?.textContent]] : [],
    );
  return { model, root, cells, values, chosen, linked };
}

const LAST = grids.grids.length - 1;

beforeEach(() => document.body.replaceChildren());

test("all matrices stand side by side with their titles and signs", () => {
  const { root, values } = shown();
  expect(texts(root, "figcaption")).toEqual(grids.grids.map(({ title }) => title));
  expect(texts(root, ".sign")).toEqual(grids.grids.map(({ sign }) => sign).filter(Boolean));
  for (const [i, { rows }] of grids.grids.entries()) expect(values(i)).toEqual(rows.flat());
});

test("what makes a cell lights up with its weight, for every cell", () => {
  const { model, chosen, linked } = shown();
  for (let step = 0; step < 16; step++) {
    model.receive({ step });
    expect(chosen(LAST)).toEqual([step]);
    for (const { from, cells } of grids.links) {
      const at = grids.grids.findIndex(({ name }) => name === from);
      expect(linked(at)).toEqual([...cells[step]].sort((a, b) => Number(a[0]) - Number(b[0])));
    }
  }
});

test("links are read the other way: a cell under the pointer lights up what it makes", () => {
  const { model, root, cells, chosen, linked } = shown();
  // The first number sits in the second row and column; its stamp reaches the first 2 x 2 outputs.
  point(cells(0)[6], "pointerenter");
  expect(chosen(0)).toEqual([6]);
  expect(chosen(LAST)).toEqual([]);
  expect(linked(LAST)).toEqual([
    [0, "1"],
    [1, "2"],
    [4, "3"],
    [5, "4"],
  ]);
  expect(texts(root, "p")).toEqual([""]);
  point(cells(0)[6], "pointerleave");
  expect(chosen(LAST)).toEqual([0]);
  expect(model.sent).toEqual([]);
});

test("a cell of the main matrix under the pointer becomes the current one", () => {
  const sentences = grids.grids[LAST].rows.flat().map((_, i) => `cell ${i}`);
  const { model, root, cells, chosen } = shown({ sentences });
  point(cells(LAST)[10], "pointerenter");
  expect(model.sent).toEqual([{ step: 10 }]);
  expect(chosen(LAST)).toEqual([10]);
  expect(texts(root, "p")).toEqual(["cell 10"]);
});

test("keys go from cell to cell, stay inside and find both ends", () => {
  const { model, root } = shown();
  const keys = [
    "ArrowUp",
    "ArrowLeft",
    "ArrowDown",
    "ArrowRight",
    "End",
    "ArrowRight",
    "ArrowDown",
    "Home",
  ];
  const visited = keys.map((key) => {
    expect(press(root, key).defaultPrevented).toBe(true);
    return model.get("step");
  });
  expect(visited).toEqual([0, 0, 4, 5, 15, 15, 15, 0]);
  expect(model.sent).toEqual([4, 5, 15, 0].map((step) => ({ step })));
});

test("the space bar plays; other keys and shortcuts belong to the browser", () => {
  const { model, root } = shown();
  press(root, "Space");
  expect(model.sent).toEqual([{ playing: true }]);
  for (const key of ["b", "Control+End", "Meta+ArrowDown"]) {
    expect(press(root, key).defaultPrevented).toBe(false);
  }
  expect(model.sent).toHaveLength(1);
});

test("a typed number is sent with its place; keys in its box do not step", () => {
  const { model, root, cells } = shown({}, /** @type {GridState} */ (editable));
  const box = /** @type {HTMLInputElement} */ (cells(0)[1].firstElementChild);
  expect(box.ariaLabel).toBe(`${editable.grids[0].title}: 0, 1`);
  box.focus();
  for (const key of ["ArrowDown", "End", "Space"]) press(box, key);
  expect(model.sent).toEqual([]);
  box.value = "ten";
  press(box, "Enter"); // leaves the box, and a browser then tells the change
  expect(document.activeElement).toBe(root);
  box.dispatchEvent(new Event("change"));
  expect(model.sent).toEqual([{ edited: [editable.grids[0].name, 0, 1, "ten"] }]);
});

test("who goes from box to box stays there when the numbers change", () => {
  const { model, cells } = shown({}, /** @type {GridState} */ (editable));
  /** @type {HTMLElement} */ (cells(0)[1].firstElementChild).focus();
  const [first, ...others] = editable.grids;
  model.receive({
    grids: [
      {
        ...first,
        rows: [
          ["10", "2"],
          ["3", "-1"],
        ],
      },
      ...others,
    ],
  });
  expect(document.activeElement).toBe(cells(0)[1].firstElementChild);
  expect(document.activeElement).not.toBe(null);
});

test("a cell that is taken away is pointed at no more", () => {
  const { model, cells, chosen } = shown();
  point(cells(1)[3], "pointerenter");
  expect(chosen(1)).toEqual([3]);
  const [input, kernel, output] = grids.grids;
  model.receive({ grids: [input, { ...kernel, rows: [["1"]] }, output] });
  expect(chosen(1)).toEqual([]);
  expect(chosen(LAST)).toEqual([0]);
});

test("colours, marks, and a long matrix in low rows", () => {
  const rows = Array.from({ length: 13 }, (_, i) => [`${i}`]);
  const column = (/** @type {boolean | string} */ value, /** @type {any} */ other) =>
    rows.map((_, i) => [i ? other : value]);
  const grid = { name: "out", title: "", rows, sign: "", editable: false };
  const marked = {
    shades: column("#000000", "#ffffff"),
    dark: column(true, false),
    marked: column(true, false),
  };
  const { root, cells } = shown({
    grids: [{ ...grid, .../** @type {any} */ (marked) }],
    links: [],
  });
  expect(all(root, "table.dense")).toHaveLength(1);
  expect(
    cells(0)
      .slice(0, 2)
      .map((node) => node.className.trim()),
  ).toEqual(["dark marked chosen", "light"]);
  expect(cells(0)[0].style.background).not.toBe("");
});

test("a step that is not there lights up nothing", () => {
  const { model, chosen, linked } = shown();
  model.receive({ main: "another", step: 3 });
  expect(grids.grids.flatMap((_, i) => [...chosen(i), ...linked(i)])).toEqual([]);
});

test("shapes, keys and links of cells", () => {
  expect(shapeOf(grids.grids, "out")).toEqual([4, 4]);
  expect(shapeOf(grids.grids, "another")).toEqual([0, 0]);
  expect(cellAfter("ArrowRight", 3, [2, 4])).toBe(3);
  expect(cellAfter("ArrowDown", 3, [2, 4])).toBe(7);
  expect(cellAfter("x", 3, [2, 4])).toBe(null);
  const partners = partnersOf([
    {
      from: "a",
      to: "b",
      cells: [
        [
          [1, "1/2"],
          [2, "1/2"],
        ],
      ],
    },
  ]);
  expect(partners.get("b 0")).toEqual([
    { cell: "a 1", weight: "1/2" },
    { cell: "a 2", weight: "1/2" },
  ]);
  expect(partners.get("a 2")).toEqual([{ cell: "b 0", weight: "1/2" }]);
});
