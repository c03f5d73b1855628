"""Words for the three answers to an image."""

from __future__ import annotations

from unetviz.labs.detection import Objects

_CONTAINS = {True: "there are objects", False: "there is nothing"}


def detection_sentences(found: Objects) -> tuple[str, str, str]:
    """Say what classification, detection and segmentation answer, and in how many numbers."""
    whole = "one answer, yes or no: {answer}".format(answer=_CONTAINS[found.contains_objects])
    boxes = (
        "{count} boxes, {numbers} numbers; {excess:.0%} of the pixels in them belong to no object"
    ).format(count=found.count, numbers=4 * found.count, excess=found.box_excess)
    outlines = "{count} outlines, a label for each of {pixels:,} pixels".format(
        count=found.count, pixels=found.labels.size
    )
    return whole, boxes, outlines
