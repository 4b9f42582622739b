"""The scikit-learn estimator."""

from __future__ import annotations

import warnings
from numbers import Integral
from typing import Any, Callable

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_array, check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from tinynmf import _tinynmf
from tinynmf._matrix import FLOATS, check_entries, rows, unmasked
from tinynmf._parameters import check_parameters
from tinynmf._progress import Progress

#: The ranks that ``n_components="auto"`` tries at most, and in how many parts entries are hidden.
MOST, FOLDS = 16, 4

#: What a fit tells of itself, and a batch after it does not know.
_OF_A_FIT = ("n_iter_", "cost_", "reconstruction_err_", "converged_", "history_")


class NMF(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Non-negative matrix factorization X ≈ WH by sweeps over samples of X whose size grows as the fit needs it.

    Minimises ½‖X − WH‖²_F + penalties over W (n_samples × n_components) ≥ 0 and H (n_components × n_features) ≥ 0.
    NaN in X means *missing*, and so do masked entries of a masked array: those entries do not count. The arithmetic is that
    of 32-bit floats.

    Parameters
    ----------
    n_components : int or "auto", default=None
        The rank r. None is the smaller side of X. ``"auto"`` fits every rank from 1 to 16 without a quarter of the
        entries, four times, and takes the one that tells them best (Wold 1978); ``ranks_`` has all. Dense X only.
    rule : str, default=None
        The schedule, by name: ``"hals"``, ``"sweeps(1.5,2)"``, ``"schedule"`` (learned), …; see :mod:`tinynmf.rules`. None is
        the program's own default, or the rule that asks ``policy`` if there is one.
    policy : Policy, default=None
        Whom ``rule="schedule"`` and ``rule="learned"`` ask. None is the policy that ships.
    init : {"random", "nndsvd", "nndsvda", "custom"}, default="random"
        Where to start. ``"custom"`` takes W and H from :meth:`fit_transform`'s arguments.
    known_components : array-like of shape (n_known, n_features), default=None
        Components that are known: the first rows of ``components_`` stay these, and the others are found beside them.
    n_starts : int, default=1
        Random starts to make; the one of lowest objective is kept. Start i has the seed plus i.
    max_iter : int, default=1000
        The work to do at most, in epochs on all of X. A schedule that looks at samples does more, cheaper epochs.
    tol : float, default=1e-6
        The fit ends when the objective falls by less than this share of itself over one epoch's worth of work.
    alpha_W, alpha_H, l1_ratio : float, default=0, "same", 0
        Penalties, scaled as scikit-learn's: ``alpha_W·n_features·(l1_ratio·ΣW + ½(1 − l1_ratio)·‖W‖²)``, and
        ``alpha_H·n_samples·(…)`` for H. ``alpha_H="same"`` is alpha_W.
    forget_factor : float, default=0.9
        What :meth:`partial_fit` multiplies its memory of earlier batches with at every new one; 1 forgets nothing.
    random_state : int, RandomState or None, default=None
        The seed. An int, from 0 to 2^64 − 1, gives what the program gives for ``--seed``.
    n_threads : int, default=None
        Threads at most, up to 1024; None is one a core.
    portable : bool, default=False
        Takes the arithmetic of the microcontrollers: the same bits on every machine, and no copy of a float32 X in
        row-major order; slower, above all at high ranks. Dense X without NaN only.
    verbose : int, default=0
        1 draws progress on stderr.
    callback : callable, default=None
        Called after every epoch with a :class:`tinynmf.Epoch`; the fit ends when it returns True.

    Attributes
    ----------
    components_ : ndarray of shape (n_components, n_features)
        H.
    n_components_ : int
        The rank.
    ranks_ : ndarray of shape (n_ranks, 3)
        With ``n_components="auto"``: rank, relative error on hidden entries, its standard error.
    n_iter_ : int
        Epochs done.
    cost_ : float
        What they cost, in epochs on all of X.
    reconstruction_err_ : float
        ‖X − WH‖_F over the known entries.
    converged_ : bool
        Whether the tolerance ended the fit.
    history_ : ndarray of shape (n_points, 3)
        Epoch, cost and objective wherever the objective was known. This and the four before it are of a fit:
        :meth:`partial_fit` removes them with the second batch.
    n_steps_ : int
        Batches of :meth:`partial_fit` that were taken in; 1 after a fit.
    n_features_in_, feature_names_in_
        As everywhere in scikit-learn.

    Examples
    --------
    >>> import numpy as np, tinynmf
    >>> X = np.array([[9, 0, 3], [8, 0, 3], [0, 7, 7], [9, 7, 9.5]])
    >>> model = tinynmf.NMF(n_components=2, random_state=0, tol=1e-6)
    >>> W = model.fit_transform(X)
    >>> bool(np.abs(W @ model.components_ - X).max() < 0.5)
    True
    """

    def __init__(
        self,
        n_components: int | str | None = None,
        *,
        rule: str | None = None,
        policy: _tinynmf.Policy | None = None,
        init: str = "random",
        known_components: Any = None,
        n_starts: int = 1,
        max_iter: int = 1000,
        tol: float = 1e-6,
        alpha_W: float = 0.0,
        alpha_H: float | str = "same",
        l1_ratio: float = 0.0,
        forget_factor: float = 0.9,
        random_state: Any = None,
        n_threads: int | None = None,
        portable: bool = False,
        verbose: int = 0,
        callback: Callable[[_tinynmf.Epoch], Any] | None = None,
    ):
        self.n_components = n_components
        self.rule = rule
        self.policy = policy
        self.init = init
        self.known_components = known_components
        self.n_starts = n_starts
        self.max_iter = max_iter
        self.tol = tol
        self.alpha_W = alpha_W
        self.alpha_H = alpha_H
        self.l1_ratio = l1_ratio
        self.forget_factor = forget_factor
        self.random_state = random_state
        self.n_threads = n_threads
        self.portable = portable
        self.verbose = verbose
        self.callback = callback

    def fit(self, X, y=None, W=None, H=None):
        """Learns the components H of X.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The matrix; NaN and masked entries of a dense one are missing.
        y : Ignored
            For scikit-learn's interface.
        W : array-like of shape (n_samples, n_components), default=None
            Where W starts, with ``init="custom"``.
        H : array-like of shape (n_components, n_features), default=None
            Where H starts, with ``init="custom"``.

        Returns
        -------
        self : NMF
            The fitted estimator.
        """
        self.fit_transform(X, W=W, H=H)
        return self

    def fit_transform(self, X, y=None, W=None, H=None):
        """Learns the components H of X and returns W.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The matrix; NaN and masked entries of a dense one are missing.
        y : Ignored
            For scikit-learn's interface.
        W : array-like of shape (n_samples, n_components), default=None
            Where W starts, with ``init="custom"``.
        H : array-like of shape (n_components, n_features), default=None
            Where H starts, with ``init="custom"``.

        Returns
        -------
        W : ndarray of shape (n_samples, n_components)
            The parts' shares in each row.
        """
        check_parameters(self)
        X = self._checked(X, reset=True)
        return self._fit(X, W, H)

    def transform(self, X):
        """The W of new rows for the learned H: non-negative least squares, row by row, exact.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            New rows; NaN and masked entries of a dense X are missing.

        Returns
        -------
        W : ndarray of shape (n_samples, n_components)
            The parts' shares in each row.
        """
        check_is_fitted(self)
        X = self._checked(X, reset=False)
        return self._latents(X)

    def inverse_transform(self, X):
        """W times H.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_components)
            W.

        Returns
        -------
        X : ndarray of shape (n_samples, n_features)
            What the parts make up.
        """
        check_is_fitted(self)
        W = check_array(X, dtype=FLOATS, accept_sparse=("csr", "csc"))
        return W @ self.components_

    def partial_fit(self, X, y=None):
        """Takes in a batch of rows and improves H; the first batch is fitted whole.

        What is kept of earlier batches are WᵀW and WᵀX, so that H moves by sweeps on all that was seen
        (online dictionary learning, Mairal et al. 2010).

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The batch; NaN and masked entries of a dense one are missing.
        y : Ignored
            For scikit-learn's interface.

        Returns
        -------
        self : NMF
            The estimator, with what a fit tells of itself (``history_`` and the like) removed from the second batch on.
        """
        check_parameters(self)
        first = not hasattr(self, "components_")
        X = self._checked(X, reset=first)
        if first:
            self._fit(X, None, None)
            return self
        gram, products = self._moments(X, self._latents(X))
        self._gram = self.forget_factor * self._gram + gram
        self._products = self.forget_factor * self._products + products
        self._seen = self.forget_factor * self._seen + X.shape[0]
        l1, l2 = self._penalties(1, self._seen)[1]
        self._sweep(l1, l2)
        self.n_steps_ += 1
        for name in _OF_A_FIT:
            vars(self).pop(name, None)
        return self

    def _checked(self, X, reset):
        X = validate_data(
            self,
            unmasked(X),
            reset=reset,
            accept_sparse=("csr", "csc"),
            dtype=FLOATS,
            ensure_all_finite="allow-nan",
        )
        # Nothing to learn from, but a sum of no parts.
        check_entries(X, f"{type(self).__name__} (input X)", zero=not reset)
        return X

    def _fit(self, X, W, H):
        rank = self._rank(X)
        if rank > min(X.shape):
            text = f"n_components={rank} is above the smaller side of X, {min(X.shape)}: {min(X.shape)} are enough"
            warnings.warn(text, UserWarning, stacklevel=3)
        how = self._how(X, self._start(X, rank, W, H))
        with Progress(self.verbose, self.max_iter, self.callback) as observer:
            found = _tinynmf.factorize(rows(X), rank, how, observer)
        if found.diverged:
            rule = self._rule() or _tinynmf.default_rule()
            raise FloatingPointError(f"rule {rule!r} diverged: choose another rule or a smaller step")
        if self.tol > 0 and not (found.converged or found.stopped):
            text = f"not converged after {self.max_iter} epochs: raise max_iter, or tol"
            warnings.warn(text, ConvergenceWarning, stacklevel=3)
        self.n_components_ = rank
        self.components_ = found.h.astype(X.dtype, copy=False)
        self.n_iter_ = found.epochs
        self.cost_ = found.cost
        self.converged_ = found.converged
        self.reconstruction_err_ = float(np.sqrt(2 * found.loss))
        self.history_ = found.history
        W = found.w.astype(X.dtype, copy=False)
        self._gram, self._products = self._moments(X, W)
        self._seen = float(X.shape[0])
        self.n_steps_ = 1
        return W

    def _rank(self, X):
        if self.n_components != "auto":
            return min(X.shape) if self.n_components is None else int(self.n_components)
        if self.init == "custom":
            raise ValueError("n_components='auto' tries ranks, so that init='custom' cannot be")
        known = 0 if self.known_components is None else len(self.known_components)
        ranks = list(range(max(known, 1), max(known, min(MOST, *X.shape)) + 1))
        self.ranks_ = np.array(_tinynmf.cross_validate(rows(X), ranks, FOLDS, self._how(X, None)))
        return int(self.ranks_[np.argmin(self.ranks_[:, 1]), 0])

    def _how(self, X, start):
        (l1_w, l2_w), (l1_h, l2_h) = self._penalties(X.shape[1], X.shape[0])
        return {
            "rule": self._rule(),
            "policy": self.policy,
            "init": self.init,
            "start": start,
            "known": self._known(X),
            "starts": self.n_starts,
            "max_epochs": self.max_iter,
            "tol": self.tol,
            "seed": self._seed(),
            "penalties": (l1_w, l2_w, l1_h, l2_h),
            "threads": self.n_threads or 0,
            "portable": bool(self.portable),
        }

    def _rule(self):
        """The rule by name: that of the policy, if only a policy is given."""
        if self.rule is None and self.policy is not None:
            return "schedule" if self.policy.kind == "schedule" else "learned"
        return self.rule

    def _start(self, X, rank, W, H):
        if self.init != "custom":
            if W is not None or H is not None:
                raise ValueError("W and H are only read with init='custom'")
            return None
        if W is None or H is None:
            raise ValueError("init='custom' needs both W and H")
        shapes = {"W": (X.shape[0], rank), "H": (rank, X.shape[1])}
        start = []
        for (name, shape), factor in zip(shapes.items(), (W, H)):
            factor = check_array(factor, dtype=np.float32, order="C", input_name=name)
            if factor.shape != shape:
                raise ValueError(f"{name} has shape {factor.shape}, but {shape} is needed")
            check_entries(factor, f"{type(self).__name__} (start {name})")
            start.append(factor)
        return tuple(start)

    def _known(self, X):
        if self.known_components is None:
            return None
        known = check_array(self.known_components, dtype=np.float32, order="C", input_name="known_components")
        if known.shape[1] != X.shape[1]:
            raise ValueError(f"known_components has {known.shape[1]} features, but X has {X.shape[1]}")
        if isinstance(self.n_components, Integral) and len(known) > self.n_components:
            raise ValueError(f"known_components has {len(known)} rows, but n_components={self.n_components}")
        check_entries(known, f"{type(self).__name__} (known_components)")
        return known

    def _penalties(self, n_features, n_samples):
        """(l1, l2) of W and of H."""
        alpha_h = self.alpha_W if self.alpha_H == "same" else self.alpha_H
        share = self.l1_ratio
        pairs = [(self.alpha_W, n_features), (alpha_h, n_samples)]
        return [(alpha * size * share, alpha * size * (1 - share)) for alpha, size in pairs]

    def _seed(self):
        state = self.random_state
        if isinstance(state, Integral) and not isinstance(state, bool):
            return int(state)
        return int(check_random_state(state).randint(np.iinfo(np.int32).max))

    def _latents(self, X):
        l1, l2 = self._penalties(X.shape[1], 1)[0]
        W = _tinynmf.latents(rows(X), self.components_.astype(np.float64), l1, l2, self.n_threads or 0)
        return W.astype(X.dtype, copy=False)

    def _moments(self, X, W):
        """WᵀW and WᵀX, with WH where X is missing."""
        if not sparse.issparse(X) and np.isnan(X.sum()):
            X = np.where(np.isnan(X), W @ self.components_, X)
        products = W.T @ X
        W = W.astype(np.float64, copy=False)
        return W.T @ W, products.astype(np.float64, copy=False)

    def _sweep(self, l1, l2, count=3):
        """Sweeps over the components of H for what is kept of all batches."""
        H, gram = self.components_.astype(np.float64), self._gram
        known = 0 if self.known_components is None else len(self.known_components)
        for _ in range(count):
            for j in known + np.flatnonzero(gram.diagonal()[known:] > 0):
                slope = gram[j] @ H - self._products[j] + l1 + l2 * H[j]
                H[j] = np.maximum(0, H[j] - slope / (gram[j, j] + l2))
        self.components_ = H.astype(self.components_.dtype)

    @property
    def _n_features_out(self):
        return self.components_.shape[0]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.positive_only = True
        tags.input_tags.sparse = True
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
