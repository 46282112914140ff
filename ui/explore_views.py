"""The views of the Explore page: only the one that is looked at runs."""

from __future__ import annotations

from ui.bring_view import bring
from ui.charts_view import charts
from ui.map_view import photo_map
from ui.photos_view import photos
from ui.problems_view import problems
from ui.view_choice import View

VIEWS = {
    "photos": View("Photos", photos),
    "charts": View("Charts", charts),
    "map": View("Map", photo_map),
    "problems": View("Problems", problems),
    "bring": View("Bring photos in", bring),
}
"""By the name that the address has for it, the usual one first."""
