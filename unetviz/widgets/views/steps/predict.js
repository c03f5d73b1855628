// Predict mode: what is asked, whether an answer is right, what is said about it.
import { fill } from "../shared/dom.js";

/** @import { Columns, Score, Step, StepState, StepWords } from "../shared/types" */

/**
 * Columns, as they are sent, to steps.
 * @param {Columns} columns
 * @returns {Step[]}
 */
export function stepsOf(columns) {
  const entries = Object.entries(columns);
  const step = (/** @type {number} */ i) =>
    /** @type {any} */ (Object.fromEntries(entries.map(([name, values]) => [name, values[i]])));
  return columns.name.map((_, i) => step(i));
}

/** The score before the first answer. */
export const START = { right: 0, helped: 0, skipped: 0 };

/**
 * `56x56x512 + 56x56x512` as `56 x 56 + 56 x 56`.
 * @param {string} shapes
 */
export function sizesOf(shapes) {
  const sizes = shapes.split(/\s*\+ /).map((shape) => shape.split("x").slice(0, 2).join(" x "));
  return sizes.join(" + ");
}

/**
 * What a step does, without an amount that would tell its size.
 * @param {Step} step
 */
export function nameOf({ asked, label }) {
  return asked ?? label;
}

/**
 * Whether one number is asked for. Told by the input: what the output is, is for the learner to say.
 * @param {Step} step
 */
export function isSquare(step) {
  const [height, width] = step.in.split("x");
  return height === width;
}

/**
 * Whether an answer is right; null if it is not a size.
 * @param {Step} step
 * @param {string[]} given one number for each axis; one for both of a square
 */
export function isRight({ answer }, given) {
  if (!given.every((text) => /^\d+$/.test(text))) return null;
  return answer?.every((size, axis) => size === Number(given[axis] ?? given[0])) ?? false;
}

/**
 * What is said about an answer that is wrong: the rule, and from the second one on a hint.
 * @param {StepWords} words
 * @param {Step} step
 * @param {string | null} given null for "it does not fit"
 * @param {number} tries with this one
 */
export function correction(words, { reason, rule, hint }, given, tries) {
  const again = tries > 1;
  const wrong = given === null ? words.fits : again ? words.wrong_again : words.wrong;
  const values = { given, rule: reason.slice(0, rule), hint };
  return fillIn(again ? wrong + words.and_hint : wrong, values);
}

/**
 * The state after a step is known.
 * @param {Pick<StepState, "revealed" | "score">} state
 * @param {keyof Score} how
 */
export function afterwards({ revealed, score }, how) {
  const next = revealed + 1;
  return { revealed: next, step: next, tries: 0, score: { ...score, [how]: score[how] + 1 } };
}

/**
 * @param {string} sentence
 * @param {Record<string, unknown>} values
 */
export function fillIn(sentence, values) {
  return fill(sentence, (name) => values[name]);
}
