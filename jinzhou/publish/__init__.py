"""This room is the only one that writes what people read: tables, lists, briefs, manifests.

It leaves every calculation shown to a reader to the rooms before it.
"""
