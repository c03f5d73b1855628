// What is seen on an image and in its legend: from the traits, the current pixel and its boxes.
import { fill } from "../shared/dom.js";

/** @import { Box, ImageState, LookUp, Pixel } from "../shared/types" */
/** @typedef {Pick<ImageState, "marks" | "boxes" | "area" | "words">} Contents */
/** @typedef {Contents & Pick<ImageState, "origin" | "size" | "held">} Explained */
/** @typedef {{ box: Box, kind: string, sign: string }} Shape */
/** @typedef {{ kind: string, words: string, size: string }} Line */

/** @type {(corners: number[]) => Box} */
const boxOf = ([top, left, bottom, right]) => ({ top, left, bottom, right });

/** @type {(box: Box, offset: number[]) => Box} */
const moved = ({ top, left, bottom, right }, [down, across]) =>
  boxOf([top + down, left + across, bottom + down, right + across]);

/**
 * Rectangles on the image, the first below all others.
 * @param {Contents} state
 * @param {Pixel} pixel empty for none
 * @param {LookUp} lookUp
 * @returns {Shape[]}
 */
export function shapes({ marks, boxes, area }, pixel, lookUp) {
  const still = marks.map(({ box, kind }) => ({ box: boxOf(box), kind, sign: "" }));
  if (!pixel.length || !area.length) return still;
  const found = [...boxes].reverse().flatMap(({ name, kind, sign = "", offset = [0, 0] }) => {
    const box = lookUp(name, pixel);
    return box ? [{ box: moved(box, offset), kind, sign }] : [];
  });
  return [...still, ...found];
}

/**
 * Lines of the legend.
 * @param {Explained} state
 * @param {Pixel} pixel empty for none
 * @param {LookUp} lookUp
 * @returns {Line[]}
 */
export function legend(state, pixel, lookUp) {
  const { boxes, area, words, held } = state;
  /** @type {Line[]} */
  const lines = markLines(state);
  if (!area.length) return lines;
  const say = (/** @type {string | undefined} */ sentence) => {
    if (sentence) lines.push({ kind: "", words: filled(sentence, pixel, lookUp), size: "" });
  };
  if (pixel.length) {
    say(words.point);
    for (const { name, kind, words: text } of boxes) {
      const size = sizeOf(lookUp(name, pixel)) ?? words.none ?? "";
      if (text) lines.push({ kind, words: text, size });
    }
    say(words.remark);
  }
  if (words.help) lines.push({ kind: "", words: (held && words.held) || words.help, size: "" });
  return lines;
}

/**
 * @param {Explained} state
 * @returns {Line[]}
 */
function markLines({ marks, area, origin, size }) {
  const explained = marks.filter((mark) => mark.words);
  // A lone frame around a whole image has nothing to be told from: its words are a title.
  const isTitle = explained.length === 1 && !area.length && isWhole(explained[0].box, origin, size);
  return explained.map(({ kind, words, size }) => ({ kind: isTitle ? "" : kind, words, size }));
}

/**
 * @param {number[]} corners
 * @param {Pixel} origin
 * @param {number[]} size
 */
export function isWhole([top, left, bottom, right], origin, size) {
  const isAtStart = top === origin[0] && left === origin[1];
  return isAtStart && bottom - top === size[0] && right - left === size[1];
}

/**
 * A sentence about a pixel: `{row}`, `{column}`, and `{rows:name}`, `{columns:name}` of boxes.
 * @param {string} sentence
 * @param {Pixel} pixel
 * @param {LookUp} lookUp
 */
export function filled(sentence, pixel, lookUp) {
  return fill(sentence, (word, name) => {
    if (!name) return word === "row" ? pixel[0] : pixel[1];
    const box = lookUp(name, pixel);
    if (!box) return 0;
    return word === "rows" ? box.bottom - box.top : box.right - box.left;
  });
}

/** @param {Box | null} box */
function sizeOf(box) {
  return box && `${box.bottom - box.top} x ${box.right - box.left}`;
}
