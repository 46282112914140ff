"""One place of a convolution in numbers, as a figure by the rules of `flowercore.figures`."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from flowercore.figures import BLUE, CLEAR, GREY, VERMILION, ink, lay_out

_CELL = 28
_TOP = 24  # room for what a square is called
_GAP = 1  # between two squares, in cells: room for a sign
_STRONGEST = 0.55
"""Opacity of the largest weight and product: the theme's own text stays readable on it."""


def products(
    values: np.ndarray, weights: np.ndarray, inside: np.ndarray, tones: np.ndarray
) -> go.Figure:
    """Draw what lies under a kernel, the kernel, and their products.

    Args:
        values: What lies under the kernel, (h, w).
        weights: The kernel, (h, w).
        inside: Which of the values are of the picture and not of its padding, (h, w).
        tones: How the values are seen in the picture, uint8 (h, w).
    """
    height, width = values.shape
    step = width + _GAP
    # Handed over at once: added one by one, plotly copies all of them each time.
    cells: list[dict[str, object]] = []
    words: list[dict[str, object]] = []
    for row, column in np.ndindex(height, width):
        tone, word = int(tones[row, column]), number(float(values[row, column]))
        within = bool(inside[row, column])
        cells.append(_cell(column, row, f"rgb({tone},{tone},{tone})" if within else CLEAR))
        words.append(_word(column, row, _on(tone, word) if within else ink(word), small=True))
    for place, part in enumerate((weights, values * weights), start=1):
        most = float(np.abs(part).max()) or 1.0
        for row, column in np.ndindex(height, width):
            one = float(part[row, column])
            paper = _clear(VERMILION if one < 0 else BLUE, _STRONGEST * abs(one) / most)
            cells.append(_cell(place * step + column, row, paper))
            words.append(_word(place * step + column, row, ink(number(one)), small=True))
    for place, name in enumerate(("Pixels", "Kernel", "Products")):
        words.append(_word(place * step + (width - 1) / 2, -0.95, f"<b>{ink(name)}</b>"))
    for place, sign in enumerate(("×", "="), start=1):
        words.append(_word(place * step - 1, (height - 1) / 2, ink(sign)))
    figure = go.Figure(layout={"shapes": cells, "annotations": words})
    lay_out(figure, height=_CELL * height + _TOP + 8, top=0)
    figure.update_layout(dragmode=False, hovermode=False, margin={"l": 0, "r": 0, "t": 0, "b": 4})
    figure.update_xaxes(visible=False, range=[-0.55, 3 * step - _GAP - 0.45], fixedrange=True)
    figure.update_yaxes(visible=False, range=[height - 0.45, -0.5 - _TOP / _CELL], fixedrange=True)
    return figure


def number(value: float) -> str:
    """Return a number as short as a cell wants it, with a true minus sign."""
    size = abs(value)
    digits = 0 if size >= 100 else 1 if size >= 10 else 2
    text = f"{value:.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "0") else text.replace("-", "−")


def _cell(x: float, y: float, paper: str) -> dict[str, object]:
    return {
        "type": "rect",
        "x0": x - 0.5,
        "x1": x + 0.5,
        "y0": y - 0.5,
        "y1": y + 0.5,
        "fillcolor": paper,
        "line": {"color": GREY, "width": 1},
        "layer": "below",
    }


def _word(x: float, y: float, text: str, *, small: bool = False) -> dict[str, object]:
    size = {"size": 11} if small else {}
    return {"x": x, "y": y, "text": text, "showarrow": False, "font": size}


def _on(tone: int, text: str) -> str:
    """Colour text that stands on a grey: it must not follow the theme."""
    color = "#000000" if tone > 117 else "#FFFFFF"
    return f'<span style="color:{color}">{text}</span>'


def _clear(color: str, opacity: float) -> str:
    red, green, blue = (int(color[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:.2f})"
