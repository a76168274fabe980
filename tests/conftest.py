"""One small synthetic registry, loaded once for all tests that need a store."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.snapshots import snapshot

SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture(scope="session")
def exports(tmp_path_factory) -> Path:
    """Folder of exports of a synthetic registry of 3,000 households."""
    from jinzhou.synthetic import synthesize

    folder = tmp_path_factory.mktemp("registry") / "exports"
    synthesize(folder, households=3_000, seed=7)
    return folder


@pytest.fixture(scope="session")
def store(exports) -> Path:
    """The store loaded from `exports`."""
    from jinzhou.registry import load

    load(exports, exports.parent / "data" / "store")
    return exports.parent / "data" / "store"


@pytest.fixture(scope="session")
def panel(store):
    """The panel of `store` as known on 30 September 2018."""
    from jinzhou import registry

    return registry.panel(snapshot(store, "2018-09-30"))


@pytest.fixture(autouse=True)
def _chinese_messages():
    """Messages are Chinese unless a test asks otherwise."""
    from jinzhou import errors

    errors.speak("zh")
    yield
    errors.speak("zh")
