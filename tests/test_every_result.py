"""Every answer of the package has its sentence."""

import importlib
import pkgutil

import jinzhou
from jinzhou.result import Result


def test_every_result_says_itself():
    """No reader meets the base class, which has no sentence."""
    for module in pkgutil.walk_packages(jinzhou.__path__, "jinzhou."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    kinds = list(Result.__subclasses__())
    for kind in kinds:
        kinds.extend(kind.__subclasses__())
    here = [kind for kind in kinds if kind.__module__.startswith("jinzhou.")]
    assert len(here) > 100
    assert not [k.__name__ for k in here if k.sentence is Result.sentence]
