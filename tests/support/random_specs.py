"""Random specifications: small widths, all choices, all kinds of size.

What is drawn is written once, for a function `choose` that returns one item of a sequence.
Hypothesis chooses for the properties, a seeded generator for the networks that all tests share.
"""

from hypothesis import strategies as st

import unetviz as uv
from unetviz.geometry.specs.fields import declarations


def random_spec(choose, max_depth=5, max_base=4):
    """Every field varies: those not named here as their declarations allow, often as they are."""
    options = {
        "input_channels": range(1, 5),
        "classes": range(1, 5),
        "depth": range(1, max_depth + 1),
        "base_filters": range(1, max_base + 1),
        "convs_per_block": range(1, 5),
        "kernel_size": [3, 3, 1, 5, 7],
        "pool_size": [2, 2, 3, 4],
        "head_filters": [(), (2,), (3, 2)],
        "dropout": [0.0, 0.5],
    }
    for name, declaration in declarations(uv.UNetSpec).items():
        if name != "input_size" and name not in options:
            choices = declaration.choices
            options[name] = [*choices[:1], *choices[:3]]
    chosen = {name: choose(values) for name, values in options.items()}
    if chosen["classes"] == 1 and chosen["final_activation"] == "softmax":
        chosen["final_activation"] = "sigmoid"  # the other is refused
    spec = uv.UNetSpec(**chosen)
    size = choose([random_size, random_size, valid_size])
    return spec.replace(input_size=(size(choose, spec), size(choose, spec)))


def random_size(choose, spec):
    """Half of the sizes lie at or close to a valid one; the others are anywhere."""
    if choose([False, True]):
        return max(1, valid_size(choose, spec) + choose([0, 0, 0, 0, 1, -1, 2, -2]))
    return choose(range(1, 401))


def valid_size(choose, spec):
    """A size at which nothing is lost."""
    first = uv.nearest_valid_sizes(spec, 0)[1]
    return uv.nearest_valid_sizes(spec, first + choose(range(601)))[1]


def random_fcn(choose, largest=150, max_base=3):
    """A fully convolutional network; half of the sizes are multiples of 32, others lose rows."""

    def size():
        fits = choose([True, False])
        return choose(range(32, largest + 1, 32) if fits else range(32, largest + 1))

    return uv.FCNSpec(
        input_size=(size(), size()),
        input_channels=choose([1, 3]),
        classes=choose(range(2, 5)),
        base_filters=choose(range(1, max_base + 1)),
        stride=choose([32, 16, 8]),
    )


def _strategy(make):
    """A Hypothesis strategy for what a function of `choose` and of settings makes."""

    @st.composite
    def strategy(draw, *arguments, **settings):
        return make(lambda items: draw(st.sampled_from(items)), *arguments, **settings)

    return strategy


sizes = _strategy(random_size)
specs = _strategy(random_spec)
fcn_specs = _strategy(random_fcn)
