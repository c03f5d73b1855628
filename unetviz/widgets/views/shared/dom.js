// Nodes, keys and sentences: what every view needs of its page.
/** @import { Attributes } from "./types" */

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an element; a function among the attributes is called at the event of that name.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} attributes
 * @param {...(Node | string)} children
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  assign(node, attributes);
  node.append(...children);
  return node;
}

/**
 * The same in a drawing.
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} attributes
 * @param {...(Node | string)} children
 */
export function svgElement(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  assign(node, attributes);
  node.append(...children);
  return node;
}

/**
 * Set attributes; those that have their value already are left alone.
 * @param {Element} node
 * @param {Attributes} attributes
 */
export function assign(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (typeof value === "boolean") node.toggleAttribute(name, value);
    else if (node.getAttribute(name) !== `${value}`) node.setAttribute(name, `${value}`);
  }
}

/**
 * @param {Node} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * One child for each entry: children are kept and updated, only as many as needed are made.
 * @template Entry
 * @param {Element} parent
 * @param {Entry[]} entries
 * @param {() => Element} make
 * @param {(child: Element, entry: Entry) => void} show
 */
export function showEach(parent, entries, make, show) {
  while (parent.childElementCount > entries.length) parent.lastElementChild?.remove();
  while (parent.childElementCount < entries.length) parent.append(make());
  for (const [i, entry] of entries.entries()) show(parent.children[i], entry);
}

/**
 * Whether a key belongs to the browser or to JupyterLab.
 * @param {KeyboardEvent} event
 */
export function hasModifier(event) {
  return event.ctrlKey || event.metaKey || event.altKey;
}

/**
 * Keep a key that was used from JupyterLab, where single keys are shortcuts.
 * @param {KeyboardEvent} event
 */
export function consume(event) {
  event.preventDefault();
  event.stopPropagation();
}

/**
 * A sentence with its placeholders filled in: `{word}`, or `{word:name}`.
 * @param {string} sentence
 * @param {(word: string, name?: string) => unknown} value
 */
export function fill(sentence, value) {
  return sentence.replace(/\{(\w+)(?::([^}]+))?\}/g, (_, word, name) => `${value(word, name)}`);
}

/**
 * @param {number} value
 * @param {number} last
 */
export function within(value, last) {
  return Math.max(0, Math.min(value, last));
}
