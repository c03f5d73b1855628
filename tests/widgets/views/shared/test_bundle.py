"""What reaches the browser: one module and one style sheet a view, nothing left to load."""

import re
import shutil
import subprocess

import pytest

from unetviz.widgets.views.file.view import FilePicker
from unetviz.widgets.views.grid.view import GridView
from unetviz.widgets.views.image.view import ImageView
from unetviz.widgets.views.shared import _bundle
from unetviz.widgets.views.shared._bundle import VIEWS, bundle, script, style
from unetviz.widgets.views.steps.view import StepControl
from unetviz.widgets.views.u.view import UView

WIDGETS = (UView, ImageView, GridView, StepControl, FilePicker)
DECLARED = re.compile(r"^(?:async )?(?:function|const|let|class) (\w+)", re.MULTILINE)


@pytest.fixture
def module(tmp_path):
    """Writes a module and returns its path."""

    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    return write


@pytest.mark.parametrize("widget", WIDGETS)
def test_nothing_is_left_to_load(widget):
    code = widget._esm
    assert re.findall(r"^(?:import|export)\b.*", code, re.MULTILINE) == [
        "export default { render };"
    ]
    assert "/**" not in code
    names = DECLARED.findall(code)
    assert "render" in names
    assert len(names) == len(set(names)), "one name stands in two modules of a bundle"


@pytest.mark.parametrize("widget", WIDGETS)
def test_it_is_javascript(widget, tmp_path):
    if (node := shutil.which("node")) is None:
        pytest.skip("no node on this machine")
    path = tmp_path / "bundle.mjs"
    path.write_text(widget._esm)
    subprocess.run([node, "--check", path], check=True)


@pytest.mark.parametrize("widget", WIDGETS)
def test_colours_are_named_once(widget):
    assert "!important" not in widget._css
    used = set(re.findall(r"var\((--uv-[\w-]+)", widget._css))
    assert used <= set(re.findall(r"(--uv-[\w-]+):", widget._css))


def test_colours_stand_in_one_file():
    for path in VIEWS.rglob("*.css"):
        colours = re.findall(r"#[0-9a-f]{3,8}\b|rgba?\(", path.read_text())
        assert not colours or path.name == "tokens.css", path


def test_all_javascript_that_is_sent_is_small():
    modules = {}
    for path in VIEWS.glob("*/*.js"):
        _bundle._collect(path, modules)
    assert len(modules) == len(list(VIEWS.rglob("*.js")))
    assert sum(len(text.encode()) for text in modules.values()) <= 40_000
    assert all(len(widget._esm.encode()) <= 15_000 for widget in WIDGETS)


def test_each_module_comes_once_and_before_those_that_import_it(module):
    module("c.js", "export const c = 1;\nexport class C {}\n")
    module("inner/b.js", 'import { c } from "../c.js";\n\nexport function b() {\n  return c;\n}\n')
    first = module(
        "a.js",
        '// First.\nimport {\n  b,\n} from "./inner/b.js";\nimport { c } from "./c.js";\n'
        "/** @type {number} */\nexport const a =\n  /** @type {any} */ (b() + c);\n"
        "/**\n * Of two lines.\n */\n"
        "export default { a };\n",
    )
    assert " ".join(bundle(first).split()) == (
        "const c = 1; class C {} function b() { return c; } "
        "// First. const a = (b() + c); export default { a };"
    )


@pytest.mark.parametrize(
    "line",
    [
        'import { b as other } from "./b.js";',
        'import * as b from "./b.js";',
        'import b from "./b.js";',
        'import { b } from "package";',
        "export { b };",
        'export * from "./b.js";',
    ],
)
def test_other_forms_are_refused(module, line):
    module("b.js", "export const b = 1;\n")
    with pytest.raises(ValueError, match=r"a\.js"):
        bundle(module("a.js", f"{line}\nexport default {{}};\n"))


def test_a_module_that_is_not_there(module):
    with pytest.raises(FileNotFoundError, match=r"b\.js"):
        bundle(module("a.js", 'import { b } from "./b.js";\n'))


def test_while_developing_a_changed_file_is_sent_again(module, monkeypatch):
    file_contents = pytest.importorskip("anywidget._file_contents")
    monkeypatch.setattr(file_contents.FileContents, "watch_in_thread", lambda self: None)
    monkeypatch.setenv("ANYWIDGET_HMR", "1")
    path = module("a.js", "export default { one };\n")
    watched = [file_contents.FileContents(path)]
    monkeypatch.setattr(_bundle, "_watched", lambda: watched)
    code = script(path)
    sheet = style(module("a.css", "a {}"), "b {}")
    assert str(code) == "export default { one };\n"
    assert str(sheet).endswith("b {}\na {}")
    path.write_text("export default { two };\n")
    watched[0].changed.emit("")
    assert str(code) == "export default { two };\n"


def test_all_files_of_the_views_are_watched(monkeypatch):
    file_contents = pytest.importorskip("anywidget._file_contents")
    monkeypatch.setattr(file_contents.FileContents, "watch_in_thread", lambda self: None)
    paths = {contents._path.name for contents in _bundle._watched.__wrapped__()}
    assert {"u.js", "boxes.js", "grid.css", "tokens.css"} <= paths
    assert not any(name.endswith((".py", ".ts")) for name in paths)
