"""The course: what its chapters compute and say."""
