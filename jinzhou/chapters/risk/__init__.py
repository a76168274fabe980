"""The chapter on risk."""
