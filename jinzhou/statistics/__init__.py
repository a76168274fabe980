"""This room estimates and measures on plain frames: rates, hazards, frontiers, tests.

It leaves rows and dates to `registry`, and words and figures to `chapters`.
"""
