// Tables of boxes: which part of each map belongs to a pixel. Rows and columns are looked up apart.
/** @import { BoxTables, LookUp } from "./types" */

/**
 * Sums of the steps that a text holds as characters from "0" on; "(10*24)" is 24 times "10".
 * @param {string} text
 */
export function sumsOf(text) {
  const long = text.replace(/\(([^*]*)\*(\d+)\)/g, (_, part, times) => part.repeat(times));
  const sums = new Int32Array(long.length + 1);
  for (let i = 0; i < long.length; i++) sums[i + 1] = sums[i] + long.charCodeAt(i) - 48;
  return sums;
}

/**
 * @param {BoxTables} tables
 * @returns {LookUp}
 */
export function boxesOf({ rows, columns, steps = [] }) {
  if (!rows) return () => null;
  const sums = steps.map(sumsOf);
  /** @type {(entry: number[], i: number) => number[]} */
  const span = ([low, lowSteps, high, highSteps], i) => [
    low + sums[lowSteps][i],
    high + sums[highSteps][i],
  ];
  return (name, [row, column]) => {
    if (!(name in rows)) return null;
    const [top, bottom] = span(rows[name], row);
    const [left, right] = span((columns || rows)[name], column);
    return bottom > top && right > left ? { top, left, bottom, right } : null;
  };
}

/**
 * The boxes of the current tables, which are read again when they change.
 * @param {() => BoxTables} tables
 * @returns {LookUp}
 */
export function latestBoxes(tables) {
  /** @type {BoxTables} */
  let known = {};
  let lookUp = boxesOf(known);
  return (name, pixel) => {
    const now = tables();
    if (now !== known) [known, lookUp] = [now, boxesOf(now)];
    return lookUp(name, pixel);
  };
}
