"""The size check without a browser."""

import unetviz as uv


def test_the_first_sentence_explains_1364_x_659():
    panel = uv.widgets.SizeCheck()
    assert panel.size.value == "1364 x 659"
    for words in ("does not work", "341 x 164", "1360 and 1376", "656 and 672"):
        assert words in panel.note.value
        assert words in panel.as_markdown().replace("\\", "")


def test_every_control_changes_the_sentence():
    panel = uv.widgets.SizeCheck("256")
    assert "256 x 256 fits: 256 x 256 come out" in panel.note.value
    panel.fields["padding"].value = "valid"
    assert "256 x 256 works, 68 x 68 come out, but" in panel.note.value
    assert "252 and 268" in panel.note.value
    panel.size.value = "572"
    assert "572 x 572 fits: 388 x 388 come out" in panel.note.value
    panel.fields["depth"].value = 8
    assert "does not work" in panel.note.value
    assert panel.trace == uv.trace(uv.UNetSpec(572, depth=8))


def test_what_cannot_be_read_gets_a_sentence():
    panel = uv.widgets.SizeCheck("256")
    before = panel.trace
    for text in ("x", "12 x", "1 x 2 x 3", "0", "-5", "5.5", "<b>9</b>", "\u0663", "", "  "):
        panel.size.value = text
        assert ("\u2717" in panel.note.value) == bool(text.strip())
        assert "<b>9" not in panel.note.value
        assert panel.trace == before


def test_ways_to_write_a_size():
    panel = uv.widgets.SizeCheck("256")
    for text in ("1364x659", "1364 X 659", "1364 \u00d7 659", "1364,659", "1364*659"):
        panel.size.value = "256"
        panel.size.value = text
        assert panel.trace.spec.input_size == (1364, 659)


def test_what_goes_wrong_in_a_callback_is_shown(monkeypatch):
    panel = uv.widgets.SizeCheck("256")
    monkeypatch.setattr("unetviz.widgets.explorers.shapes.size_check.trace", lambda spec: 1 / 0)
    panel.size.value = "300"
    assert "ZeroDivisionError" in panel.note.value


def test_without_a_kernel_the_sentence_is_markdown():
    bundle, _ = uv.widgets.SizeCheck("572")._repr_mimebundle_()
    assert "572 x 572 does not work" in bundle["text/markdown"]
    assert "application/vnd.jupyter.widget-view+json" in bundle
