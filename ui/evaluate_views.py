"""The views of the Evaluate page: only the one that is looked at runs."""

from __future__ import annotations

from ui.certainty_view import certainty
from ui.classes_view import classes
from ui.confusions_view import confusions
from ui.mistakes_view import mistakes
from ui.robustness_view import robustness
from ui.view_choice import View

VIEWS = {
    "confusions": View("Confusions", confusions),
    "classes": View("Classes", classes),
    "certainty": View("Certainty", certainty),
    "mistakes": View("Mistakes", mistakes),
    "robustness": View("Robustness", robustness),
}
"""By the name that the address has for it, the usual one first."""
