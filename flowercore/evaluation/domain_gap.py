"""How much worse a run is on photos from elsewhere, and whether that may be chance."""

from __future__ import annotations

import math
from dataclasses import dataclass

from flowercore.evaluation.intervals import Interval, wilson_interval


@dataclass(frozen=True)
class DomainGap:
    """The accuracy on a run's own test photos, less that on others.

    Attributes:
        own: Accuracy on its own test photos.
        here: Accuracy on the others.
        interval: 95 % interval of the difference own - here.
    """

    own: float
    here: float
    interval: Interval

    @property
    def worse(self) -> bool:
        """Whether it is worse on the others, and not by chance."""
        return self.interval[0] > 0

    @property
    def better(self) -> bool:
        """Whether it is better on the others, and not by chance."""
        return self.interval[1] < 0


def domain_gap(own: tuple[int, int], here: tuple[int, int]) -> DomainGap:
    """Compare a run on its own test photos and on others, of which none is in both.

    Args:
        own: Photos that were named right, and photos in all, at least one.
        here: The same of the others.

    Source of the interval: R. G. Newcombe, "Interval estimation for the difference between
    independent proportions: comparison of eleven methods", Statistics in Medicine 17 (1998),
    873-890, method 10.
    """
    first, second = own[0] / own[1], here[0] / here[1]
    (low_1, high_1), (low_2, high_2) = wilson_interval(*own), wilson_interval(*here)
    difference = first - second
    return DomainGap(
        first,
        second,
        (
            difference - math.hypot(first - low_1, high_2 - second),
            difference + math.hypot(high_1 - first, second - low_2),
        ),
    )
