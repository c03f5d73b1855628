"""The drawing beside an image that it follows."""

from unetviz.widgets.views.image.view import ImageView
from unetviz.widgets.views.u.view import UView, link_point


def test_each_pair_has_a_channel_of_its_own():
    pairs = [(ImageView(), UView()) for _ in range(2)]
    for image, drawing in pairs:
        link_point(image, drawing)
        assert image._channel == drawing._channel != ""
    assert pairs[0][0]._channel != pairs[1][0]._channel
    assert UView()._channel == ImageView()._channel == ""
