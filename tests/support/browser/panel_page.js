// What a player needs in the page: to find something to act on, to act faster than anybody can, and
// to ask the probe.
({
  // One of the things that can be seen, moved to where it can be clicked on; null if there is none.
  pick([root, selector, part]) {
    const isSeen = (node) => node.checkVisibility({ visibilityProperty: true })
      && !node.disabled && node.getBoundingClientRect().width > 0;
    const nodes = [...root.querySelectorAll(selector)].filter(isSeen);
    if (!nodes.length) return null;
    const node = nodes[Math.floor(part * nodes.length)];
    node.scrollIntoView({ block: "center", inline: "nearest" });
    window.picked = node;
    const { x, y, width, height } = node.getBoundingClientRect();
    const name = node.ariaLabel || node.labels?.[0]?.textContent || node.dataset?.step
      || node.textContent.trim() || node.tagName;
    return { x, y, width, height, name: name.slice(0, 40), isNumber: node.type === "number" };
  },

  // Whether what was picked could take the focus.
  focus() {
    const node = window.picked;
    node.focus();
    if (document.activeElement === node && node.select) node.select();
    return document.activeElement === node;
  },

  isInside(root) {
    const node = document.activeElement;
    return root.contains(node) && !node.matches("input[type=file]");
  },

  // Choose an entry of the list that was picked.
  choose(part) {
    const node = window.picked;
    node.selectedIndex = Math.floor(part * node.options.length);
    for (const kind of ["input", "change"]) node.dispatchEvent(new Event(kind, { bubbles: true }));
    return node.selectedOptions[0]?.textContent ?? "";
  },

  // Click on many buttons at once; not on those that begin work of seconds.
  storm([root, parts]) {
    const isGood = (node) => !node.disabled && node.checkVisibility({ visibilityProperty: true })
      && !/Train|anew|Go on/.test(node.textContent);
    return parts.map((part) => {
      const nodes = [...root.querySelectorAll("button")].filter(isGood);
      const node = nodes[Math.floor(part * nodes.length)];
      node?.click();
      return node?.textContent.trim();
    });
  },

  // Leave the box in hand, and stop what goes on by itself.
  rest([root, words]) {
    if (root.contains(document.activeElement)) document.activeElement.blur();
    for (const node of root.querySelectorAll("button")) {
      if (words.includes(node.textContent)) node.click();
    }
  },

  // Ask the probe, when the cells' own thread of the kernel is done with what came before.
  async ask([number, what]) {
    const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
    await kernel.requestExecute({ code: "pass", silent: true }).done;
    const input = [...document.querySelectorAll("input")]
      .find((node) => node.labels?.[0]?.textContent === "probe");
    const reply = document.querySelector(".probe-reply .widget-html-content");
    input.value = `${number} ${what}`;
    for (const kind of ["input", "change"]) input.dispatchEvent(new Event(kind, { bubbles: true }));
    return new Promise((done) => {
      const read = () => {
        const text = reply.textContent;
        if (!text.endsWith(`"number": ${number}}`)) return;
        watcher.disconnect();
        requestAnimationFrame(() => requestAnimationFrame(() => done(text)));
      };
      const watcher = new MutationObserver(read);
      watcher.observe(reply, { childList: true, characterData: true, subtree: true });
      read();
    });
  },
})
