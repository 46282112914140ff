"""Photos, archives, datasets and splits."""
