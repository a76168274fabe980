"""Every error the package can raise.

A message says what was found, what was expected and what to do, in the language chosen with
`speak`. Names, identity numbers and other personal values never enter a message.
"""

from __future__ import annotations

import os

LANGUAGE_VARIABLE = "JINZHOU_LANG"
"""Environment variable by which the command line tells its kernels the language."""

_language = os.environ.get(LANGUAGE_VARIABLE, "zh")


def speak(language: str) -> None:
    """Choose the language of messages, ``"zh"`` (default) or ``"en"``."""
    global _language
    if language not in ("zh", "en"):
        raise ParameterError(
            f"语言为 {language!r}；应为 zh 或 en。",
            f"language={language!r}; expected zh or en.",
        )
    _language = language


class JinzhouError(Exception):
    """Base of all expected failures.

    Parameters
    ----------
    zh, en : str
        The message in Chinese and in English (found, expected, what to do).
    details : mapping, optional
        Counts, rules or rows for a program to read; never printed, never personal.
    """

    def __init__(self, zh: str, en: str, **details: object) -> None:
        super().__init__(zh, en)
        self.zh = zh
        self.en = en
        self.details = details

    def __str__(self) -> str:
        return self.zh if _language == "zh" else self.en


class ParameterError(JinzhouError, ValueError):
    """A parameter is outside what the function accepts; the message lists what it accepts."""


class RegistryError(JinzhouError):
    """The exports or the store are not as expected; `.details` holds file, table, column, rows."""


class EstimationError(JinzhouError):
    """A model could not be fitted; `.details` holds the diagnostics."""


class ReleaseError(JinzhouError):
    """An output could not be written, or its audience may not see it."""
