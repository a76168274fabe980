"""The chapter on monitoring."""
