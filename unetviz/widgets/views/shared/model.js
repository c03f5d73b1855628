// A widget's traits are the whole state of a view.
/**
 * @template State
 * @typedef {import("./types").Model<State>} Model
 */

/**
 * Set traits and tell the kernel of all of them at once.
 * @template State
 * @param {Model<State>} model
 * @param {Partial<State>} values
 */
export function put(model, values) {
  for (const name of /** @type {(keyof State)[]} */ (Object.keys(values))) {
    model.set(name, /** @type {State[keyof State]} */ (values[name]));
  }
  model.save_changes();
}

/**
 * The values of some traits.
 * @template State
 * @template {keyof State} Name
 * @param {Model<State>} model
 * @param {Name[]} names
 * @returns {Pick<State, Name>}
 */
export function read(model, names) {
  const values = names.map((name) => [name, model.get(name)]);
  return Object.fromEntries(values);
}

/**
 * @template State
 * @param {Model<State>} model
 * @param {(keyof State & string)[]} names
 * @param {() => void} act
 */
export function onChange(model, names, act) {
  model.on(names.map((name) => `change:${name}`).join(" "), act);
}
