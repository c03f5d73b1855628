// Which pixel of an image the pointer or a key chooses, counted from the corner of the area.
import { within } from "../shared/dom.js";

/** @import { Corners, ImageState, Pixel } from "../shared/types" */

/** @type {Record<string, Pixel>} */
const MOVES = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  PageUp: [-16, 0],
  PageDown: [16, 0],
  Home: [0, -1e6],
  End: [0, 1e6],
};

/**
 * The nearest pixel of the area.
 * @param {Pixel} pixel
 * @param {Corners} area
 */
export function inside([row, column], [top, left, bottom, right]) {
  return [within(row, bottom - top - 1), within(column, right - left - 1)];
}

/**
 * The pixel that a key leads to; null for a key that leads nowhere.
 * @param {{ key: string, shiftKey: boolean }} event
 * @param {Pixel} pixel
 * @param {Pick<ImageState, "area" | "pitch">} state
 */
export function pixelAfter({ key, shiftKey }, [row = 0, column = 0], { area, pitch }) {
  if (!(key in MOVES)) return null;
  const [down, across] = MOVES[key];
  const far = shiftKey ? 16 : 1;
  return inside([row + down * far * pitch[0], column + across * far * pitch[1]], area);
}

/**
 * The pixel under a point of the screen.
 * @param {{ clientX: number, clientY: number }} point
 * @param {{ left: number, top: number, width: number }} place where the image is shown
 * @param {Pick<ImageState, "area" | "origin" | "size">} state
 */
export function pixelAt({ clientX, clientY }, place, { area, origin, size }) {
  const scale = size[1] / place.width;
  const row = Math.floor((clientY - place.top) * scale) + origin[0] - area[0];
  const column = Math.floor((clientX - place.left) * scale) + origin[1] - area[1];
  return inside([row, column], area);
}
