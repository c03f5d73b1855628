"""Random clicks, keys and values on one panel in a browser; a seed decides which."""

import json
import random
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

BATCH = 20
"""Actions between two checks."""
KEPT = 30
"""Actions that are told after a failure."""
NOTHING = "nothing can be done"
KEYS = (
    *("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown") * 3,
    *("Home", "End", "PageUp", "PageDown", "Space", "Shift+ArrowRight", "Enter"),
)
VALUES = (
    *("1", "2", "3", "16", "60", "92", "100", "572", "604") * 2,
    *("", "-1", "0", "1e9", "3.7", "-2.5", "abc", "572x", "60 x 92", "92,60", "nan", "1e400"),
    *("<script>alert(1)</script>", "<img src=x onerror=alert(2)>", "& < > \" '", "\U0001f600", " "),
    *("\u0663\u0663", "\u00b2", "9" * 5000, "long " * 1000, "__class__", "{step}", "%s", "1_000"),
)
WHERE = {
    "button": "button, summary",
    "select": "select",
    "text": "input:not([type=checkbox]):not([type=file]):not([readonly])",
    "tick": "input[type=checkbox]",
    "view": ".unetviz-view, .unetviz-image .frame, .unetviz-grids",
    "part": ".unetviz-view [data-step], .unetviz-grids td, tr[data-at]",
    "any": "button, summary, select, input:not([type=file]), .unetviz-view, .frame, .unetviz-grids",
}
"""Selectors of what can be acted on."""
_HERE = Path(__file__).parent
_PAGE = (_HERE / "panel_page.js").read_text("utf-8")
_COMPARE = (_HERE / "panel_dom.js").read_text("utf-8")


@dataclass
class Player:
    """Somebody who does whatever comes to mind to a panel.

    Attributes
    ----------
    opened : Opened
        The notebook, with a probe in it.
    root : locator
        The output of the cell that shows the panel.
    chance : random.Random
        Decides everything that is not decided by the clock.
    done : deque of str
        The last actions.
    """

    opened: object
    root: object
    chance: random.Random
    done: deque = field(default_factory=lambda: deque(maxlen=KEPT))
    asked: int = 0

    def __post_init__(self):
        self.page, self.node = self.opened.page, self.root.element_handle()
        self.page.evaluate(f"() => {{ window.player = {_PAGE.strip()}; }}")
        self.actions = {
            self.click: 22,
            self.click_part: 14,
            self.click_at: 10,
            self.wander: 6,
            self.press: 16,
            self.choose: 12,
            self.write: 16,
            self.tick: 5,
            self.walk: 4,
            self.storm: 3,
            self.change_theme: 0.3,
        }

    def act(self):
        """Do one thing that can be done."""
        for _ in range(20):
            (action,) = self.chance.choices(list(self.actions), list(self.actions.values()))
            if what := action():
                self.done.append(what)
                return
        self.done.append(NOTHING)

    def run(self, name, argument=None):
        """Call a function of the page."""
        return self.page.evaluate(f"(argument) => player.{name}(argument)", argument)

    def pick(self, kind):
        """Choose something that can be seen, and where it is; None if there is nothing."""
        return self.run("pick", [self.node, WHERE[kind], self.chance.random()])

    def at(self, box, whole=False):
        """The middle of something, or any place on it, as far as it can be seen."""
        across, down = (self.chance.random(), self.chance.random()) if whole else (0.5, 0.5)
        top, bottom = max(box["y"], 100), min(box["y"] + box["height"], 790)
        left, right = max(box["x"], 0), min(box["x"] + box["width"], 1280)
        return left + across * (right - left), top + down * (bottom - top)

    def click(self, kind="button", whole=False):
        """Click on something, now and then twice."""
        count = self.chance.choice((1, 1, 1, 2))
        if not (box := self.pick(kind)):
            return None
        self.page.mouse.click(*self.at(box, whole), click_count=count)
        return f"click on {kind} {box['name']!r} ({count})"

    def click_part(self):
        """Click on a map, an arrow, a cell or a row."""
        return self.click("part")

    def click_at(self):
        """Click anywhere in a view."""
        return self.click("view", whole=True)

    def wander(self):
        """Move the pointer about over a view."""
        if not (box := self.pick("view")):
            return None
        for _ in range(self.chance.randint(1, 6)):
            self.page.mouse.move(*self.at(box, whole=True))
        return f"pointer over {box['name']!r}"

    def press(self):
        """Press keys in quick succession."""
        kind = self.chance.choice(("view", "view", "view", "any"))
        keys = self.chance.choices(KEYS, k=self.chance.choice((1, 2, 5, 12)))
        keys += ["Escape"] * (self.chance.random() < 0.2)
        if not (box := self.pick(kind)) or not self.run("focus"):
            return None
        pressed = [key for key in keys if self.press_inside(key)]
        return f"keys {' '.join(pressed)} on {box['name']!r}"

    def press_inside(self, key):
        """Press a key if the focus is still in the panel: outside keys mean other things."""
        inside = self.run("isInside", self.node)
        if inside:
            self.page.keyboard.press(key)
        return inside

    def choose(self):
        """Choose an entry of a list."""
        part = self.chance.random()
        if not (box := self.pick("select")):
            return None
        return f"choose {self.run('choose', part)!r} in {box['name']!r}"

    def write(self):
        """Write into a box what fits, or what does not."""
        value, end = self.chance.choice(VALUES), self.chance.choice(("Enter", "Tab", None))
        if not (box := self.pick("text")) or not self.run("focus"):
            return None
        if box["isNumber"] and len(value) < 20 and value.isascii():
            # Key by key: what is pasted the box of ipywidgets takes for another number.
            self.press_inside("Delete")
            for key in value:
                self.press_inside(key)
        else:
            self.page.keyboard.insert_text(value)
        if end:
            self.press_inside(end)
        return f"write {value[:30]!r} and {end} in {box['name']!r}"

    def tick(self):
        """Tick a box, or untick it."""
        return self.click("tick")

    def walk(self):
        """Go from control to control with Tab, and use some of them."""
        keys = self.chance.choices(("Tab", "Shift+Tab", "Enter", "Space"), (6, 2, 1, 1), k=8)
        if not (box := self.pick("any")) or not self.run("focus"):
            return None
        return f"walk {' '.join(k for k in keys if self.press_inside(k))} from {box['name']!r}"

    def storm(self):
        """Click on buttons, among them Back and Next, faster than anybody can."""
        parts = [self.chance.choice((0.0, 0.01, 0.1, self.chance.random())) for _ in range(20)]
        return f"storm {self.run('storm', [self.node, parts])}"

    def change_theme(self):
        """Change to the dark theme or to the light one."""
        name = self.chance.choice(("JupyterLab Dark", "JupyterLab Light"))
        self.opened.theme(name)
        return name

    def ask(self, what):
        """Ask the probe, whose answer comes behind all that was sent before.

        A kernel may answer messages of widgets in a thread of their own, but the first of each
        widget in the one that runs the cells: so a cell is waited for, too.
        """
        self.asked += 1
        return json.loads(self.run("ask", [self.asked, what]))

    def settle(self):
        """Let everything that is under way come to its end.

        What a control sends may wait in the browser for the answer to what it sent before, and an
        answer may make a link of the browser's send again: two equal states in a row are the end.
        """
        self.page.mouse.move(2, 2)
        before = None
        for count in range(600):
            self.run("rest", [self.node, ["Pause", *["Stop"] * (count > 300)]])
            state = self.ask("state")
            if "digest" not in state:
                raise AssertionError(state)
            if not state["busy"] and state["digest"] == before:
                return
            before = state["digest"]
        raise AssertionError("the panel never comes to rest")

    def faults(self):
        """Everything that is wrong now, as sentences."""
        self.settle()
        answer = self.ask("check")
        found = list(answer["faults"])
        if "parts" in answer:
            told = [self.node, answer["parts"], answer["words"]]
            found += self.page.evaluate(_COMPARE, told)
        return found + self.opened.complaints

    def play(self, count):
        """Do so many things, fewer if nothing can be done any more.

        Returns what is wrong after one of the batches, and how many things were done.
        """
        for number in range(1, count + 1):
            self.act()
            is_over = self.done[-1] == NOTHING or number == count
            if number % BATCH == 0 or is_over:
                found = self.faults()
                if found or is_over:
                    return found, number
        return [], 0
