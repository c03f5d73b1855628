"""The document's code, run line by line."""

import pytest

import unetviz as uv
from unetviz.nets.lessons.code_walk import walk_code
from unetviz.nets.lessons.printed_code import fixed_code

pytestmark = pytest.mark.keras


@pytest.fixture(scope="module")
def lines():
    return walk_code(fixed_code())


def test_every_step_belongs_to_exactly_one_line(lines):
    assert "\n".join(line.text for line in lines) == fixed_code().rstrip("\n")
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    steps = [name for line in lines for name in line.steps]
    assert steps == [step.name for step in uv.trace(uv.DOCUMENT)]


def test_lines_and_their_steps(lines):
    for start, steps in {
        "inputs = ": [("input",)],
        "conv1 = ": [("enc1_conv1",), ("enc1_conv2",)],
        "drop4 = ": [("enc4_dropout",)],
        "up6 = ": [("dec4_upsample", "dec4_up")],
        "merge9 = ": [("dec1_concat",)],
        "conv9 = ": [("dec1_conv1",), ("dec1_conv2",), ("head_conv1",)],
        "conv10 = ": [("head",)],
        "model": [(), (), ()],
        "def ": [()],
        "return": [()],
    }.items():
        assert [line.steps for line in lines if line.text.strip().startswith(start)] == steps


def test_statements_of_several_lines_and_comments():
    source = fixed_code().replace(
        "    drop4 = Dropout(0.5)(conv4)",
        "    # half\n    drop4 = Dropout(\n        0.5\n    )(conv4)",
    )
    found = {line.text.strip(): line.steps for line in walk_code(source, (32, 48, 3))}
    assert found["# half"] == found["0.5"] == ()
    assert found["drop4 = Dropout("] == ("enc4_dropout",)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("Dropout(0.5)(conv5)", "Dropout(0.4)(conv5)", "bottleneck_dropout"),
        ("conv5 = Conv2D(1024, 3", "conv5 = Conv2D(512, 3", "bottleneck_conv1"),
        ("[conv3,up7]", "[up7,conv3]", "dec3_concat"),
        ("(1, 1, activation = 'sigmoid')", "(1, 1)", r"head \(conv 1x1, sigmoid\)"),
        ("conv10 = Conv2D(1, 1, activation = 'sigmoid')(conv9)", "conv10 = conv9", "compute head"),
        (
            "    model = ",
            "    more = Dropout(0.5)(conv10)\n    model = ",
            "more than the document's network",
        ),
        ("def unet(", "def other(): pass\ndef unet(", "one function, not 2"),
    ],
)
def test_other_networks_are_refused(old, new, told):
    source = fixed_code()
    assert old in source
    with pytest.raises(ValueError, match=told):
        walk_code(source.replace(old, new), (32, 32, 1))


def test_sizes_that_do_not_fit_are_refused():
    with pytest.raises(uv.ShapeError):
        walk_code(fixed_code(), (40, 40, 1))
