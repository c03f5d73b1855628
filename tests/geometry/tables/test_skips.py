"""The table of skips."""

import unetviz as uv

PAPER = uv.trace(uv.PAPER)


def test_table_of_skips():
    rows = uv.geometry.skip_table(PAPER).rows
    assert [row[3] for row in rows] == ["88 a side", "40 a side", "16 a side", "4 a side", "-"]
    assert [row[1] for row in rows] == ["1", "2", "4", "8", "16"]
    assert all(row[4] == row[5] for row in rows)
    assert uv.geometry.skip_table(uv.trace(uv.DOCUMENT)).rows[0][3] == "nothing"
    assert (
        uv.geometry.skip_table(uv.trace(uv.PAPER.replace(merge="none"))).rows[0][3:] == ("-",) * 4
    )
    lossy = uv.geometry.skip_table(uv.trace(uv.PAPER.replace(input_size=573)))
    assert lossy.rows[0][3] == "88+89+88+89"
