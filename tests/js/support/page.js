// A page without Jupyter: models that only hold their state, and what a learner does.
/**
 * @template State
 * @typedef {import("../../../unetviz/widgets/views/shared/types").Model<State>} Model
 */

/**
 * A model as Jupyter's: an equal value is no change; `sent` is what the kernel heard of.
 * @template {object} State
 * @param {State} state
 */
export function fakeModel(state) {
  const values = { ...state };
  /** @type {Record<string, (() => void)[]>} */
  const listeners = {};
  /** @type {Partial<State>} */
  let unsaved = {};
  /** @type {Partial<State>[]} */
  const sent = [];
  const isNew = (/** @type {[string, unknown]} */ [name, value]) =>
    ArrayBuffer.isView(value) ||
    JSON.stringify(values[/** @type {keyof State} */ (name)]) !== JSON.stringify(value);
  /**
   * What the kernel sends: all values are there before anybody hears of one.
   * @param {Partial<State>} others
   */
  function receive(others) {
    const changed = Object.entries(others).filter(isNew);
    Object.assign(values, Object.fromEntries(changed));
    for (const [name] of changed) for (const act of listeners[`change:${name}`] ?? []) act();
    return Object.fromEntries(changed);
  }
  /** @type {Model<State> & { sent: typeof sent, receive: typeof receive }} */
  const model = {
    sent,
    receive,
    get: (name) => values[name],
    set(name, value) {
      const set = /** @type {unknown} */ ({ [name]: value });
      Object.assign(unsaved, receive(/** @type {Partial<State>} */ (set)));
    },
    save_changes() {
      if (Object.keys(unsaved).length) sent.push(unsaved);
      unsaved = {};
    },
    on(events, act) {
      for (const event of events.split(" ")) listeners[event] = [...(listeners[event] ?? []), act];
    },
    off() {},
  };
  return model;
}

/**
 * Traits of two models that stay equal, at first those of one, as Jupyter links them in a browser.
 * @param {Model<any>} one
 * @param {Model<any>} other
 * @param {string[]} names
 */
export function link(one, other, names) {
  for (const name of names) {
    for (const [from, to] of [
      [one, other],
      [other, one],
    ]) {
      const copy = () => {
        to.set(name, from.get(name));
        to.save_changes();
      };
      if (from === one) copy();
      from.on(`change:${name}`, copy);
    }
  }
}

/**
 * Show a view on the page; returns its outermost node and what the view returns.
 * @param {{ render: (view: any) => unknown }} view
 * @param {Model<any>} model
 */
export function show(view, model) {
  const el = document.createElement("div");
  document.body.append(el);
  const end = /** @type {(() => void) | undefined} */ (view.render({ model, el }));
  return { root: /** @type {HTMLElement} */ (el.firstElementChild), end };
}

/**
 * @param {Element} root
 * @param {string} selector
 */
export function all(root, selector) {
  return /** @type {HTMLElement[]} */ ([...root.querySelectorAll(selector)]);
}

/**
 * @param {Element} root
 * @param {string} selector
 */
export function texts(root, selector) {
  return all(root, selector).map((node) => node.textContent);
}

/**
 * The one node of its kind.
 * @param {Element} root
 * @param {string} selector
 */
export function one(root, selector) {
  const found = all(root, selector);
  if (found.length !== 1) throw new Error(`${found.length} nodes are ${selector}`);
  return found[0];
}

/**
 * @param {Element} node
 * @param {string} name as in "Shift+End"
 */
export function press(node, name) {
  const [key, ...held] = name.split("+").reverse();
  const has = (/** @type {string} */ modifier) => held.includes(modifier);
  const event = new KeyboardEvent("keydown", {
    key: key === "Space" ? " " : key,
    shiftKey: has("Shift"),
    ctrlKey: has("Control"),
    metaKey: has("Meta"),
    altKey: has("Alt"),
    bubbles: true,
    cancelable: true,
  });
  node.dispatchEvent(event);
  return event;
}

/**
 * @param {Element} node
 * @param {string} kind
 * @param {PointerEventInit} place
 */
export function point(node, kind, place = {}) {
  node.dispatchEvent(new PointerEvent(kind, { bubbles: true, ...place }));
}
