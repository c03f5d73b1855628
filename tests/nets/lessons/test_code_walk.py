"""The document's code: as printed, mended, and run line by line."""

import hashlib
from collections import Counter

import keras
import pytest

import unetviz as uv
from unetviz.nets.lessons.code_walk import walk_code
from unetviz.nets.lessons.printed_code import (
    FIXES,
    PRINTED,
    CodeFix,
    errors_of_printed_code,
    fixed_code,
    narrowed,
)

# Of the code block of the document's section 9: its words parted by single spaces, and as it is.
WORDS = "ef8229ef81b7914c703a68d1edcdccd63a20d0c6e8fe834eba64721b4e09210b"
CHARACTERS = "fba9f87f3879b96ab9a34b5e476cee8f35f0edd57fea658c79ca817f9eadf1e5"


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def built(source, **arguments):
    namespace = {}
    exec(source, namespace)
    return namespace["unet"](**arguments)


@pytest.fixture(scope="module")
def lines():
    return walk_code(fixed_code())


def test_the_printed_code_is_the_documents():
    assert sha256(" ".join(PRINTED.split())) == WORDS
    assert sha256(PRINTED) == CHARACTERS


def test_mends_change_only_what_they_name():
    source = fixed_code()
    for fix in reversed(FIXES):
        assert source.count(fix.fixed) == 1
        source = source.replace(fix.fixed, fix.printed)
    assert source == PRINTED


@pytest.mark.parametrize(("source", "count"), [("abc", 0), ("lr lr", 2)])
def test_a_mend_that_does_not_apply_exactly_once_is_refused(source, count):
    with pytest.raises(ValueError, match=f"'lr' must stand .* exactly once, not {count} times"):
        CodeFix("lr", "learning_rate", "").applied(source)


def test_errors_are_those_that_keras_raises():
    missing, ends, rate = errors_of_printed_code()
    assert [error.fix for error in (missing, ends, rate)] == list(FIXES)
    with pytest.raises(NameError) as found:
        Input((16, 16, 1))  # noqa: F821
    assert str(missing) == f"NameError: {found.value}"
    tensor = keras.Input((4,))
    with pytest.raises(ValueError, match="Unrecognized keyword") as found:
        keras.Model(input=tensor, output=tensor)
    assert (ends.error, ends.message[:35]) == ("ValueError", str(found.value)[:35])
    with pytest.raises(ValueError, match="not recognized") as found:
        keras.optimizers.Adam(lr=1e-4)
    assert str(rate) == f"ValueError: {found.value}"


def test_the_mended_code_builds_the_documents_network():
    model, steps = built(fixed_code()), uv.trace(uv.DOCUMENT)
    assert model.count_params() == steps.params == 31_031_685
    shapes = [layer.output.shape[1:] for layer in model.layers]
    assert Counter(shapes) == Counter(step.out_shape for step in steps)
    assert model.loss == "binary_crossentropy"
    assert float(model.optimizer.learning_rate) == pytest.approx(1e-4)


def test_fewer_filters_change_nothing_else():
    spec = uv.DOCUMENT.replace(input_size=32, base_filters=4)
    model = built(narrowed(fixed_code(), 16), input_size=(32, 32, 1))
    assert model.count_params() == uv.trace(spec).params
    assert narrowed(PRINTED, 1) == PRINTED


def test_every_step_belongs_to_exactly_one_line(lines):
    assert "\n".join(line.text for line in lines) == fixed_code().rstrip("\n")
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    steps = [name for line in lines for name in line.steps]
    assert steps == [step.name for step in uv.trace(uv.DOCUMENT)]


@pytest.mark.parametrize(
    ("start", "steps"),
    [
        ("inputs = ", [("input",)]),
        ("conv1 = ", [("enc1_conv1",), ("enc1_conv2",)]),
        ("drop4 = ", [("enc4_dropout",)]),
        ("up6 = ", [("dec4_upsample", "dec4_up")]),
        ("merge9 = ", [("dec1_concat",)]),
        ("conv9 = ", [("dec1_conv1",), ("dec1_conv2",), ("head_conv1",)]),
        ("conv10 = ", [("head",)]),
        ("model", [(), (), ()]),
        ("def ", [()]),
        ("return", [()]),
    ],
)
def test_lines_and_their_steps(lines, start, steps):
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
