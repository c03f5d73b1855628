// A native control that picks one file. Its size is checked here: the connection of a notebook drops
// a message that is too large without a word.
import { element } from "../shared/dom.js";
import { put } from "../shared/model.js";

/** @import { FileState, Model, View } from "../shared/types" */

/** @type {(model: Model<FileState>, file: File) => Promise<void>} */
async function send(model, file) {
  const fits = file.size <= model.get("largest");
  const content = fits ? await file.arrayBuffer() : new ArrayBuffer(0);
  // The number tells that it is another file, even if it has the name of the last one.
  const number = (model.get("picked").number ?? 0) + 1;
  const picked = { name: file.name, size: file.size, number };
  put(model, { content: new DataView(content), picked });
}

/** @param {View<FileState>} view */
function render({ model, el }) {
  const input = element("input", { type: "file", accept: model.get("accept") });
  const label = element("label", {}, model.get("words").label, input);
  el.append(element("div", { class: "unetviz-file" }, label));
  // The same file may be picked again after it was changed.
  input.addEventListener("click", () => {
    input.value = "";
  });
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    if (file) send(model, file);
  });
}

export default { render };
