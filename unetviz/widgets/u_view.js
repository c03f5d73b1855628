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
  }

  function paint() {
    const step = model.get("step");
    const revealed = model.get("revealed");
    for (const { node, at, secret, words } of parts) {
      node.classList.toggle("current", at === step);
      node.classList.toggle("later", at > step);
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
  model.on("change:step", paint);
  model.on("change:revealed", paint);
  draw();
}

export default { render };
