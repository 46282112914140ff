"""Learn, chapter 1: the kernel that is chosen is the one that is computed, and shown in numbers."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from flowercore.backbones.first_filters import first_filters
from flowercore.data import views
from flowercore.teaching.convolution import axis, convolve
from flowercore.teaching.kernels import KERNELS
from flowercore.teaching.samples import sample
from tests.pages.reading import errors, pictures, shown, texts
from ui.chapters.convolution import formula


@pytest.fixture
def app(visit: Callable[..., AppTest]) -> AppTest:
    return visit("learn", view="convolution")


def run(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception, app.exception[0].message
    return app


def grey() -> np.ndarray:
    pixels = views.pixels(sample("daisy"), [views.PLAIN], name="daisy", size=224)[0]
    return np.asarray(Image.fromarray(pixels).convert("L"), np.float64)[:, :, np.newaxis]


def numbers(app: AppTest) -> str:
    (chart,) = (one for one in app.get("plotly_chart") if "Nine pixels" in one.proto.alt)
    return chart.proto.alt


def test_it_begins_with_edges_of_a_painted_sample(app: AppTest) -> None:
    assert app.header[0].value == "What a convolution does"
    assert "A painted daisy." in texts(app)
    assert app.selectbox(key="convolution_kernel").value == "vertical"
    assert "−1 0 1; −2 0 2; −1 0 1" in numbers(app)
    assert any("after the convolution, 224 by 224 places" in alt for alt in pictures(app))
    assert not errors(app)


@pytest.mark.parametrize("name", KERNELS)
def test_a_kernel_that_is_picked_fills_the_fields_and_is_computed(app: AppTest, name: str) -> None:
    app.selectbox(key="convolution_kernel").set_value(name)
    app.slider(key="convolution_column").set_value(100)
    app.slider(key="convolution_row").set_value(150)
    run(app)
    weights = np.array(KERNELS[name].weights)
    for row, column in np.ndindex(3, 3):
        field = app.number_input(key=f"convolution_{row}{column}")
        assert field.value == pytest.approx(weights[row, column])
    wanted = float(convolve(grey(), weights[:, :, np.newaxis])[149, 99])
    said = texts(app).partition("add up to ")[2].partition(":")[0].replace("−", "-")
    assert float(said) == pytest.approx(wanted, abs=max(0.005, abs(wanted) / 100))
    assert "the result in row 150, column 100" in texts(app)
    assert KERNELS[name].meaning in texts(app)


def test_a_weight_that_is_changed_makes_it_the_visitors_own(app: AppTest) -> None:
    app.selectbox(key="convolution_kernel").set_value("identity")
    run(app)
    before = texts(app).partition("add up to ")[2].partition(":")[0]
    app.number_input(key="convolution_11").set_value(2.0)
    run(app)
    assert app.selectbox(key="convolution_kernel").value == "own"
    after = texts(app).partition("add up to ")[2].partition(":")[0]
    assert float(after) == 2 * float(before)
    assert "Black is 0, white is 510 and more." in texts(app)


def test_what_is_no_number_counts_as_none(app: AppTest) -> None:
    app.number_input(key="convolution_11").set_value(float("inf"))
    run(app)
    assert "−1 0 1; −2 0 2; −1 0 1" in numbers(app)
    app.number_input(key="convolution_11").set_value(1e300)
    run(app)
    assert "−1 0 1; −2 100 2; −1 0 1" in numbers(app)


@pytest.mark.parametrize(
    ("stride", "padding", "places", "zeros"),
    [(2, "same", 112, 1), (3, "valid", 74, 0), (1, "valid", 222, 0)],
)
def test_stride_and_padding_change_the_size(
    app: AppTest, stride: int, padding: str, places: int, zeros: int
) -> None:
    app.radio(key="convolution_stride").set_value(stride)
    app.radio(key="convolution_padding").set_value(padding)
    run(app)
    assert f"The result: {places} × {places} places." in texts(app)
    assert rf"{{224 + {zeros} - 3}}{{{stride}}}" in "".join(one.value for one in app.markdown)


def test_the_formula_is_the_size() -> None:
    assert formula(axis(224, 3, 2, "same")).endswith("+ 1 = 112$")


def test_a_corner_tells_of_its_padding(app: AppTest) -> None:
    app.slider(key="convolution_column").set_value(1)
    app.slider(key="convolution_row").set_value(1)
    run(app)
    assert "5 pixels lie outside the photo and count as 0." in texts(app)
    app.radio(key="convolution_padding").set_value("valid")
    run(app)
    assert "outside the photo" not in texts(app)


def test_a_filter_of_the_network_adds_three_colours_and_its_bias(app: AppTest) -> None:
    app.selectbox(key="convolution_kernel").set_value("network")
    run(app)
    app.selectbox(key="convolution_filter").set_value(21)
    run(app)
    said = shown(texts(app)).replace("−", "-")
    assert f"bias {first_filters().bias[21]:.2f}".rstrip("0") in said
    parts = [float(word) for word in said.partition("red ")[2].replace(" + ", " ").split()[:7:2]]
    assert len(parts) == 4
    green = app.radio(key="convolution_channel").set_value(1)
    assert green.options == ["Red", "Green", "Blue"]
    before = numbers(app)
    run(app)
    assert numbers(app) != before
    assert any("32 filters of the first layer" in one.proto.alt for one in app.get("plotly_chart"))
    assert "ReLU6 keeps what lies between 0 and 6" in texts(app)
    # Back to a known one: its weights are there again.
    app.selectbox(key="convolution_kernel").set_value("sharpen")
    run(app)
    assert app.number_input(key="convolution_11").value == 5.0


def test_a_missing_weights_file_is_told_in_words(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flowercore.backbones.facts import PackagedWeights

    first_filters.cache_clear()
    monkeypatch.setattr(PackagedWeights, "path", lambda self: None)
    app.selectbox(key="convolution_kernel").set_value("network")
    run(app)
    assert "come in the Python package" in errors(app)[0]
    first_filters.cache_clear()


def test_pictures_are_small_enough_to_send_at_each_move(app: AppTest) -> None:
    from flowercore.teaching.filtering import by_hand
    from flowercore.teaching.pictures import enlarged, jpeg, marked

    pixels = views.pixels(sample("daisy"), [views.PLAIN], name="daisy", size=224)[0]
    done = by_hand(pixels, np.array(KERNELS["edges"].weights), 1, "same")
    file = jpeg(marked(enlarged(done.drawn, 3), (9, 9, 18, 18), hairs=True))
    assert Image.open(io.BytesIO(file)).size == (672, 672)
    assert len(file) < 200_000
