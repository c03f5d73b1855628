// The U as Python drew it; this file adds the current step, what is still unknown, clicks and keys.
const KEYS = {
  ArrowLeft: (step) => step - 1,
  ArrowRight: (step) => step + 1,
  Home: () => 0,
  End: (_, last) => last,
};

function render({ model, el }) {
  const root = document.createElement("div");
  root.className = "unetviz-view";
  root.tabIndex = 0;
  root.setAttribute("role", "group");
  el.appendChild(root);
  let parts = [];
  let boxes = [];
  let lookUp = () => null;

  function draw() {
    root.innerHTML = model.get("svg");
    root.setAttribute("aria-label", model.get("label"));
    const order = new Map(model.get("names").map((name, i) => [name, i]));
    // A tooltip belongs to the map around it and tells its size.
    parts = [...root.querySelectorAll("[data-step], title")].map((node) => ({
      node,
      at: order.get(node.closest("[data-step]").dataset.step),
      secret: node.matches(".secret, title"),
      words: node.matches("text.secret, title") ? node.textContent : null,
    }));
    paint();
    drawBoxes();
  }

  // One rectangle in each map, for the part of it that belongs to the pixel in hand.
  function drawBoxes() {
    const svg = root.querySelector("svg");
    svg.querySelectorAll(".reach").forEach((node) => node.remove());
    lookUp = boxesOf(model.get("reach"));
    boxes = Object.entries(model.get("areas")).map(([name, area]) => ({
      name,
      area,
      node: made("rect", { class: "reach", "pointer-events": "none" }, svg, SVG),
    }));
    placeBoxes();
  }

  function placeBoxes() {
    const point = model.get("point");
    for (const { name, area, node } of boxes) {
      const [x, y, width, height, rows, columns] = area;
      const box = point.length ? lookUp(name, point) : null;
      node.style.display = box ? "" : "none";
      if (!box) continue;
      const across = width / columns;
      const down = height / rows;
      // A single pixel of a large map would be too small to be seen.
      const wide = Math.max(2, (box.right - box.left) * across);
      const high = Math.max(2, (box.bottom - box.top) * down);
      const at = {
        x: Math.min(x + box.left * across, x + width - wide), width: wide,
        y: Math.min(y + box.top * down, y + height - high), height: high,
      };
      for (const [key, value] of Object.entries(at)) node.setAttribute(key, value);
    }
  }

  function paint() {
    const step = model.get("step");
    const revealed = model.get("revealed");
    for (const { node, at, secret, words } of parts) {
      node.classList.toggle("current", at === step);
      node.classList.toggle("later", at > step && model.get("fading"));
      if (!secret) continue;
      node.classList.toggle("unknown", at > revealed);
      const shown = at > revealed ? "?" : words;
      if (words !== null && node.textContent !== shown) node.textContent = shown;
    }
  }

  function go(step) {
    const last = Math.min(model.get("names").length - 1, model.get("revealed"));
    model.set("step", Math.max(0, Math.min(step, last)));
    model.save_changes();
  }

  root.addEventListener("click", (event) => {
    const part = event.target.closest("[data-step]");
    if (part) go(model.get("names").indexOf(part.dataset.step));
  });
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " ") {
      model.set("playing", !model.get("playing"));
      model.save_changes();
    } else if (event.key in KEYS) {
      go(KEYS[event.key](model.get("step"), model.get("names").length - 1));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });

  model.on("change:svg", draw);
  // Two networks that fail early may have the same drawing.
  model.on("change:label", () => root.setAttribute("aria-label", model.get("label")));
  model.on("change:step", paint);
  model.on("change:revealed", paint);
  model.on("change:areas change:reach", drawBoxes);
  model.on("change:point", placeBoxes);
  draw();
}

export default { render };
