// What the page shows of a panel, beside what its widgets say. `parts` is what the kernel tells: all
// widgets in the order in which they stand on the page. Returns sentences about what differs.
async ([root, parts, words]) => {
  const SELECTORS = {
    UView: ".unetviz-view",
    ImageView: ".unetviz-image",
    GridView: ".unetviz-grids",
    StepControl: ".unetviz-steps",
    BoundedIntText: ".widget-text input[type=number]",
    Text: ".widget-text input[type=text]",
    Dropdown: ".widget-dropdown select",
    Select: ".widget-select select",
    Checkbox: ".widget-checkbox input",
    Button: "button.widget-button",
    ToggleButton: "button.widget-toggle-button",
    HTML: ".widget-html .widget-html-content",
  };
  const faults = [];
  let about = "";
  const equal = (what, found, expected) => {
    const [one, other] = [found, expected].map((value) => JSON.stringify(value) ?? "undefined");
    if (one !== other) faults.push(`${about} ${what}: the page has ${one.slice(0, 300)}; the kernel ${other.slice(0, 300)}`);
  };
  const text = (node) => node?.textContent ?? null;
  const texts = (nodes) => [...nodes].map(text);
  const parsed = (markup) => {
    const node = document.createElement("div");
    node.innerHTML = markup;
    return node;
  };

  // An SVG without what the browser adds, each list of classes in one order.
  function bare(node) {
    const copy = node.cloneNode(true);
    copy.querySelectorAll(".receptive-box").forEach((one) => one.remove());
    for (const one of copy.querySelectorAll("[class]")) {
      const classes = [...one.classList].sort().join(" ");
      if (classes) one.setAttribute("class", classes);
      else one.removeAttribute("class");
    }
    return copy.innerHTML;
  }

  const CHECKS = {
    async UView(node, said) {
      const expected = parsed(said.svg);
      for (const one of expected.querySelectorAll("[data-step], title")) {
        const at = said.names.indexOf(one.closest("[data-step]").dataset.step);
        const step = at < 0 ? undefined : at;
        if (step === said.step) one.classList.add("current");
        if (step > said.step && said.fading) one.classList.add("later");
        if (!one.matches(".secret, title") || !(step > said.revealed)) continue;
        one.classList.add("unknown");
        if (one.matches("text.secret, title")) one.textContent = "?";
      }
      const [found, wanted] = [bare(node), bare(expected)];
      if (found !== wanted) {
        let at = 0;
        while (found[at] === wanted[at]) at += 1;
        equal(`drawing at ${at}`, found.slice(at - 60, at + 120), wanted.slice(at - 60, at + 120));
      }
      const current = new Set([...node.querySelectorAll(".current")].map((one) => one.dataset.step).filter(Boolean));
      const drawn = node.querySelector(`[data-step="${CSS.escape(said.names[said.step] ?? "-")}"]`);
      equal("current step", [...current], drawn ? [said.names[said.step]] : []);
      equal("name", node.ariaLabel, said.label);
      equal("boxes", node.querySelectorAll(".receptive-box").length, Object.keys(said.areas).length);
    },
    async ImageView(node, said) {
      const frame = node.querySelector(".frame");
      equal("name", frame.ariaLabel, said.label);
      equal("width", Math.round(parseFloat(frame.style.width)), Math.round(said.size[1] * said.zoom));
      const lines = said.marks.filter((mark) => mark.words).map((mark) => mark.words + (mark.size || ""));
      equal("legend", texts(node.querySelectorAll(".legend p")).slice(0, lines.length), lines);
      const pixels = node.querySelectorAll("rect.pixel").length;
      equal("pixels in hand", pixels, said.point.length && said.area.length ? 1 : 0);
      const last = said.held ? said.words.held : said.words.help;
      if (said.area.length && last) equal("help", text(node.querySelector(".legend p:last-child")), last);
      const bytes = await (await fetch(node.querySelector("img").src)).arrayBuffer();
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
      equal("image", [...digest].map((n) => n.toString(16).padStart(2, "0")).join(""), said.image);
      const pixel = node.querySelector("rect.pixel");
      if (pixel) {
        const [row, column] = said.point;
        const middle = (start, size) => Math.floor(Number(pixel.getAttribute(start)) + Number(pixel.getAttribute(size)) / 2);
        equal("place of the pixel", [middle("y", "height"), middle("x", "width")], [row + said.area[0], column + said.area[1]]);
      }
    },
    async GridView(node, said) {
      const figures = [...node.querySelectorAll("figure")];
      equal("titles", figures.map((one) => text(one.querySelector("figcaption"))), said.grids.map((one) => one.title));
      const cell = (td) => td.querySelector("input")?.value ?? text(td.querySelector("span"));
      figures.forEach((one, i) => {
        const rows = [...one.querySelectorAll("tr")].map((tr) => [...tr.cells].map(cell));
        equal("numbers", rows, said.grids[i]?.rows);
      });
      const main = figures[said.grids.findIndex((one) => one.name === said.main)];
      const cells = main ? [...main.querySelectorAll("td")] : [];
      const chosen = cells.flatMap((td, i) => (td.classList.contains("chosen") ? [i] : []));
      equal("chosen cell", chosen, main ? [said.step] : []);
      equal("sentence", text(node.querySelector("p")), said.sentences[said.step] || "");
      equal("name", node.ariaLabel, said.label);
    },
    async StepControl(node, said) {
      const { step, steps, revealed } = said;
      const last = steps.name.length - 1;
      equal("place", text(node.querySelector(".bar .quiet")), `Step ${step + 1} of ${last + 1}`);
      const shown = steps.label[step] ? `${steps.name[step]}: ${steps.label[step]}` : steps.name[step];
      equal("words", texts(node.querySelectorAll(".panel p")).slice(0, 2), [shown, steps.reason[step]]);
      const [back, next, play] = node.querySelectorAll(".bar button");
      equal("buttons", [back.disabled, next.disabled], [step === 0, step >= Math.min(last, revealed)]);
      equal("speed", Number(node.querySelector("select").value), said.seconds);
      equal("play", text(play), said.words[said.playing && !said.predict ? "pause" : "play"]);
      equal("predict", node.querySelector("input[type=checkbox]").checked, said.predict);
      const outs = [...node.querySelectorAll("tbody tr")].map((tr) => text(tr.cells[3]));
      equal("sizes in the table", outs, steps.out.map((out, at) => (at <= revealed ? out ?? "-" : "?")));
      const rows = [...node.querySelectorAll("tbody tr.current")].map((tr) => Number(tr.dataset.at));
      equal("row in hand", rows, [step]);
    },
    async BoundedIntText(node, said) {
      const number = node.value === "" ? null : Number(node.value);
      equal(said.description, [number, node.disabled], [said.value, said.disabled]);
    },
    async Text(node, said) {
      equal(said.description, [node.value, node.disabled], [said.value, said.disabled]);
    },
    async Dropdown(node, said) {
      equal(said.description, [node.selectedIndex, node.disabled], [said.index ?? -1, said.disabled]);
      const options = texts(node.options).map((one) => one.replaceAll("\u00a0", " "));
      equal(`${said.description} options`, options, said._options_labels);
    },
    async Select(node, said) {
      equal(said.description, node.selectedIndex, said.index ?? -1);
      equal(`${said.description} options`, node.options.length, said._options_labels.length);
    },
    async Checkbox(node, said) {
      equal(said.description, [node.checked, node.disabled], [said.value, said.disabled]);
    },
    async Button(node, said) {
      if (!node.checkVisibility()) return; // an empty text is not sent on to the page
      equal("button", [text(node).trim(), node.disabled], [said.description, said.disabled]);
      equal(said.description, node.classList.contains("mod-primary"), said.button_style === "primary");
    },
    async ToggleButton(node, said) {
      equal(said.description, node.classList.contains("mod-active"), said.value);
    },
    async HTML(node, said) {
      equal("text", node.innerHTML, parsed(said.value).innerHTML);
    },
  };

  for (const [kind, selector] of Object.entries(SELECTORS)) {
    const nodes = [...root.querySelectorAll(selector)];
    const told = parts.filter((part) => part.kind === kind);
    about = kind;
    equal("how many", nodes.length, told.length);
    for (const [i, node] of nodes.entries()) {
      about = `${kind} ${i}`;
      if (told[i]) await CHECKS[kind](node, told[i]);
    }
  }
  about = "text";
  const all = root.innerText;
  const entries = [...root.querySelectorAll("svg text, option")].map(text).join(" ");
  for (const wrong of ["undefined", "NaN", "[object"]) {
    if (all.includes(wrong) || entries.includes(wrong)) faults.push(`the page shows ${wrong}`);
  }
  if (root.querySelector("script")) faults.push("a script of a person is in the page");
  for (const word of words) {
    if (!all.includes(word)) faults.push(`the page does not show "${word}"`);
  }
  return faults;
}
