"""A photo with a part of it covered: what would a model say without that part?"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

Box = tuple[float, float, float, float]
"""Left, top, right and bottom as shares 0..1 of width and height."""


def covered(photo: bytes, box: Box | None) -> bytes:
    """Cover a part of a photo with the photo's mean colour, which says least.

    Args:
        photo: The upright photo as a JPEG or PNG.
        box: The part; None covers nothing. What is compared must have been compressed alike.

    Returns:
        A JPEG of the same size.

    Raises:
        ValueError: If the box leaves the photo or its sides are swapped.
    """
    picture = Image.open(io.BytesIO(photo)).convert("RGB")
    if box is not None:
        left, top, right, bottom = box
        if not (0 <= left <= right <= 1 and 0 <= top <= bottom <= 1):
            raise ValueError(f"A part must lie in the photo, its sides in order. Received: {box}.")
        mean = np.asarray(picture).reshape(-1, 3).mean(axis=0).round().astype(int)
        width, height = picture.size
        place = (round(left * width), round(top * height))
        end = (round(right * width), round(bottom * height))
        picture.paste(tuple(int(one) for one in mean), (*place, *end))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=92)
    return out.getvalue()
