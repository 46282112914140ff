"""The course's notebook, step by step, with today's code of this package."""
