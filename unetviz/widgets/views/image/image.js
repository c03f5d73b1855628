// An image with boxes on it. The pixel in hand follows the pointer or the keys; the boxes that belong
// to it are looked up here, without the kernel.
const MOVES = {
  ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1],
  PageUp: [-16, 0], PageDown: [16, 0], Home: [0, -1e6], End: [0, 1e6],
};

function render({ model, el }) {
  const root = made("div", { class: "unetviz-image" }, el);
  const frame = made("div", { class: "frame", tabindex: "0", role: "group" }, root);
  const image = made("img", { alt: "", draggable: "false" }, frame);
  const svg = made("svg", { preserveAspectRatio: "none", "aria-hidden": "true" }, frame, SVG);
  const legend = made("div", { class: "legend" }, root);
  let lookUp = () => null;
  let address = null;

  const zoom = () => model.get("zoom");
  const area = () => model.get("area");

  function drawImage() {
    const bytes = model.get("image");
    if (address) URL.revokeObjectURL(address);
    address = URL.createObjectURL(new Blob([bytes.buffer ? bytes : new Uint8Array(bytes)], { type: "image/png" }));
    image.src = address;
  }

  function drawFrame() {
    const [top, left] = model.get("origin");
    const [height, width] = model.get("size");
    frame.style.width = `${width * zoom()}px`;
    frame.style.aspectRatio = `${width} / ${height}`;
    frame.classList.toggle("smooth", zoom() < 1);
    frame.classList.toggle("still", area().length === 0);
    frame.setAttribute("aria-label", model.get("label"));
    svg.setAttribute("viewBox", `${left} ${top} ${width} ${height}`);
    lookUp = boxesOf(model.get("reach"));
    drawBoxes();
  }

  function rectangle(box, kind, words) {
    const { top, left, bottom, right } = box;
    const at = { x: left, y: top, width: right - left, height: bottom - top };
    made("rect", { ...at, class: `halo ${kind}` }, svg, SVG);
    made("rect", { ...at, class: `box ${kind}` }, svg, SVG);
    if (!words) return;
    const size = 12 / zoom();
    const text = made("text", { x: left + size / 3, y: top + size, "font-size": size }, svg, SVG);
    text.textContent = words;
  }

  function pixel(point) {
    const [top, left] = area();
    const side = Math.max(1, 4 / zoom());
    const row = top + point[0] + 0.5 - side / 2;
    const column = left + point[1] + 0.5 - side / 2;
    made("rect", { x: column, y: row, width: side, height: side, class: "pixel" }, svg, SVG);
  }

  function filled(template, point) {
    const values = { row: point[0], column: point[1] };
    return template.replace(/\{(\w+)(?::([^}]+))?\}/g, (_, word, name) => {
      if (!name) return values[word];
      const box = lookUp(name, point);
      if (!box) return 0;
      return word === "rows" ? box.bottom - box.top : box.right - box.left;
    });
  }

  function isWhole([top, left, bottom, right]) {
    const [[firstRow, firstColumn], [height, width]] = [model.get("origin"), model.get("size")];
    return top === firstRow && left === firstColumn && bottom - top === height && right - left === width;
  }

  function line(kind, words, size) {
    const row = made("p", {}, legend);
    if (kind) made("span", { class: `swatch ${kind}` }, row);
    made("span", {}, row).textContent = words;
    if (size) made("b", {}, row).textContent = size;
  }

  function drawBoxes() {
    const point = model.get("point");
    const words = model.get("words");
    svg.replaceChildren();
    legend.replaceChildren();
    const explained = model.get("marks").filter((mark) => mark.words);
    for (const mark of model.get("marks")) {
      const [top, left, bottom, right] = mark.box;
      rectangle({ top, left, bottom, right }, mark.kind, "");
      // A lone frame round the whole of an image has nothing to be told from: a plain title.
      const isTitle = explained.length === 1 && !area().length && isWhole(mark.box);
      if (mark.words) line(isTitle ? "" : mark.kind, mark.words, mark.size);
    }
    if (point.length && area().length) {
      for (const shown of [...model.get("boxes")].reverse()) {
        const box = lookUp(shown.name, point);
        if (!box) continue;
        const [down, across] = shown.offset || [0, 0];
        const moved = {
          top: box.top + down, bottom: box.bottom + down,
          left: box.left + across, right: box.right + across,
        };
        rectangle(moved, shown.kind, shown.sign);
      }
      pixel(point);
      if (words.point) line("", filled(words.point, point), "");
      for (const shown of model.get("boxes")) {
        const box = lookUp(shown.name, point);
        if (!shown.words) continue;
        const size = box ? `${box.bottom - box.top} x ${box.right - box.left}` : words.none;
        line(shown.kind, shown.words, size);
      }
      if (words.remark) line("", filled(words.remark, point), "");
    }
    if (area().length && words.help) line("", model.get("held") ? words.held : words.help, "");
    legend.hidden = !legend.childElementCount;
  }

  // The kernel is told each time: an echo of an older pixel would else overwrite a newer one.
  function choose(row, column) {
    const [top, left, bottom, right] = area();
    const point = [
      Math.max(0, Math.min(row, bottom - top - 1)),
      Math.max(0, Math.min(column, right - left - 1)),
    ];
    model.set("point", point);
    model.save_changes();
  }

  function under(event) {
    const place = frame.getBoundingClientRect();
    const [top, left] = model.get("origin");
    const [areaTop, areaLeft] = area();
    const scale = model.get("size")[1] / place.width;
    return [
      Math.floor((event.clientY - place.top) * scale) + top - areaTop,
      Math.floor((event.clientX - place.left) * scale) + left - areaLeft,
    ];
  }

  frame.addEventListener("pointermove", (event) => {
    if (area().length && !model.get("held")) choose(...under(event));
  });
  // A click comes in whole pixels of the screen, which may be the neighbour; a press is exact.
  let again = false;
  frame.addEventListener("pointerdown", (event) => {
    if (!area().length) return;
    const before = `${model.get("point")}`;
    choose(...under(event));
    again = model.get("held") && before === `${model.get("point")}`;
  });
  frame.addEventListener("click", () => {
    if (!area().length) return;
    model.set("held", !again);
    model.save_changes();
  });
  frame.addEventListener("keydown", (event) => {
    if (!area().length || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in MOVES) {
      const far = event.shiftKey ? 16 : 1;
      const [down, across] = MOVES[event.key];
      const [row, column] = model.get("point").length ? model.get("point") : [0, 0];
      model.set("held", true);
      const [high, wide] = model.get("pitch");
      choose(row + down * far * high, column + across * far * wide);
    } else if (event.key === "Escape") {
      model.set("held", false);
      model.save_changes();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });

  const frameParts = ["size", "origin", "zoom", "area", "reach", "label"];
  model.on("change:image", drawImage);
  model.on(frameParts.map((name) => `change:${name}`).join(" "), drawFrame);
  model.on("change:point change:marks change:boxes change:words change:held", drawBoxes);
  drawImage();
  drawFrame();
  return () => URL.revokeObjectURL(address);
}

export default { render };
