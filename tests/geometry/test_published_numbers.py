"""The trace against the paper's figure and against numbers computed elsewhere."""

import pytest

import unetviz as uv


@pytest.fixture(scope="module")
def paper():
    return uv.trace(uv.PAPER)


def test_the_chain_of_sizes(paper, facts):
    assert paper.ok
    assert not paper.warnings
    changing = ("input", "conv", "pool", "upconv")
    chain = [step.out_shape[0] for step in paper if step.kind in changing]
    assert chain == facts["paper_572"]["sizes"]
    assert all(step.out_shape[0] == step.out_shape[1] for step in paper)


def test_output_is_388_with_two_classes(paper):
    assert paper.output_shape == (388, 388, 2)


def test_crops(paper, facts):
    crops = [step.crop for step in paper if step.kind == "crop"]
    assert crops == [((n, n), (n, n)) for n in facts["paper_572"]["crops_per_side_deepest_first"]]
    assert all(step.crop is None for step in paper if step.kind != "crop")


def test_costs(paper, facts):
    published = facts["paper_572"]
    assert paper.params == published["params_1_channel_2_classes"]
    assert paper.macs == published["macs"]
    assert paper.activation_bytes == published["activation_bytes"]
    layers = [step for step in paper if step.params]
    assert len(layers) == published["conv_and_upconv_layers"]


def test_each_convolution_at_level_l_costs_two_to_the_l_twice(paper):
    lost = {}
    for step in paper:
        if step.kind == "conv":
            lost[step.side] = lost.get(step.side, 0) + 2 * 2 ** (step.level - 1)
    assert lost == {"encoder": 60, "bottleneck": 64, "decoder": 60}
    assert sum(lost.values()) == 572 - 388


def test_channels_double_on_the_way_down_and_halve_on_the_way_up(paper):
    channels = [paper[name].out_shape[2] for name in ("enc1_conv2", "enc4_conv2", "dec4_concat")]
    assert channels == [64, 512, 1024]
    assert paper["bottleneck_conv2"].out_shape == (28, 28, 1024)
    assert paper["dec1_concat"].in_shapes == ((392, 392, 64), (392, 392, 64))


def test_the_documents_network(facts):
    document = uv.trace(uv.DOCUMENT)
    assert document.output_shape == (256, 256, 1)
    assert document.params == facts["document_256"]["params_1_channel"]
    layers = [step for step in document if step.kind in ("conv", "upconv", "head")]
    assert len(layers) == facts["document_256"]["conv_layers"]
    colour = uv.trace(uv.DOCUMENT.replace(input_channels=3))
    assert colour.params == facts["document_256"]["params_3_channels"]


def test_valid_sizes_at_depth_four(facts):
    published = facts["valid_sizes_depth_4"]
    first, step = published["first"], published["step"]
    sizes = uv.valid_sizes(uv.PAPER, 0, 1000)
    assert sizes == list(range(first, 1000, step))
    for size in sizes:
        assert uv.trace(uv.PAPER.replace(input_size=size)).output_shape[0] == size - 184
