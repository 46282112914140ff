"""How the sample garden is painted: brush, shapes, species, surroundings, camera."""
