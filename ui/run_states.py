"""How the states of a run look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ANCHOR = "run"
"""Where on the page the chosen run is shown: a phone shows it far below the settings."""

Color = Literal["gray", "blue", "green", "orange", "red"]


@dataclass(frozen=True)
class Badge:
    """How one state looks."""

    label: str
    icon: str
    color: Color


BADGES = {
    "waiting": Badge("Waiting", ":material/hourglass_top:", "gray"),
    "features": Badge("Looking at the photos", ":material/visibility:", "blue"),
    "training": Badge("Training", ":material/model_training:", "blue"),
    "finished": Badge("Finished", ":material/check_circle:", "green"),
    "stopped": Badge("Stopped", ":material/stop_circle:", "orange"),
    "failed": Badge("Failed", ":material/error:", "red"),
    "damaged": Badge("Damaged", ":material/broken_image:", "red"),
}
