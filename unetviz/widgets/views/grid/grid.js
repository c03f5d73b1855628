// Small matrices side by side. The cell in hand lights up the cells that it is linked with, in both
// directions, each with its weight. Stepping, hovering and keys need no kernel.
const ALONG = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

function render({ model, el }) {
  const root = document.createElement("div");
  root.className = "unetviz-grids";
  root.tabIndex = 0;
  root.setAttribute("role", "group");
  const row = document.createElement("div");
  row.className = "row";
  const sentence = document.createElement("p");
  sentence.setAttribute("aria-live", "polite");
  root.append(row, sentence);
  el.appendChild(root);
  let cells = new Map();
  let partners = new Map();
  let pointed = null;

  const key = (grid, index) => `${grid} ${index}`;
  const shape = (name) => {
    const grid = model.get("grids").find((one) => one.name === name);
    return grid ? [grid.rows.length, grid.rows[0].length] : [0, 0];
  };

  function draw() {
    cells = new Map();
    const focused = [...row.querySelectorAll("input")].indexOf(document.activeElement);
    pointed = null; // a cell that is taken away tells nobody that the pointer has left it
    row.replaceChildren();
    root.setAttribute("aria-label", model.get("label"));
    for (const grid of model.get("grids")) {
      if (grid.sign) {
        const sign = document.createElement("span");
        sign.className = "sign";
        sign.textContent = grid.sign;
        row.appendChild(sign);
      }
      const figure = document.createElement("figure");
      const title = document.createElement("figcaption");
      title.textContent = grid.title;
      const table = document.createElement("table");
      // A long matrix in low rows, so that it can be seen as a whole.
      if (grid.rows.length > 12) table.className = "dense";
      grid.rows.forEach((texts, i) => {
        const line = table.insertRow();
        texts.forEach((text, j) => line.appendChild(cell(grid, i, j, text)));
      });
      figure.append(title, table);
      row.appendChild(figure);
    }
    // Who goes from box to box with Tab stays there when the numbers are written anew.
    row.querySelectorAll("input")[focused]?.focus();
    link();
    paint();
  }

  function cell(grid, i, j, text) {
    const index = i * grid.rows[0].length + j;
    const node = document.createElement("td");
    const value = document.createElement(grid.editable ? "input" : "span");
    if (grid.editable) {
      value.value = text;
      value.setAttribute("aria-label", `${grid.title}: ${i}, ${j}`);
      value.addEventListener("change", () => edit(grid.name, i, j, value.value));
    } else value.textContent = text;
    const weight = document.createElement("small");
    node.append(value, weight);
    if (grid.shades) node.style.background = grid.shades[i][j];
    if (grid.dark && grid.dark[i][j]) node.classList.add("dark");
    if (grid.marked && grid.marked[i][j]) node.classList.add("marked");
    node.addEventListener("pointerenter", () => point(grid.name, index));
    node.addEventListener("pointerleave", () => point(null));
    node.addEventListener("click", () => point(grid.name, index));
    cells.set(key(grid.name, index), { node, weight });
    return node;
  }

  // A link says which cells of one grid make a cell of another; it is read both ways.
  function link() {
    partners = new Map();
    const add = (from, to, text) => {
      if (!partners.has(from)) partners.set(from, []);
      partners.get(from).push([to, text]);
    };
    for (const { from, to, cells: lists } of model.get("links")) {
      lists.forEach((list, index) => {
        for (const [other, text] of list) {
          add(key(to, index), key(from, other), text);
          add(key(from, other), key(to, index), text);
        }
      });
    }
  }

  function point(grid, index) {
    const main = model.get("main");
    pointed = grid && grid !== main ? key(grid, index) : null;
    if (grid === main && grid) go(index);
    else paint();
  }

  function go(step) {
    const [height, width] = shape(model.get("main"));
    model.set("step", Math.max(0, Math.min(step, height * width - 1)));
    model.save_changes();
  }

  function edit(grid, i, j, text) {
    model.set("edited", [grid, i, j, text]);
    model.save_changes();
  }

  function paint() {
    for (const { node, weight } of cells.values()) {
      node.classList.remove("chosen", "linked");
      weight.textContent = "";
    }
    const chosen = pointed || key(model.get("main"), model.get("step"));
    const found = cells.get(chosen);
    if (!found) return;
    found.node.classList.add("chosen");
    for (const [other, text] of partners.get(chosen) || []) {
      const partner = cells.get(other);
      if (!partner) continue;
      partner.node.classList.add("linked");
      partner.weight.textContent = text;
    }
    sentence.textContent = pointed ? "" : model.get("sentences")[model.get("step")] || "";
  }

  root.addEventListener("keydown", (event) => {
    if (event.target.tagName === "INPUT") {
      // JupyterLab would take Enter for itself; leaving the box is what makes a change.
      if (event.key === "Enter") root.focus();
      event.stopPropagation();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const [height, width] = shape(model.get("main"));
    const step = model.get("step");
    if (event.key in ALONG) {
      const [down, across] = ALONG[event.key];
      const line = Math.floor(step / width) + down;
      const place = (step % width) + across;
      if (line >= 0 && line < height && place >= 0 && place < width) go(line * width + place);
    } else if (event.key === "Home") go(0);
    else if (event.key === "End") go(height * width - 1);
    else if (event.key === " ") {
      model.set("playing", !model.get("playing"));
      model.save_changes();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });

  model.on("change:grids change:links", draw);
  model.on("change:step change:sentences", paint);
  draw();
}

export default { render };
