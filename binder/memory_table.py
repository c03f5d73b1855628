"""The memory of a rehearsal as a table, and its place in the README and the teacher's page."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "README.md", ROOT / "notebooks" / "TEACHING.md")
LIMIT = 2 * 2**30
"""Bytes above which Binder restarts a session: 2 GiB."""

HEAD = (
    "lesson",
    "needs",
    "seconds",
    "its kernel at most, MB",
    "after the run, MB",
    "also open",
    "everything together at most, MB",
)
_BEGIN, _END = "<!-- memory:begin -->", "<!-- memory:end -->"


def lessons():
    """Return the list of lessons."""
    return tomllib.loads((ROOT / "notebooks/src/lessons.toml").read_text("utf-8"))["lesson"]


def table(figures):
    """Return a rehearsal as a markdown table.

    Parameters
    ----------
    figures : list of dict
        For every lesson its name, the seconds that all cells took, names of the other lessons that
        were open, and in bytes: the largest size of its kernel, the size after the run, and the
        largest size of server and kernels together.
    """
    heavy = {lesson["name"] for lesson in lessons() if lesson["tensorflow"]}
    lines = [f"| {' | '.join(HEAD)} |", "|---|---|---:|---:|---:|---|---:|"]
    for row in figures:
        needs = "TensorFlow" if row["lesson"] in heavy else "-"
        peak, after, together = (f"{row[key] / 1e6:,.0f}" for key in ("peak", "after", "together"))
        others = ", ".join(name[:2] for name in row["open"]) or "-"
        cells = (f"`{row['lesson']}`", needs, f"{row['seconds']:,}", peak, after, others, together)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def summary(figures):
    """Return a sentence that sets the most of a rehearsal against the limit."""
    row = max(figures, key=lambda one: one["together"])
    names = " and ".join(name[:2] for name in (*row["open"], row["lesson"]))
    return (
        f"The most was {row['together'] / 1e6:,.0f} MB, with {names} open. "
        f"Binder restarts a session above {LIMIT / 1e6:,.0f} MB (2 GiB)."
    )


def with_memory(text, figures):
    """Return a page with what stands between its two marks written anew."""
    inside = f"{_BEGIN}\n{table(figures)}\n\n{summary(figures)}\n{_END}"
    return re.sub(f"{_BEGIN}.*?{_END}", lambda _: inside, text, flags=re.DOTALL)


def write(figures):
    """Write a rehearsal into every page that has a place for it."""
    for page in PAGES:
        page.write_text(with_memory(page.read_text("utf-8"), figures), "utf-8")
