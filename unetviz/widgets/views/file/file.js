// A native control that picks one file. Its size is checked here: the connection of a notebook drops
// a message that is too large without a word.
let count = 0;

function render({ model, el }) {
  const words = model.get("words");
  const root = document.createElement("div");
  root.className = "unetviz-file";
  const label = document.createElement("label");
  const input = document.createElement("input");
  count += 1;
  input.type = "file";
  input.id = `unetviz-file-${count}`;
  input.accept = model.get("accept");
  label.htmlFor = input.id;
  label.textContent = words.label;
  root.append(label, input);
  el.appendChild(root);

  async function take() {
    const file = input.files[0];
    if (!file) return;
    const fits = file.size <= model.get("largest");
    const content = fits ? await file.arrayBuffer() : new ArrayBuffer(0);
    model.set("content", new DataView(content));
    // The number tells that it is another file, even if it has the name of the last one.
    model.set("picked", { name: file.name, size: file.size, number: (model.get("picked").number || 0) + 1 });
    model.save_changes();
  }
  // The same file may be picked again after it was changed.
  input.addEventListener("click", () => { input.value = ""; });
  input.addEventListener("change", take);
}

export default { render };
