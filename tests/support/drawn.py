"""What a drawing of a network covers, measured in its SVG: maps, lines, signs and words."""

from functools import cache
from itertools import combinations, pairwise
from pathlib import Path

import matplotlib
from PIL import ImageFont

from .drawings import SVG, corners, numbers, read

SIZE = 11
LINE = 1.2
"""Half the width of a line, in pixels."""


@cache
def font(weight):
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    return ImageFont.truetype(folder / f"DejaVuSans{weight}.ttf", SIZE)


def word_box(node):
    """Left, upper, right and lower end of the letters of a word."""
    classes = node.get("class", "").split()
    width = font("-Bold" if "b" in classes else "").getlength(node.text)
    x, y = float(node.get("x")), float(node.get("y"))
    left = x if "s" in classes else x - width / 2
    return left, y - 0.73 * SIZE, left + width, y


def sheet_box(node):
    """A map with the sheets at its back: corners of the front one, then of each other."""
    words = node.get("d").split("M")[1:]
    left, top, width, height = numbers(words[0])[:4]
    last = numbers(words[-1])
    if len(words) == 1:
        return left, top, left + width, top + height
    return left, last[1], last[0] + last[2], top + height


def round_box(node):
    x, y, r = (float(node.get(key)) for key in ("cx", "cy", "r"))
    return x - r, y - r, x + r, y + r


class Drawn:
    """Everything in a drawing, as boxes.

    Attributes
    ----------
    words : list of (str, box)
        All words, and those of the legend and the caption too.
    maps : list of (str, box)
        By the name of the step.
    lines : list of (str, list of box)
        By the name of the arrow: its pieces.
    discs : list of box
        Signs that lie on maps or beside them.
    signs : list of box
        Round signs in lines.
    ends : dict of str to (point, point)
        Where each arrow begins and ends.
    """

    def __init__(self, svg):
        root = read(svg)
        self.width, self.height = map(float, root.get("viewBox").split()[2:])
        parents = {child: parent for parent in root.iter() for child in parent}
        legend = {
            node
            for group in root.iter(f"{SVG}g")
            if group.get("id", "").startswith("legend-")
            for node in group.iter()
        }
        self.words, self.maps, self.lines, self.discs, self.signs = [], [], [], [], []
        self.ends = {}
        for node in root.iter():
            classes, parent = node.get("class", "").split(), parents.get(node)
            if node.tag == f"{SVG}text":
                if parent is not None and parent.find(f"{SVG}circle") is not None:
                    continue  # it lies in its sign
                self.words.append((node.text, word_box(node)))
            elif node in legend:
                continue
            elif "sheet" in classes:
                self.maps.append((parent.get("data-step"), sheet_box(node)))
            elif node.tag == f"{SVG}polyline" and "line" in classes:
                tip = corners(parent.find(f"{SVG}polygon").get("points"))[0]
                points = [*corners(node.get("points"))[:-1], tip]
                self.lines.append((parent.get("id"), [piece(*two) for two in pairwise(points)]))
                self.ends[parent.get("id")] = points[0], points[-1]
            elif node.tag == f"{SVG}circle" and "highlight" not in classes:
                (self.discs if "disc" in classes else self.signs).append(round_box(node))


def piece(one, other):
    (left, right), (top, bottom) = (sorted(pair) for pair in zip(one, other, strict=True))
    wide, high = (LINE, 0) if left == right else (0, LINE)
    return left - wide, top - high, right + wide, bottom + high


def overlap(one, other, room=0.0):
    """Whether two boxes share more than a border of `room` pixels."""
    return (
        min(one[2], other[2]) - max(one[0], other[0]) > room
        and min(one[3], other[3]) - max(one[1], other[1]) > room
    )


def faults(svg):
    """Describe all that lies over something else, or outside."""
    drawn, found = Drawn(svg), []
    everything = [
        *drawn.words,
        *drawn.maps,
        *((name, box) for name, pieces in drawn.lines for box in pieces),
        *(("sign", box) for box in (*drawn.discs, *drawn.signs)),
    ]
    for name, (left, top, right, bottom) in everything:
        if left < 0 or top < 0 or right > drawn.width or bottom > drawn.height:
            found.append(f"{name} is outside")
    for (one, box), (other, box2) in combinations(drawn.words, 2):
        if overlap(box, box2):
            found.append(f"{one} lies over {other}")
    for (one, box), (other, box2) in combinations(drawn.maps, 2):
        if overlap(box, box2, 0.2):
            found.append(f"map {one} lies over map {other}")
    for text, box in drawn.words:
        for name, pieces in drawn.lines:
            if any(overlap(box, line, 0.3) for line in pieces):
                found.append(f"{text} lies over {name}")
        found += [
            f"{text} lies over {name}" for name, area in drawn.maps if overlap(box, area, 0.3)
        ]
        found += [
            f"{text} lies over a sign"
            for sign in (*drawn.discs, *drawn.signs)
            if overlap(box, sign, 1)
        ]
    for name, pieces in drawn.lines:
        for line in pieces:
            found += [
                f"{name} crosses {step}" for step, area in drawn.maps if overlap(line, area, 0.3)
            ]
            found += [f"{name} crosses a disc" for disc in drawn.discs if overlap(line, disc, 2)]
            found += [f"{name} crosses a sign" for sign in drawn.signs if overlap(line, sign, 2)]
    for (one, pieces), (other, pieces2) in combinations(drawn.lines, 2):
        # Arrows that leave one map may share their line; then they begin, or lead back, alike.
        share = any(a == b for a, b in zip(drawn.ends[one], drawn.ends[other], strict=True))
        if not share and any(lie_on_each_other(a, b) for a in pieces for b in pieces2):
            found.append(f"{one} lies on {other}")
    return found


def lie_on_each_other(one, other):
    """Whether two pieces of lines run along each other."""
    is_flat, is_flat2 = (box[2] - box[0] > box[3] - box[1] for box in (one, other))
    length = (
        min(one[2], other[2]) - max(one[0], other[0])
        if is_flat
        else (min(one[3], other[3]) - max(one[1], other[1]))
    )
    return is_flat == is_flat2 and length > 2 and overlap(one, other)
