"""Kernels forked from one warm parent, where the system can fork.

A kernel spends most of its start on imports. Here one process imports what the notebooks import,
and every kernel is a fork of it: the same ipykernel, the same connection file, the same outputs.
On other systems, or when forking is switched off, papermill starts plain kernels.
"""

import gc
import importlib
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner

CHAPTERS = Path(__file__).with_name("chapters")
PLAIN_VARIABLE = "JINZHOU_PLAIN_KERNELS"
"""Environment variable that, when set, keeps the plain kernels."""
WARM = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "pandas",
    "duckdb",
    "pyarrow.parquet",
    "matplotlib.figure",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "scipy.stats",
    "statsmodels.regression.linear_model",
    "statsmodels.stats.proportion",
    "jinzhou.registry",
    "jinzhou.publish.documents",
    "jinzhou.publish.release",
    *(
        f"jinzhou.chapters.{p.parent.name}"
        for p in sorted(CHAPTERS.glob("*/__init__.py"))
    ),
)
"""What every kernel of a run imports sooner or later; none of it starts a thread of Python."""


def can_fork() -> bool:
    """Whether kernels can be forked here: on Linux, unless switched off."""
    return sys.platform == "linux" and not os.environ.get(PLAIN_VARIABLE)


class WarmParent:
    """A process that has imported what notebooks import, and forks kernels on demand."""

    def __init__(self) -> None:
        self._ours, theirs = multiprocessing.Pipe()
        self._lock = threading.Lock()
        pipe = theirs.fileno()
        # -P: a kernel's modules come from where a plain kernel finds them
        command = [sys.executable, "-P", "-m", "jinzhou.kernels", str(pipe)]
        self._process = subprocess.Popen(command, pass_fds=[pipe])
        theirs.close()

    def start(self, command: Sequence[str], **place: object) -> int:
        """Fork a kernel; its process number."""
        return self._ask("start", list(command), place)

    def status(self, pid: int) -> int | None:
        """Exit status of a kernel; None while it runs."""
        return self._ask("status", pid)

    def stop(self) -> None:
        """End the parent; kernels that still run end with it."""
        with self._lock:
            self._ours.close()
        self._process.wait()

    def _ask(self, *request: object):
        with self._lock:
            self._ours.send(request)
            return self._ours.recv()


class _ForkedKernel:
    """What a provisioner asks of a kernel's process."""

    stdin = stdout = stderr = None

    def __init__(self, parent: WarmParent, command: Sequence[str], **place: object):
        self._parent = parent
        self.pid = parent.start(command, **place)

    def poll(self) -> int | None:
        return self._parent.status(self.pid)

    def wait(self) -> int | None:
        return self.poll()

    def send_signal(self, signum: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, signum)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class _ForkProvisioner(LocalProvisioner):
    """Starts a kernel by asking the warm parent instead of the system."""

    warm: WarmParent
    process: _ForkedKernel | None = None  # type: ignore[assignment]

    async def launch_kernel(self, cmd: list[str], **kwargs):
        env = dict(kwargs.get("env") or os.environ)
        self.cwd = kwargs.get("cwd") or os.getcwd()
        self.process = kernel = _ForkedKernel(self.warm, cmd, cwd=self.cwd, env=env)
        self.pid = self.pgid = kernel.pid
        return self.connection_info


def manager(parent: WarmParent) -> type[AsyncKernelManager]:
    """A kernel manager whose kernels are forks of a warm parent."""

    class ForkingManager(AsyncKernelManager):
        async def _async_pre_start_kernel(self, **kw):
            if self.provisioner is None:
                self.kernel_id = self.kernel_id or "warm"
                self.provisioner = _ForkProvisioner(
                    kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self
                )
                self.provisioner.warm = parent
            return await super()._async_pre_start_kernel(**kw)

        pre_start_kernel = _async_pre_start_kernel

    return ForkingManager


@contextmanager
def warm_parent() -> Iterator[WarmParent | None]:
    """A warm parent for the duration of a run; None where kernels cannot be forked."""
    if not can_fork():
        yield None
        return
    parent = WarmParent()
    try:
        yield parent
    finally:
        parent.stop()


def _serve(requests: Connection) -> None:
    """The warm parent: import, then fork and look after kernels until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the run tells the kernels
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    for name in WARM:
        importlib.import_module(name)
    # what pandas sets where it is imported by a kernel, not by a terminal
    importlib.import_module("pandas").set_option("display.max_columns", 20)
    gc.collect()
    gc.freeze()
    fork = multiprocessing.get_context("fork")
    running: dict[int, BaseProcess] = {}
    ended: dict[int, int | None] = {}
    while True:
        ready = wait([requests, *(p.sentinel for p in running.values())])
        for pid, process in list(running.items()):
            if process.sentinel in ready:
                process.join()
                ended[pid] = running.pop(pid).exitcode
        if requests not in ready:
            continue
        try:
            what, *given = requests.recv()
        except EOFError:
            break
        if what == "status":
            requests.send(ended.get(given[0]))
        else:
            command, place = given
            process = fork.Process(target=_kernel, args=(requests, command, place))
            process.start()
            running[process.pid or 0] = process
            requests.send(process.pid)
    for process in running.values():
        process.kill()
        process.join()
    gc.unfreeze()


def _kernel(
    requests: Connection, command: Sequence[str], place: Mapping[str, object]
) -> None:
    """One kernel, in the fork: what ``python -m ipykernel_launcher`` does."""
    requests.close()
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(place["env"])  # type: ignore[call-overload]
    os.environ["JPY_PARENT_PID"] = str(os.getppid())
    os.chdir(str(place["cwd"]))
    at = next(i for i, word in enumerate(command) if word.startswith("ipykernel"))
    sys.argv = list(command[at:])
    from ipykernel.kernelapp import IPKernelApp

    IPKernelApp.launch_instance()


if __name__ == "__main__":
    _serve(Connection(int(sys.argv[1])))
