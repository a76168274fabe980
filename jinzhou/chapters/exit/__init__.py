"""The chapter on exit."""
