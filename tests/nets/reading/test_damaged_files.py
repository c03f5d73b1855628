"""Files of models that were damaged at random: one clear error, and nothing half loaded."""

import random

import numpy as np
import pytest

import unetviz as uv
from unetviz.nets.reading.files import FileFormatError, load_model, load_weights


@pytest.fixture(scope="module")
def model():
    return uv.build(uv.UNetSpec(16, depth=1, base_filters=2, padding="same"), seed=0)


def damaged(content, generator):
    content = bytearray(content)
    for _ in range(generator.randint(1, 8)):
        content[generator.randrange(len(content))] = generator.randrange(256)
    if generator.random() < 0.4:
        del content[generator.randrange(len(content)) :]
    return bytes(content)


def refusal(load, *arguments):
    """What a call says if it refuses a file; anything but that one kind of error goes on."""
    try:
        load(*arguments)
    except FileFormatError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", ["net.weights.h5", "net.keras", "net.h5"])
@pytest.mark.filterwarnings("ignore")
def test_a_damaged_file_changes_nothing(name, model, tmp_path):
    path, generator, refused = tmp_path / name, random.Random(name), 0
    is_model = not name.endswith(".weights.h5")
    (model.save if is_model else model.save_weights)(path)
    whole, before = path.read_bytes(), model.get_weights()
    for _ in range(25):
        path.write_bytes(damaged(whole, generator))
        if said := refusal(load_weights, model, path):
            refused += 1
            assert "Save the weights of the same network again" in said
            for values, own in zip(model.get_weights(), before, strict=True):
                np.testing.assert_array_equal(values, own)
        model.set_weights(before)
        if is_model and (said := refusal(load_model, path)):
            assert "Save the whole model again" in said
    assert refused
