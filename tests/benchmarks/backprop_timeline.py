"""What a step of the backward timeline costs, on the network `cells` at its own size.

``python tests/benchmarks/backprop_timeline.py`` prints a table: the median time from a step to all
that the panel shows of it, forward, at the loss (where the drawing turns round) and backward, and
of opening the panel; and how many plain gradients of the same network that is. With a folder that
holds another version of the package, that version is measured in turn with this one, as
`microscope.py` does. Machines are noisy, so compare the ratios.
"""

from versions import compare, panel_class, timed

GRADIENTS = 5
GRADIENT = "a plain gradient"


def measured() -> dict[str, list[float]]:
    """Return the seconds of steps in each part of the timeline, and of plain gradients."""
    import numpy as np
    import tensorflow as tf

    import unetviz as uv

    model = uv.load_pretrained("cells")
    sample = uv.synthetic_cells(model.input_shape[1:3], seed=3)
    panel_of = panel_class("BackwardExplorer")
    panel = panel_of(model, sample)  # compiles what the next ones use again
    found = {"opening the panel": [timed(lambda: panel_of(model, sample)) for _ in range(2)]}

    def step(moment: int) -> float:
        return timed(lambda: setattr(panel, "step", moment))

    turn = len(panel.steps.steps["name"]) // 2
    found["a step forward"] = [step(moment) for moment in range(1, turn)]
    found["the turn at the loss"] = [step(turn - back) for back in (0, 1) * 5]
    step(turn)
    found["a step backward"] = [step(moment) for moment in range(turn + 1, 2 * turn + 1)]

    batch = tf.constant(sample.image[np.newaxis, ..., np.newaxis], tf.float32)

    @tf.function
    def gradient(images):
        with tf.GradientTape() as tape:
            loss = -tf.reduce_mean(tf.math.log(model(images, training=False) + 1e-7))
        return tape.gradient(loss, model.trainable_weights)

    runs = [timed(lambda: gradient(batch)[0].numpy()) for _ in range(GRADIENTS + 1)]
    return found | {GRADIENT: runs[1:]}


if __name__ == "__main__":
    compare(__file__, measured, "from a step to what is shown", GRADIENT)
