"""Sections of the funding chapter, by question."""
