"""What a click of the microscope costs, on the network `cells` at its own size.

``python tests/benchmarks/microscope.py`` prints a table: for some steps the median time from a
click to all that the panel shows of it, and how many plain passes of the network that is. With a
folder that holds another version of the package, such as a checkout of an older one, that version
is measured in turn with this one, each in processes of its own, and the ratio is printed too.
Machines are noisy, so compare the ratios.
"""

from versions import compare, panel_class, timed

STEPS = ("enc1_conv2", "enc1_pool", "bottleneck_conv2", "dec1_up", "dec1_concat", "head")
CLICKS = 15
PASS = "a plain pass"


def measured() -> dict[str, list[float]]:
    """Return the seconds of each click, and of plain passes."""
    import numpy as np
    import tensorflow as tf

    import unetviz as uv

    model, generator = uv.load_pretrained("cells"), np.random.default_rng(0)
    image = generator.random(model.input_shape[1:3], np.float32)
    panel, found = panel_class("Microscope")(model, image), {}
    for step in STEPS:
        panel.step = step
        height, width = panel.trace[step].out_shape[:2]
        places = generator.integers((height, width), size=(CLICKS + 2, 2)).tolist()
        found[step] = [timed(lambda at=at: setattr(panel, "point", tuple(at))) for at in places][2:]
    batch = tf.constant(image[np.newaxis, ..., np.newaxis])
    plain = tf.function(lambda images: model(images, training=False))
    found[PASS] = [timed(lambda: plain(batch).numpy()) for _ in range(CLICKS + 2)][2:]
    return found


if __name__ == "__main__":
    compare(__file__, measured, "from a click to what is shown", PASS)
