"""The leader's page of a workshop, in views."""
