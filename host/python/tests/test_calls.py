"""Callbacks, progress, Ctrl-C, and the interpreter's lock."""

import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from conftest import planted

import tinynmf

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

#: Takes minutes, unless somebody ends it.
ENDLESS = dict(n_components=20, rule="hals", tol=0, max_iter=10**9, random_state=0)


def test_a_callback_sees_every_epoch_in_the_callers_thread_and_may_end_the_fit():
    seen = []

    def callback(epoch):
        seen.append((epoch, threading.get_ident()))
        return epoch.epoch == 7

    model = tinynmf.NMF(3, rule="hals", tol=0, callback=callback, random_state=0).fit(planted())
    assert model.n_iter_ == 7 and [epoch.epoch for epoch, _ in seen] == list(range(1, 8))
    assert {thread for _, thread in seen} == {threading.get_ident()}
    losses = [epoch.objective for epoch, _ in seen]
    assert losses == sorted(losses, reverse=True)
    assert seen[-1][0].cost == pytest.approx(model.cost_)
    assert list(seen[0][0].shares) == [1, 1] and list(seen[0][0].moves[0]) == [1]


@pytest.mark.parametrize("n_starts", [1, 3])
def test_what_a_callback_raises_is_raised(n_starts):
    def callback(epoch):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        tinynmf.NMF(3, callback=callback, n_starts=n_starts, random_state=0).fit(planted())


def test_progress_is_drawn_on_stderr(capfd):
    tinynmf.NMF(3, verbose=1, random_state=0).fit(planted())
    out, err = capfd.readouterr()
    assert out == "" and "tinynmf [" in err and "] 0 of 1000 epochs' work" in err
    tinynmf.NMF(3, random_state=0).fit(planted())
    assert capfd.readouterr() == ("", "")


def test_other_threads_run_meanwhile():
    beats = []
    stop = threading.Event()

    def beat():
        while not stop.wait(0.01):
            beats.append(time.monotonic())

    thread = threading.Thread(target=beat)
    thread.start()
    start = time.monotonic()
    # No callback: nothing of Python runs in between.
    model = tinynmf.NMF(20, rule="hals", tol=0, max_iter=3000, random_state=0, n_threads=1)
    model.fit(planted(800, 600, 20, noise=0.5, dtype=np.float32))
    end = time.monotonic()
    stop.set()
    thread.join()
    inside = [beat for beat in beats if start < beat < end]
    assert end - start > 0.2 and len(inside) > 0.3 * (end - start) / 0.01


# Whoever starts the tests in the background may have it ignored, which a child inherits.
PROGRAM = """
import numpy as np, signal, sys, time, tinynmf
signal.signal(signal.SIGINT, signal.default_int_handler)
V = np.random.default_rng(0).random((400, 300), dtype=np.float32)
print("ready", flush=True)
try:
    tinynmf.NMF(**{settings!r}).fit(V)
except KeyboardInterrupt:
    print("interrupted", time.time(), flush=True)
"""


@pytest.mark.parametrize("settings", [ENDLESS | dict(n_threads=2), ENDLESS | dict(n_starts=4)], ids=["one", "four"])
def test_ctrl_c_is_heard_within_a_second(settings):
    program = [sys.executable, "-c", PROGRAM.format(settings=settings)]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.5)
        sent = time.time()
        os.kill(process.pid, signal.SIGINT)
        word, heard = process.stdout.readline().split()
        assert word == "interrupted" and float(heard) - sent < 1
        assert process.wait() == 0
