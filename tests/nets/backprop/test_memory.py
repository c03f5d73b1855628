"""All gradients of an image of 572 x 572 pixels, reduced, fit beside a notebook on Binder."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.keras

STATUS = Path("/proc/self/status")

PASS = """
import pathlib
import unetviz as uv
from unetviz.labs.synthetic.examples import validation_images
from unetviz.nets.backprop.maps import backward_pass
model, sample = uv.load_pretrained("cells"), validation_images(572, 1)[0]
for _ in range(2):
    found = backward_pass(model, sample.image, sample.mask, channels=4, size=96)
    assert len(found.maps) == len(model.layers)
    # What getrusage says would count the memory of the process that started this one.
    lines = pathlib.Path("/proc/self/status").read_text().splitlines()
    print(next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")))
"""


@pytest.mark.skipif(not STATUS.exists(), reason="the peak of memory is read where Linux has it")
def test_all_gradients_need_little_memory_also_the_second_time():
    run = [sys.executable, "-c", PASS]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    first, second = map(int, done.stdout.split())
    assert 2e8 < first <= second < 1.2e9
