"""Taking a run home: models that work without Flower Lab, and a card that says what they are."""

from flowercore.export.bundle import Exported, export_run

__all__ = ["Exported", "export_run"]
