"""The chapter on review."""
