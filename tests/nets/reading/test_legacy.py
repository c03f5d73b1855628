"""Files of Keras 2 are read, or the layer that cannot be is named with the way out."""

import json
import zipfile
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
from keras import layers

import unetviz as uv
from unetviz.nets.reading.files import FileFormatError, load_model
from unetviz.nets.reading.legacy import corrected

pytestmark = pytest.mark.keras

FOLDER = Path(__file__).parents[2] / "support" / "keras2"
READ = ("unet", "many_layers", "nested", "chain", "operations", "half")


@pytest.fixture(scope="module")
def outputs():
    with np.load(FOLDER / "outputs.npz") as file:
        return dict(file)


@pytest.mark.parametrize("ending", [".h5", ".keras"])
@pytest.mark.parametrize("name", READ)
def test_what_keras_2_wrote_computes_what_it_computed(name, ending, outputs):
    model = load_model(FOLDER / f"{name}{ending}")
    expected = outputs[name]
    assert expected.std() > 0
    found = model.predict_on_batch(outputs["image"])
    np.testing.assert_allclose(found, expected, atol=1e-3 if name == "half" else 1e-6)
    again = uv.build(uv.trace_model(model).spec)
    again.set_weights(model.get_weights())
    np.testing.assert_allclose(again.predict_on_batch(outputs["image"]), found, atol=1e-6)


@pytest.mark.parametrize("ending", [".h5", ".keras"])
def test_an_operation_that_has_no_layer_is_named(ending):
    with pytest.raises(FileFormatError, match=r"'tf.image.resize' \(TFOpLambda\).*image.resize"):
        load_model(FOLDER / f"resized{ending}")


def described(path, change):
    """Change what a file says of its layers, as another Keras, or another program, would say it."""

    def changed(text):
        config = json.loads(text)
        for layer in config["config"]["layers"]:
            change(layer)
        return json.dumps(config)

    if path.suffix == ".h5":
        with h5py.File(path, "r+") as file:
            file.attrs["model_config"] = changed(file.attrs["model_config"])
        return path
    with zipfile.ZipFile(path) as file:
        contents = {name: file.read(name) for name in file.namelist()}
    with zipfile.ZipFile(path, "w") as file:
        for name, content in contents.items():
            file.writestr(name, changed(content) if name == "config.json" else content)
    return path


class Doubled(layers.Layer):
    def call(self, x):
        return x * 2


def doubled(x):
    return x * 2


def small(layer):
    source = keras.Input((8, 8, 2))
    return keras.Model(source, layers.Conv2D(1, 1)(layer(source)))


@pytest.fixture(params=["model.h5", "model.keras"])
def path(request, tmp_path):
    return tmp_path / request.param


def test_an_argument_is_dropped_only_where_that_changes_nothing(path):
    model = small(layers.Conv2DTranspose(2, 3, name="up"))
    for groups in (1, 2):
        model.save(path)

        def change(layer, groups=groups):
            if layer["class_name"] == "Conv2DTranspose":
                layer["config"]["groups"] = groups

        described(path, change)
        if groups == 1:
            image = np.random.default_rng(0).random((1, 8, 8, 2), "float32")
            np.testing.assert_array_equal(load_model(path)(image), model(image))
        else:
            with pytest.raises(FileFormatError, match=r"'up'.*'groups': 2") as caught:
                load_model(path)
            assert "Keras" in str(caught.value).splitlines()[0]


def test_what_is_of_todays_keras_is_not_corrected(path):
    config = json.loads(small(layers.ReLU(6.0)).to_json())
    assert corrected(config) == config


OWN = {
    "Doubled": (lambda: Doubled(name="own"), Doubled),
    "doubled": (lambda: layers.Conv2D(2, 1, activation=doubled, name="own"), doubled),
}


@pytest.mark.parametrize("name", OWN)
def test_code_of_ones_own_is_named_and_read_within_its_scope(name, path):
    make, own = OWN[name]
    model = small(make())
    model.save(path)
    with pytest.raises(FileFormatError, match=f"'own'.*{name}") as caught:
        load_model(path)
    code = str(caught.value).split("within ")[1].rstrip(".")
    with eval(code, {"keras": keras, name: own}):
        loaded = load_model(path)
    image = np.random.default_rng(0).random((1, 8, 8, 2), "float32")
    np.testing.assert_array_equal(loaded(image), model(image))


def test_a_lambda_is_named_and_not_run(path):
    small(layers.Lambda(lambda x: x / 255, name="own")).save(path)
    with pytest.raises(FileFormatError, match=r"'own' \(Lambda\).*safe_mode=False") as caught:
        load_model(path)
    code = str(caught.value).split("load it with ")[1].split(" and give")[0]
    loaded = eval(code, {"keras": keras, "path": path})
    assert loaded.get_layer("own").__class__ is layers.Lambda


def test_a_loss_of_ones_own_is_not_needed(path):
    model = small(layers.ReLU())
    model.compile("adam", loss=lambda a, b: keras.ops.mean(a * b), metrics=[doubled])
    model.save(path)
    image = np.random.default_rng(0).random((1, 8, 8, 2), "float32")
    np.testing.assert_array_equal(load_model(path)(image), model(image))


def test_an_adapted_normalization_uses_what_it_was_adapted_to(path):
    normalization = layers.Normalization()
    normalization.adapt(np.random.default_rng(0).normal(3, 2, (4, 8, 8, 2)))
    model = small(keras.Sequential([normalization]))
    model.save(path)
    image = np.random.default_rng(0).random((1, 8, 8, 2), "float32")
    np.testing.assert_allclose(load_model(path)(image), model(image), rtol=1e-6)


@pytest.mark.parametrize(("real", "other"), [("a.h5", "a.keras"), ("a.keras", "a.h5")])
def test_a_file_with_the_other_ending_is_read(real, other, tmp_path):
    model = small(layers.ReLU())
    model.save(tmp_path / real)
    (tmp_path / real).rename(tmp_path / other)
    image = np.random.default_rng(0).random((1, 8, 8, 2), "float32")
    np.testing.assert_array_equal(load_model(tmp_path / other)(image), model(image))
