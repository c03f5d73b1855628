// Cells of small matrices: which of them are linked, and where a key leads.
/** @import { Grid, Link } from "../shared/types" */
/** @typedef {{ cell: string, weight: string }} Partner */

/** @type {Record<string, number[]>} */
const MOVES = {
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
};

/**
 * What a cell is called among those of all matrices.
 * @param {string} grid
 * @param {number} index
 */
export function cellName(grid, index) {
  return `${grid} ${index}`;
}

/**
 * The partners of every cell. A link says which cells of one matrix make a cell of another; it is
 * read both ways.
 * @param {Link[]} links
 */
export function partnersOf(links) {
  /** @type {Map<string, Partner[]>} */
  const partners = new Map();
  /** @type {(one: string, other: string, weight: string) => void} */
  const add = (one, other, weight) => {
    const known = partners.get(one) ?? [];
    known.push({ cell: other, weight });
    partners.set(one, known);
  };
  for (const { from, to, cells } of links) {
    for (const [index, sources] of cells.entries()) {
      const target = cellName(to, index);
      for (const [other, weight] of sources) {
        const source = cellName(from, Number(other));
        add(target, source, `${weight}`);
        add(source, target, `${weight}`);
      }
    }
  }
  return partners;
}

/**
 * Rows and columns of a matrix; none if there is no such matrix.
 * @param {Grid[]} grids
 * @param {string} name
 */
export function shapeOf(grids, name) {
  const grid = grids.find((one) => one.name === name);
  return grid ? [grid.rows.length, grid.rows[0].length] : [0, 0];
}

/**
 * The cell that a key leads to, the same one at an edge; null for a key that leads nowhere.
 * @param {string} key
 * @param {number} step
 * @param {number[]} shape
 */
export function cellAfter(key, step, [height, width]) {
  if (key === "Home") return 0;
  if (key === "End") return height * width - 1;
  if (!(key in MOVES)) return null;
  const [down, across] = MOVES[key];
  const row = Math.floor(step / width) + down;
  const column = (step % width) + across;
  const isThere = row >= 0 && row < height && column >= 0 && column < width;
  return isThere ? row * width + column : step;
}
