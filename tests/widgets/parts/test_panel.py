"""What every panel shares."""

import sys

import unetviz as uv


def test_a_panel_shows_the_image_that_its_drawing_has(monkeypatch):
    panel = uv.UNetExplorer()
    bundle, metadata = panel._repr_mimebundle_()
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert metadata == {"image/png": {"width": 848}}
    # Python that runs in a browser has no renderer.
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    bundle, _ = panel._repr_mimebundle_()
    assert bundle["image/svg+xml"].startswith("<svg")
    assert "image/png" not in bundle
