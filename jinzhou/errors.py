"""Every error the package can raise.

A message says what was found, what was expected and what to do. It is named by a key, and its
words stand in ``messages.<lang>.toml`` of the room that raises it. Names, identity numbers and
other personal values never enter a message.
"""

import os
from collections.abc import Iterable, Mapping, Sequence

from jinzhou.words import LANGUAGES, PACKAGE, Words, words

LANGUAGE_VARIABLE = "JINZHOU_LANG"
"""Environment variable by which the command line tells its kernels the language."""

_language = os.environ.get(LANGUAGE_VARIABLE, "zh")


def speak(language: str) -> None:
    """Choose the language of messages, ``"zh"`` (default) or ``"en"``."""
    global _language
    if language not in LANGUAGES:
        raise ParameterError("errors.language", found=language, known=LANGUAGES)
    _language = language


def language() -> str:
    """The language of messages that was chosen, or of the environment."""
    return _language


def message(key: str, lang: str = "", **values: object) -> str:
    """The words of a message.

    Parameters
    ----------
    key : str
        ``room.topic.name``: ``messages.<lang>.toml`` of the room holds ``[topic]`` with ``name``.
        A key whose first part is no room stands in the package's own ``messages.<lang>.toml``.
    lang : str
        Empty for the language chosen with `speak`.
    **values
        What fills the message; what differs by language is a mapping by language.
    """
    room, _, rest = key.partition(".")
    lang = lang or _language
    values = {
        name: value[lang] if isinstance(value, Mapping) and lang in value else value
        for name, value in values.items()
    }
    if (PACKAGE / room).is_dir():
        return _messages(room, lang)(rest, **values)
    return _messages("", lang)(key, **values)


def by_language(names: Iterable[Sequence[str]]) -> dict[str, list[str]]:
    """Names given as (Chinese, English), as what fills a message by language."""
    pairs = list(names)
    return {
        lang: [pair[min(place, 1)] for pair in pairs]
        for place, lang in enumerate(LANGUAGES)
    }


def _messages(room: str, lang: str) -> Words:
    return words(f"{room}/messages" if room else "messages", lang)


class JinzhouError(Exception):
    """Base of all expected failures.

    Parameters
    ----------
    key : str
        Name of the message, see `message`.
    **values
        What fills the message: counts, names of columns and files, never a person's data.
    """

    def __init__(self, key: str, en: str = "", **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.details = values
        self._given = (key, en) if en else None

    def __reduce__(self):
        return _again, (type(self), self.key, self.details, self._given)

    def said(self, lang: str) -> str:
        """The message in one language."""
        if self._given:
            return self._given[lang != "zh"]
        return message(self.key, lang, **self.details)

    def __str__(self) -> str:
        return self.said(_language)


def _again(kind, key, details, given):
    return kind(*(given or (key,)), **details)


class ParameterError(JinzhouError, ValueError):
    """A parameter is outside what the function accepts; the message lists what it accepts."""


class RegistryError(JinzhouError):
    """The exports or the store are not as expected; `.details` holds file, table, column, rows."""


class EstimationError(JinzhouError):
    """A model could not be fitted; `.details` holds the diagnostics."""


class ReleaseError(JinzhouError):
    """An output could not be written, or its audience may not see it."""
