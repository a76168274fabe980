"""Quarterly poverty-registry briefs and follow-up lists for county offices.

Data moves one way: registry -> chapters (with statistics) -> publish; notebooks call chapters and publish.
"""

from importlib.metadata import version

__version__ = version("jinzhou")
