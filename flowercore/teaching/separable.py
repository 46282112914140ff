"""What a convolution costs when space and channels are looked at together, or one after the other.

Three ways from a map of M channels to one of N, all with stride 1, zero padding and no bias (batch
normalization, which follows each in Xception, makes a bias needless). Source of the three and of
the path between them: Chollet 2017, 'Xception: Deep Learning with Depthwise Separable
Convolutions' (arXiv 1610.02357), section 1.1 and figures 2 to 4.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from flowercore.errors import ConfigError

StepKind = Literal["ordinary", "depthwise", "pointwise"]


@dataclass(frozen=True)
class Sizes:
    """What the three ways have in common.

    Attributes:
        channels_in: M, channels of the map that comes in.
        channels_out: N, channels of the map that goes out.
        kernel: k, side of the kernel in pixels.
        side: D, side of both maps in pixels.
        towers: T, parts into which the Inception-style way divides its N channels.
    """

    channels_in: int
    channels_out: int
    kernel: int
    side: int
    towers: int = 1

    def validate(self) -> None:
        """Check the sizes.

        Raises:
            ConfigError: If one is below 1, or the towers do not divide the channels evenly.
        """
        for name, value in vars(self).items():
            if value < 1:
                raise ConfigError(f"{name} must be at least 1. Received: {value}.")
        if self.channels_out % self.towers:
            raise ConfigError(
                "The towers must divide the output channels evenly. Received: "
                f"{self.towers} towers for {self.channels_out} channels."
            )


@dataclass(frozen=True)
class Step:
    """One convolution of a way.

    Attributes:
        kind: ``ordinary`` looks at places and channels together, ``depthwise`` at the places of
            each channel, ``pointwise`` at the channels of each place.
        parameters: Its weights.
        multiply_adds: Its work on one map.
    """

    kind: StepKind
    parameters: int
    multiply_adds: int


@dataclass(frozen=True)
class Cost:
    """What a way costs.

    Attributes:
        steps: Its convolutions in order.
    """

    steps: tuple[Step, ...]

    @property
    def parameters(self) -> int:
        """Weights in all."""
        return sum(step.parameters for step in self.steps)

    @property
    def multiply_adds(self) -> int:
        """Multiply-adds in all, on one map."""
        return sum(step.multiply_adds for step in self.steps)


def regular(sizes: Sizes) -> Cost:
    """Return the cost of one ordinary convolution: k²·M·N weights.

    Raises:
        ConfigError: If the sizes cannot be used.
    """
    sizes.validate()
    return _cost(sizes, ("ordinary", sizes.kernel**2 * sizes.channels_in * sizes.channels_out))


def inception_towers(sizes: Sizes) -> Cost:
    """Return the cost of an Inception module in its simplified form: M·N + k²·N²/T weights.

    The paper's strictly equivalent form of it: one 1 x 1 convolution from M to N channels, whose
    output is divided into T segments of N/T channels without overlap; an ordinary k x k convolution
    on each by itself gives N/T channels; all of them side by side are the output. One segment is an
    ordinary convolution behind a 1 x 1 convolution; N segments are the 'extreme' form: a depthwise
    separable convolution in the other order.

    Raises:
        ConfigError: If the sizes cannot be used.
    """
    sizes.validate()
    segment = sizes.channels_out // sizes.towers
    return _cost(
        sizes,
        ("pointwise", sizes.channels_in * sizes.channels_out),
        ("ordinary", sizes.towers * sizes.kernel**2 * segment**2),
    )


def depthwise_separable(sizes: Sizes) -> Cost:
    """Return the cost of a depthwise separable convolution: k²·M + M·N weights.

    Raises:
        ConfigError: If the sizes cannot be used.
    """
    sizes.validate()
    return _cost(
        sizes,
        ("depthwise", sizes.kernel**2 * sizes.channels_in),
        ("pointwise", sizes.channels_in * sizes.channels_out),
    )


WAYS: dict[str, Callable[[Sizes], Cost]] = {
    "Regular convolution": regular,
    "Inception-style towers": inception_towers,
    "Depthwise separable": depthwise_separable,
}
"""By what they are called."""


def computed_ratio(sizes: Sizes) -> Fraction:
    """Return what a separable convolution costs, in units of the regular one, by their counts.

    Raises:
        ConfigError: If the sizes cannot be used.
    """
    return Fraction(depthwise_separable(sizes).multiply_adds, regular(sizes).multiply_adds)


def formula_ratio(sizes: Sizes) -> Fraction:
    """Return 1/N + 1/k² (Howard and others 2017, 'MobileNets', arXiv 1704.04861, section 3.1)."""
    return Fraction(1, sizes.channels_out) + Fraction(1, sizes.kernel**2)


def divisors(number: int) -> list[int]:
    """Return all whole numbers that divide a number evenly, ascending."""
    return [one for one in range(1, number + 1) if number % one == 0]


def _cost(sizes: Sizes, *steps: tuple[StepKind, int]) -> Cost:
    # With stride 1 and padding every weight is used once at each place.
    places = sizes.side**2
    return Cost(tuple(Step(kind, weights, places * weights) for kind, weights in steps))
