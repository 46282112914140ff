"""A room that works together: who is in it, what its leader allows, and how its runs are doing."""
