"""Progress on stderr, and the caller's callback."""

from __future__ import annotations

import sys
import time


#: Characters of the bar.
WIDTH = 20


class Progress:
    """Called after every epoch; answers True to end the fit.

    As a context it is None where nobody wants to know, so that epochs do not wait for Python.
    """

    def __init__(self, verbose, max_iter, callback):
        self._verbose, self._max_iter, self._callback = verbose, max_iter, callback
        self._last = 0.0

    def __enter__(self):
        return self if self._verbose or self._callback else None

    def __exit__(self, *_):
        if self._verbose:
            print(file=sys.stderr)

    def __call__(self, epoch):
        now = time.monotonic()
        if self._verbose and now - self._last > 0.1:
            self._last = now
            objective = "" if epoch.objective is None else f", objective {epoch.objective:.4g}"
            done = "#" * int(WIDTH * min(1, epoch.cost / self._max_iter))
            text = f"tinynmf [{done:<{WIDTH}}] {epoch.cost:.0f} of {self._max_iter} epochs' work{objective}"
            print(f"\r{text:<90}", end="", file=sys.stderr, flush=True)
        return self._callback is not None and bool(self._callback(epoch))
