"""From photos to features to a trained head."""
