"""The sections of the risk chapter, by question."""
