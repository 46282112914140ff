"""What a run is worth, in numbers with their uncertainty."""
