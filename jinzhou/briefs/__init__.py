"""This room is the only one that writes what people read: tables, lists, briefs, manifests.

It leaves every calculation shown to a reader to the rooms before it.
"""

from jinzhou.publish.documents import write_brief
from jinzhou.publish.release import release, write_workbooks

__all__ = ["release", "write_brief", "write_workbooks"]
