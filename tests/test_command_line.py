"""The command line: what it prints, and how it ends."""

import json
import subprocess
import sys

import pytest

import unetviz as uv
from unetviz.cli import main


def run(capsys, words):
    """Return (exit code, what it printed, what it complained)."""
    try:
        code = main(words.split())
    except SystemExit as stop:
        code = stop.code
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_trace_prints_the_table(capsys):
    code, out, err = run(capsys, "trace 572")
    assert (code, err) == (0, "")
    assert out == f"{uv.trace(uv.PAPER)}\n"
    heading = out.splitlines()[0].split()
    assert heading == ["step", "operation", "in", "out", "why", "parameters"]
    assert "572 - 3 + 1 = 570" in out
    assert max(map(len, out.splitlines())) <= 100


def test_every_option_reaches_the_specification(capsys):
    words = (
        "trace 500x380 --padding same --depth 2 --base 8 --upsampling upsample_conv "
        "--channels 3 --classes 5 --dilation 2 --json"
    )
    code, out, _ = run(capsys, words)
    spec = uv.UNetSpec(
        (500, 380),
        padding="same",
        depth=2,
        base_filters=8,
        upsampling="upsample_conv",
        input_channels=3,
        classes=5,
        dilation=2,
    )
    assert code == 0
    assert json.loads(out) == json.loads(json.dumps(uv.trace(spec).to_dict()))


def test_a_softmax_over_one_class_is_refused_with_options_that_work(capsys):
    for network, ways in (
        ("", ("--activation sigmoid", "--classes 2")),
        ("--fcn 8", ("--classes 2",)),
    ):
        command = f"trace 572 --classes 1 {network}"
        code, out, err = run(capsys, command)
        assert (code, out) == (2, "")
        assert err.count("\n") == 1
        for way in ways:
            assert way in err
            assert run(capsys, f"{command} {way}")[0] == 0
    assert run(capsys, "trace 256 --document --classes 1")[0] == 0
    assert run(capsys, "trace 256 --document --activation softmax")[0] == 2


def test_an_fcn(capsys):
    code, out, _ = run(capsys, "trace 500x512 --fcn 8 --base 4 --channels 3 --classes 5 --json")
    spec = uv.FCNSpec((500, 512), input_channels=3, classes=5, base_filters=4, stride=8)
    assert (code, json.loads(out)) == (0, json.loads(json.dumps(uv.trace(spec).to_dict())))
    code, out, _ = run(capsys, "sizes 30 100 --fcn 32")
    assert out.split("\n")[:3] == ["32 -> 32", "64 -> 64", "96 -> 96"]


def test_the_documents_network(capsys):
    code, out, _ = run(capsys, "trace --document")
    assert (code, out) == (0, f"{uv.trace(uv.DOCUMENT)}\n")
    code, out, _ = run(capsys, "trace 128 --document --json")
    assert json.loads(out)["output_shape"] == [128, 128, 1]


def test_a_size_that_loses_rows_warns_and_exits_0(capsys):
    code, out, err = run(capsys, "trace 573")
    assert (code, err) == (0, "")
    assert "Warning: Level 1, enc1_pool" in out
    assert "572 and 588" in out


def test_a_size_that_fails_explains_and_exits_1(capsys):
    for words in ("trace 200 --padding same", "summary 200 --padding same"):
        code, out, _ = run(capsys, words)
        assert code == 1
        assert "Problem: Level 4, dec4_concat" in out
        assert "192 and 208" in out
    code, out, _ = run(capsys, "trace 200 --padding same --json")
    assert (code, json.loads(out)["ok"]) == (1, False)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("", "COMMAND"),
        ("draw", "invalid choice: 'draw'"),
        ("trace five", "a size is written as 572 or 500 x 375 (height x width), not 'five'"),
        ("trace 5x", "not '5x'"),
        ("trace 1x2x3", "not '1x2x3'"),
        ("trace 0", "input_size must be"),
        ("trace 572 --depth 0", "depth must be a whole number from 1 to 8, not 0"),
        ("trace 572 --depth two", "invalid int value: 'two'"),
        ("trace 572 --padding full", "invalid choice: 'full'"),
        ("trace 572 --base -1", "base_filters must be a whole number of at least 1, not -1"),
        ("trace 572 --nonsense", "--nonsense"),
        ("sizes 500", "stop"),
        ("sizes 600 500", "stop must be larger than start 600, not 500"),
    ],
)
def test_bad_arguments_exit_2_with_one_line(capsys, words, complaint):
    code, out, err = run(capsys, words)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert complaint in err


def test_sizes(capsys):
    code, out, _ = run(capsys, "sizes 500 600")
    assert code == 0
    assert out.splitlines()[:2] == ["508 -> 324", "524 -> 340"]
    assert [int(line.split()[0]) for line in out.splitlines()] == uv.valid_sizes(uv.PAPER, 500, 600)
    code, out, _ = run(capsys, "sizes 250 280 --document --json")
    assert json.loads(out) == [{"input": 256, "output": 256}, {"input": 272, "output": 272}]
    code, out, _ = run(capsys, "sizes 500 505")
    assert (code, out) == (0, "none; the nearest are 492 and 508\n")


def test_summary_adds_up(capsys):
    code, out, _ = run(capsys, "summary --json")
    data = json.loads(out)
    assert code == 0
    assert [part["side"] for part in data["parts"]].count("decoder") == 4
    for sum_name in ("params", "macs", "activation_bytes"):
        assert sum(part[sum_name] for part in data["parts"]) == data[sum_name]
    _, out, _ = run(capsys, "summary")
    assert max(map(len, out.splitlines())) <= 100
    assert "bottleneck" in out
    assert "14,157,824" in out


def test_as_a_module():
    command = [sys.executable, "-m", "unetviz", "sizes", "572", "573"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (0, "572 -> 388\n")


def test_handout(capsys, tmp_path):
    code, out, _ = run(capsys, f"handout --folder {tmp_path / 'new'}")
    assert code == 0
    assert "index.html" in out
    assert (tmp_path / "new" / "fcn_8s.png").is_file()
    (tmp_path / "file").write_text("mine")
    code, out, err = run(capsys, f"handout --folder {tmp_path / 'file'}")
    assert (code, out) == (2, "")
    assert "is a file; name a folder" in err
