"""An image made small and large again, without a browser."""

import numpy as np

import unetviz as uv


def test_round_trip_says_what_each_method_loses():
    image = np.random.default_rng(0).random((48, 36))
    panel = uv.widgets.RoundTripExplorer(image)
    for method in ("nearest", "bilinear", "mean", "median"):
        panel.method.value = method
        error = uv.labs.round_trip(image, panel.window.value, method).error
        square = np.sqrt((error**2).mean())
        said = f"{method}: a mean absolute error of {error.mean():.4f}, a root mean square of"
        assert f"{said} {square:.4f}" in panel.as_markdown()
    assert panel._repr_mimebundle_()[0]["image/png"].startswith(b"\x89PNG")
