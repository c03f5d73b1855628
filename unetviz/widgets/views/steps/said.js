// What is said about a step: in the panel, and in its row of the table.
import { fillIn, nameOf } from "./predict.js";

/** @import { Step, StepWords } from "../shared/types" */

/**
 * @param {Step} step
 */
export function title({ name, label }) {
  return label ? `${name}: ${label}` : name;
}

/**
 * Its sizes and parameters; nothing where there is no output.
 * @param {StepWords} words
 * @param {Step} step
 * @param {boolean} isFirst
 */
export function facts(words, step, isFirst) {
  if (step.out === null) return "";
  const shapes = { in: step.in.replace("\n", " "), out: step.out };
  const maps = fillIn(isFirst ? words.facts_input : words.facts, shapes);
  return step.params ? maps + fillIn(words.params, { params: step.params }) : maps;
}

/**
 * Its row of the table, with question marks for what is not yet known.
 * @param {Step} step
 * @param {number} at
 * @param {number} revealed
 */
export function cells(step, at, revealed) {
  const { name, label, out, why, params } = step;
  const incoming = at <= revealed + 1 ? step.in : "?";
  return at <= revealed
    ? [name, label, incoming, out ?? "-", why, params]
    : [name, nameOf(step), incoming, "?", "?", params];
}
