"""The edges: one folder for each outside world."""
