"""The square of a photo that the network is shown, and where it lies in the photo."""

from __future__ import annotations

import numpy as np

from flowercore.backbones import registry
from flowercore.data import views
from ui.chapters.photo import ChosenPhoto

SIZE = registry.get(registry.DEFAULT).input_size
"""Side of the square, pixels."""


def as_shown(photo: ChosenPhoto) -> np.ndarray:
    """Return the pixels that the default backbone gets of a photo, uint8 (SIZE, SIZE, 3).

    Raises:
        PhotoError: If the photo cannot be read.
    """
    return views.pixels(photo.picture, [views.PLAIN], name=photo.name, size=SIZE)[0]
