"""What the networks are made of, layer by layer, kept as data."""
