"""The chapter on illness."""
