"""The sections of the illness chapter, by question."""
