"""The REST interface: what programs ask, in the same server as the pages. No screen."""
