"""Quarterly poverty-registry briefs and follow-up lists for county offices.

Data moves one way: registry -> measures / models -> exhibits -> notebooks -> briefs.
"""

from importlib.metadata import version

__version__ = version("jinzhou")
