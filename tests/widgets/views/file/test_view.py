"""The control that picks a file."""

from unetviz.widgets.views.file.view import FilePicker


def test_the_picker_alone():
    picker, taken, refused = FilePicker(accept=".png"), [], []
    picker.connect(lambda act: act, lambda *what: taken.append(what), refused.append)
    picker.content = b"abc"
    assert taken == []
    picker.picked = {"name": "a", "size": 3, "number": 1}
    picker.picked = {"name": "a", "size": 3, "number": 2}
    assert taken == [("a", b"abc")] * 2
    picker.picked = {"name": "b", "size": picker.largest, "number": 3}
    assert len(taken) == 3
    picker.picked = {"name": "c", "size": picker.largest + 1, "number": 4}
    assert len(taken) == 3
    assert len(refused) == 1
    assert "c has 9.0 MB; at most 9 MB" in refused[0]
