"""The sections of the monitoring chapter, by question."""
