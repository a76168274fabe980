"""The chapter on funding."""
