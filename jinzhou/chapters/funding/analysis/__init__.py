"""What the chapter computes."""
