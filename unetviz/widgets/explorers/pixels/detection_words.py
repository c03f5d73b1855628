"""Words for the three answers to an image."""

from __future__ import annotations

from unetviz.labs.detection import Objects

from ... import texts


def detection_sentences(found: Objects) -> tuple[str, str, str]:
    """Say what classification, detection and segmentation answer, and in how many numbers."""
    whole = texts.ANSWER_WHOLE.format(answer=texts.CONTAINS[found.contains_objects])
    boxes = texts.ANSWER_BOXES.format(
        count=found.count, numbers=4 * found.count, excess=found.box_excess
    )
    outlines = texts.ANSWER_OUTLINES.format(count=found.count, pixels=found.labels.size)
    return whole, boxes, outlines
