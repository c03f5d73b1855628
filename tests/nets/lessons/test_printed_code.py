"""The document's code as printed, and with the fixes that today's Keras needs."""

import hashlib
from collections import Counter

import keras
import pytest

import unetviz as uv
from unetviz.nets.lessons.printed_code import (
    FIXES,
    PRINTED,
    CodeFix,
    errors_of_printed_code,
    fixed_code,
    narrowed,
)

pytestmark = pytest.mark.keras

# Of the code block of the document's section 9: its words parted by single spaces, and as it is.
WORDS = "ef8229ef81b7914c703a68d1edcdccd63a20d0c6e8fe834eba64721b4e09210b"
CHARACTERS = "fba9f87f3879b96ab9a34b5e476cee8f35f0edd57fea658c79ca817f9eadf1e5"


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def built(source, **arguments):
    namespace = {}
    exec(source, namespace)
    return namespace["unet"](**arguments)


def test_the_printed_code_is_the_documents():
    assert sha256(" ".join(PRINTED.split())) == WORDS
    assert sha256(PRINTED) == CHARACTERS


def test_fixes_change_only_what_they_name():
    source = fixed_code()
    for fix in reversed(FIXES):
        assert source.count(fix.fixed) == 1
        source = source.replace(fix.fixed, fix.printed)
    assert source == PRINTED


def test_a_fix_that_does_not_apply_exactly_once_is_refused():
    for source, count in (("abc", 0), ("lr lr", 2)):
        with pytest.raises(ValueError, match=f"'lr' .* exactly once, not {count} times"):
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


def test_the_fixed_code_builds_the_documents_network():
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
