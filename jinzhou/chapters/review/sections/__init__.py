"""The sections of the review, by question."""
