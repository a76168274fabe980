"""This room answers the questions of the brief, one folder per chapter.

It leaves estimators to `statistics`, rows to `registry`, and files to `publish`.
"""
