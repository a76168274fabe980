"""Efficiency frontiers: envelopment, stochastic, productivity over time."""
