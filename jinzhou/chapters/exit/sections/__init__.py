"""The sections of the exit chapter, by question."""
