"""Learn, Anatomy: three networks, their totals, and the layers of a block."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from flowercore.anatomy.layers import NAMES, anatomy
from flowercore.anatomy.modules import modules
from tests.pages.reading import texts


def test_xception_comes_first_with_its_totals(visit: Callable[..., AppTest]) -> None:
    app = visit("learn", view="anatomy")
    said = texts(app)
    assert "36 convolutions in 14 blocks, 34 of them separable" in said
    assert "the middle flow is 8 blocks" in said
    for fact in (
        "20.9 million parameters",
        "8.36 billion multiply-adds a photo",
        "299 × 299 pixels",
        "Depth 36",
    ):
        (shown,) = [one for one in app.markdown if one.value == f"**{fact}**"]
        assert shown.help
    (chart,) = app.get("plotly_chart")
    assert "block5 to block12, middle flow: 3 separable convolutions" in chart.proto.alt


@pytest.mark.parametrize("name", NAMES)
def test_every_block_of_every_network_shows_its_layers(
    name: str, visit: Callable[..., AppTest]
) -> None:
    app = visit("learn", view="anatomy")
    app.radio(key="network").set_value(name).run()
    drawn = modules(name)
    (box,) = app.selectbox
    assert len(box.options) == len(drawn)
    for module in (drawn[0], drawn[len(drawn) // 2], drawn[-1]):
        app.selectbox(key="block").set_value(module.name).run()
        assert not app.exception
        table = app.dataframe[0].value
        assert list(table["Name"]) == [layer.name for layer in module.layers]
        assert table["Parameters"].sum() * module.repeats == module.parameters
        assert table["Multiply-adds"].sum() * module.repeats == module.multiply_adds
    assert anatomy(name).name == name


def test_a_block_of_another_network_gives_way_to_the_first(visit: Callable[..., AppTest]) -> None:
    app = visit("learn", view="anatomy")
    app.selectbox(key="block").set_value("block14").run()
    app.radio(key="network").set_value("vgg16").run()
    assert app.selectbox(key="block").value == "block1"
    assert "13 ordinary convolutions" in texts(app)
    # A block that both have stays.
    app.selectbox(key="block").set_value("block3").run()
    app.radio(key="network").set_value("xception").run()
    assert app.selectbox(key="block").value == "block3"


def test_each_kind_of_layer_is_explained(visit: Callable[..., AppTest]) -> None:
    app = visit("learn", view="anatomy")
    app.selectbox(key="block").set_value("block2").run()
    said = texts(app)
    for kind in ("Separable convolution", "Batch normalization", "Max pooling", "Addition"):
        assert f"- {kind}: " in said
    assert "The shortcut has a pointwise convolution" in said
    app.selectbox(key="block").set_value("block5").run()
    assert "8 blocks are built alike" in texts(app)
    assert "The shortcut hands on what came in, unchanged." in texts(app)
