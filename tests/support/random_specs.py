"""Random specifications for property tests: small widths, all choices, all kinds of size."""

from hypothesis import strategies as st

import unetviz as uv
from unetviz.geometry.specs.fields import declarations


@st.composite
def sizes(draw, spec):
    """Half of the sizes lie at or close to a valid one; the others are anywhere."""
    if draw(st.booleans()):
        first = uv.nearest_valid_sizes(spec, 0)[1]
        near = uv.nearest_valid_sizes(spec, first + draw(st.integers(0, 600)))[1]
        return max(1, near + draw(st.sampled_from([0, 0, 0, 0, 1, -1, 2, -2])))
    return draw(st.integers(1, 400))


@st.composite
def specs(draw, max_depth=5, max_base=4):
    """Every field varies: those not named here as their declarations allow, often as they are."""
    fields = {
        "input_channels": st.integers(1, 4),
        "classes": st.integers(1, 4),
        "depth": st.integers(1, max_depth),
        "base_filters": st.integers(1, max_base),
        "convs_per_block": st.integers(1, 4),
        "kernel_size": st.sampled_from([3, 3, 1, 5, 7]),
        "pool_size": st.sampled_from([2, 2, 3, 4]),
        "head_filters": st.sampled_from([(), (2,), (3, 2)]),
        "dropout": st.sampled_from([0.0, 0.5]),
    }
    for name, declaration in declarations(uv.UNetSpec).items():
        if name != "input_size" and name not in fields:
            choices = declaration.choices
            fields[name] = st.sampled_from([*choices[:1], *choices[:3]])
    spec = uv.UNetSpec(**{name: draw(values) for name, values in fields.items()})
    return spec.replace(input_size=(draw(sizes(spec)), draw(sizes(spec))))


@st.composite
def fcn_specs(draw, largest=150, max_base=3):
    """Fully convolutional networks; many sizes are multiples of 32, the others lose rows."""
    fitting = st.integers(1, largest // 32).map(lambda n: 32 * n)
    size = st.one_of(fitting, st.integers(32, largest))
    return uv.FCNSpec(
        input_size=(draw(size), draw(size)),
        input_channels=draw(st.sampled_from([1, 3])),
        classes=draw(st.integers(1, 3)),
        base_filters=draw(st.integers(1, max_base)),
        stride=draw(st.sampled_from([32, 16, 8])),
    )
