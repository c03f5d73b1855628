"""Operations are called what they are, in tables and in sentences."""

import pytest

from unetviz.geometry.ops import (
    Addition,
    AveragePooling,
    Combination,
    Convolution,
    MaxPooling,
    Pointwise,
    SeparableConvolution,
    TransposedConvolution,
)


@pytest.mark.parametrize(
    ("operation", "label"),
    [
        (Convolution(2), "conv 3x3, ReLU"),
        (Convolution(2, stride=(2, 2)), "conv 3x3, stride 2, ReLU"),
        (
            Convolution(2, stride=(2, 1), dilation=(1, 2)),
            "conv 3x3, stride 2x1, dilation 1x2, ReLU",
        ),
        (Convolution(4, groups=4), "depthwise conv 3x3, ReLU"),
        (Convolution(4, groups=2), "grouped conv 3x3, ReLU"),
        (SeparableConvolution(4, stride=(2, 2)), "separable conv 3x3, stride 2, ReLU"),
        (TransposedConvolution(2), "up-conv 2x2"),
        (TransposedConvolution(2, (3, 3), (1, 1)), "transposed conv 3x3"),
        (MaxPooling(), "max pool 2x2"),
        (MaxPooling((3, 3), (2, 2)), "max pool 3x3, stride 2"),
        (AveragePooling((3, 3), (2, 1)), "average pool 3x3, stride 2x1"),
        (Pointwise("leaky re lu", "activation", "LeakyReLU"), "leaky ReLU"),
        (Pointwise("pre lu", "activation", "PReLU"), "PReLU"),
    ],
)
def test_labels(operation, label):
    assert operation.label == label


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (Convolution(2, stride=(2, 2), padding="same"), "in steps of 2 pixels"),
        (Convolution(2, (1, 1), (2, 2)), "in steps of 2 pixels"),
        (Convolution(4, groups=4), "3x3 depthwise convolution"),
        (SeparableConvolution(4), "3x3 separable convolution"),
        (TransposedConvolution(2, (3, 3), (1, 1)), "3x3 transposed convolution"),
        (MaxPooling((3, 3), (2, 2)), "in steps of 2: each 3x3 window"),
        (AveragePooling((3, 3), (1, 1)), "average pooling in steps of 1"),
        (Combination("Multiply"), "Product"),
    ],
)
def test_explanations(operation, words):
    assert words in operation.explanation


def test_a_stride_is_told_backwards_too():
    assert "transposed convolution with its" in Convolution(2, (1, 1), (2, 2)).backward
    assert "pixel by pixel" in Convolution(2, (1, 1)).backward


def test_signs_have_one_character_and_different_words():
    joins = [Addition(), *map(Combination, ("Multiply", "Average", "Subtract", "Maximum"))]
    joins.append(Combination("Minimum"))
    assert all(len(join.sign) == 1 for join in joins)
    for words in ("sign", "sign_words", "sign_backward"):
        assert len({getattr(join, words) for join in joins}) == len(joins)
