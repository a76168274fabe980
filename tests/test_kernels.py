"""Kernels forked from a warm parent do what plain kernels do."""

import os
import signal
import time

import nbformat
import pytest

from jinzhou.errors import JinzhouError
from jinzhou.kernels import PLAIN_VARIABLE, can_fork, warm_parent
from jinzhou.run import execute

pytestmark = pytest.mark.skipif(not can_fork(), reason="kernels are forked on Linux")
PARAMETERS = nbformat.v4.new_code_cell(
    'word: str = "b"', metadata={"tags": ["parameters"]}
)
SHOWN = """
import os, sys
import pandas as pd
from matplotlib.figure import Figure
print(word, os.path.basename(os.getcwd()), sys.argv[1:] and "connected")
figure = Figure(figsize=(2, 1))
figure.subplots().plot([1, 2, 3])
pd.DataFrame({f"column {i}": [i] * 3 for i in range(25)})
"""


def notebook(path, *sources):
    cells = [PARAMETERS, *map(nbformat.v4.new_code_cell, sources)]
    kernel = {
        "kernelspec": {
            "name": "python3",
            "display_name": "Python 3",
            "language": "python",
        }
    }
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), path)
    return path


@pytest.fixture(scope="module")
def parent():
    with warm_parent() as found:
        yield found


def test_a_forked_kernel_writes_the_bytes_of_a_plain_one(tmp_path, parent):
    book = notebook(tmp_path / "book.ipynb", SHOWN, "figure", "print(frame := 1); word")
    written = [
        execute(book, tmp_path / name / "book.ipynb", {"word": "县"}, parent=p)
        for name, p in (("plain", None), ("forked", parent))
    ]
    plain, forked = (path.read_bytes() for path in written)
    assert plain == forked
    assert "column 24" in plain.decode() and "县" in plain.decode()


def test_kernels_of_one_parent_know_nothing_of_each_other(tmp_path, parent):
    first = notebook(tmp_path / "first.ipynb", "import pandas; pandas.trace = word")
    second = notebook(
        tmp_path / "second.ipynb", "import pandas; hasattr(pandas, 'trace')"
    )
    execute(first, tmp_path / "out" / "first.ipynb", {}, parent=parent)
    done = execute(second, tmp_path / "out" / "second.ipynb", {}, parent=parent)
    assert "False" in done.read_text(encoding="utf-8")


def test_a_failing_cell_is_reported_as_from_a_plain_kernel(tmp_path, parent):
    book = notebook(tmp_path / "book.ipynb", "1 / 0")
    with pytest.raises(JinzhouError, match="division by zero"):
        execute(book, tmp_path / "out" / "book.ipynb", {}, parent=parent)


def test_a_killed_kernel_ends_the_run_and_not_the_parent(tmp_path, parent):
    dead = notebook(tmp_path / "dead.ipynb", "import os; os.kill(os.getpid(), 9)")
    with pytest.raises(Exception, match="died"):
        execute(dead, tmp_path / "out" / "dead.ipynb", {}, parent=parent)
    alive = notebook(tmp_path / "alive.ipynb", "word")
    execute(alive, tmp_path / "out" / "alive.ipynb", {}, parent=parent)


def test_no_kernel_outlives_its_parent(tmp_path):
    book = notebook(tmp_path / "book.ipynb", "import os; print(os.getpid())")
    with warm_parent() as parent:
        done = execute(book, tmp_path / "out" / "book.ipynb", {}, parent=parent)
        pid = parent.start(["python", "-m", "ipykernel_launcher"], cwd=tmp_path, env={})
        assert parent.status(pid) is None
    output = nbformat.read(done, as_version=4).cells[-1].outputs[0].text
    for process in (int(output), pid):
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def test_the_end_of_a_kernel_is_known(tmp_path, parent):
    pid = parent.start(["python", "-m", "ipykernel_launcher"], cwd=tmp_path, env={})
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + 60
    while parent.status(pid) is None and time.monotonic() < deadline:
        time.sleep(0.1)
    assert parent.status(pid) is not None


def test_forking_can_be_switched_off(monkeypatch):
    monkeypatch.setenv(PLAIN_VARIABLE, "1")
    assert not can_fork()
    with warm_parent() as parent:
        assert parent is None
