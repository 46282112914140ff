"""What a run is worth, to take home: one HTML file that works offline, and the numbers as JSON."""
