"""Learn, Separable: sliders, three costs, the ratio by count and by formula."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from flowercore.teaching.separable import Sizes, depthwise_separable, inception_towers, regular
from tests.pages.reading import texts


def formulas(app: AppTest) -> str:
    said = [element.value for element in app.markdown if "displaystyle" in element.value]
    return "\n".join(said).replace("{,}", ",")


def part(app: AppTest, name: str) -> str:
    """Turn to a part of the chapter and return what it says."""
    app.radio(key="separable_part").set_value(name).run()
    assert not app.exception
    return texts(app)


def test_it_begins_at_the_middle_flow_of_xception(visit: Callable[..., AppTest]) -> None:
    app = visit("learn", view="separable")
    sizes = Sizes(728, 728, 3, 19, towers=4)
    tex, charts = formulas(app), app.get("plotly_chart")
    assert tex.count("= 0.1125") == 2
    assert r"\frac{1}{728} + \frac{1}{9}" in tex
    assert len(charts) == 1
    said = part(app, "How each is wired")
    tex, charts = formulas(app), [*charts, *app.get("plotly_chart")]
    for cost in (regular(sizes), inception_towers(sizes), depthwise_separable(sizes)):
        assert f"{cost.parameters:,} parameters" in said
        assert f"{cost.multiply_adds:,} multiply-adds" in said
        assert f"{cost.parameters:,}" in tex
    assert r"728 \cdot 728 + 4 \cdot 3^2 \cdot 182^2" in tex
    assert len(charts) == 4
    assert all(chart.proto.alt for chart in charts)
    said = part(app, "The Inception hypothesis")
    assert "22.9 million parameters for Xception and 23.6 million for InceptionV3" in said
    assert "20.9 and 21.8 million" in said
    assert "With one tower it is a regular convolution" in said


def test_moving_a_slider_fills_the_formulas_anew(visit: Callable[..., AppTest]) -> None:
    app = visit("learn", view="separable")
    app.select_slider(key="separable_in").set_value(32).run()
    app.select_slider(key="separable_out").set_value(64).run()
    app.select_slider(key="separable_kernel").set_value(5).run()
    app.slider(key="separable_side").set_value(150).run()
    assert not app.exception
    tex = formulas(app)
    assert f"{150 * 150 * 5 * 5 * 32 * 64:,}" in tex
    assert tex.count("= 0.0556") == 2  # 1/64 + 1/25
    part(app, "The Inception hypothesis")
    part(app, "How each is wired")  # what was moved stays
    assert r"5^2 \cdot 32 \cdot 64" in formulas(app)


def test_towers_stay_a_divisor_of_the_channels(visit: Callable[..., AppTest]) -> None:
    app = visit("learn", view="separable")
    part(app, "How each is wired")
    app.select_slider(key="separable_towers").set_value(91).run()
    assert "91 segments of 8" in texts(app)
    app.select_slider(key="separable_out").set_value(64).run()
    assert not app.exception
    assert app.select_slider(key="separable_towers").value == 64
    assert "64 segments of 1" in texts(app)
    # What is possible as it is stays.
    app.select_slider(key="separable_out").set_value(128).run()
    assert app.select_slider(key="separable_towers").value == 64


def test_a_kernel_of_one_pixel_saves_nothing(visit: Callable[..., AppTest]) -> None:
    app = visit("learn", view="separable")
    app.select_slider(key="separable_kernel").set_value(1).run()
    assert "Nothing is saved" in texts(app)
    app.select_slider(key="separable_kernel").set_value(3).run()
    assert "8.9 times less work" in texts(app)
