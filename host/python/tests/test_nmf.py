"""The estimator: what its results are."""

import pickle
from types import SimpleNamespace

import numpy as np
import pytest
import scipy.optimize
from conftest import planted
from scipy import sparse
from sklearn.base import clone
from sklearn.decomposition import NMF as Theirs
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

import tinynmf

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def loss(V, W, H):
    return 0.5 * np.nansum((V - W.astype(np.float64) @ H.astype(np.float64)) ** 2)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_planted_factorisation_is_found_again(dtype):
    V = planted(dtype=dtype)
    model = tinynmf.NMF(n_components=4, tol=1e-6, max_iter=2000, n_starts=4, random_state=1)
    W = model.fit_transform(V)
    assert W.dtype == model.components_.dtype == dtype
    assert W.shape == (60, 4) and model.components_.shape == (4, 40)
    assert W.min() >= 0 and model.components_.min() >= 0
    error = np.linalg.norm(V - W @ model.components_)
    assert error < 0.02 * np.linalg.norm(V)
    assert model.reconstruction_err_ == pytest.approx(error, rel=1e-3, abs=1e-4)


def test_the_loss_is_as_low_as_scikit_learns(digits):
    V = digits[:500].astype(np.float64)
    ours = tinynmf.NMF(n_components=10, tol=1e-6, max_iter=1000, n_starts=4, random_state=0).fit(V)
    theirs = min(
        Theirs(10, init=init, tol=1e-6, max_iter=2000, random_state=0).fit(V).reconstruction_err_
        for init in ["random", "nndsvda"]
    )
    assert ours.reconstruction_err_ <= 1.005 * theirs


def test_a_start_that_is_given_is_used():
    V = planted(noise=0.1)
    first = tinynmf.NMF(n_components=4, random_state=3, tol=1e-5, max_iter=500)
    W = first.fit_transform(V)
    again = tinynmf.NMF(n_components=4, init="custom", rule="hals", tol=0, max_iter=1)
    W_again = again.fit_transform(V, W=W, H=first.components_)
    before, after = loss(V, W, first.components_), loss(V, W_again, again.components_)
    assert 0.99 * before < after <= before * (1 + 1e-6)
    with pytest.raises(ValueError, match="W has shape"):
        again.fit(V, W=W[:5], H=first.components_)
    with pytest.raises(ValueError, match="needs both W and H"):
        again.fit(V, W=W)
    with pytest.raises(ValueError, match="only read with init='custom'"):
        first.fit(V, W=W, H=first.components_)


def test_known_components_stay_and_others_are_found():
    rng = np.random.default_rng(0)
    W, H = rng.gamma(0.5, size=(80, 3)), rng.gamma(0.5, size=(3, 30))
    # In other units, which W makes up for.
    known = (1000 * H[:2]).astype(np.float32)
    model = tinynmf.NMF(3, known_components=known, random_state=0, tol=1e-7, max_iter=2000)
    found = model.fit_transform(W @ H)
    assert np.array_equal(model.components_[:2], known)
    assert np.linalg.norm(W @ H - found @ model.components_) < 0.01 * np.linalg.norm(W @ H)
    assert np.corrcoef(model.components_[2], H[2])[0, 1] > 0.99
    model.partial_fit(rng.gamma(0.5, size=(20, 3)) @ H)
    assert np.array_equal(model.components_[:2], known)
    with pytest.raises(ValueError, match="known_components has 30 features, but X has 29"):
        model.fit((W @ H)[:, :29])
    with pytest.raises(ValueError, match="known_components has 2 rows, but n_components=1"):
        clone(model).set_params(n_components=1).fit(W @ H)
    auto = clone(model).set_params(n_components="auto", tol=1e-4, max_iter=200).fit(W @ H)
    assert auto.ranks_[0, 0] == 2 and np.array_equal(auto.components_[:2], known)


@pytest.mark.parametrize("init", ["nndsvd", "nndsvda"])
def test_singular_vectors_make_a_start(init):
    V = planted(noise=0.1)
    losses = [
        tinynmf.NMF(n_components=4, init=init, random_state=seed, tol=1e-5, max_iter=500).fit(V).reconstruction_err_
        for seed in (0, 1)
    ]
    assert losses[0] < 0.2 * np.linalg.norm(V)


def test_sparse_and_dense_give_the_same():
    rng = np.random.default_rng(0)
    V = planted(80, 50) * (rng.random((80, 50)) < 0.2)
    settings = dict(n_components=3, rule="hals", tol=0, max_iter=20, random_state=0)
    dense = tinynmf.NMF(**settings).fit(V)
    for form in [sparse.csr_matrix, sparse.csc_matrix, sparse.csr_array, sparse.csc_array]:
        other = tinynmf.NMF(**settings).fit(form(V))
        assert other.reconstruction_err_ == pytest.approx(dense.reconstruction_err_, rel=1e-3)
        np.testing.assert_allclose(other.transform(form(V)), other.transform(V), rtol=1e-9, atol=1e-9)


def test_missing_entries_are_filled_in():
    V = planted(60, 40, 3)
    hidden = np.random.default_rng(0).random(V.shape) < 0.3
    with_holes = np.where(hidden, np.nan, V)
    model = tinynmf.NMF(n_components=3, tol=1e-7, max_iter=5000, n_starts=4, random_state=0)
    W = model.fit_transform(with_holes)
    found = W @ model.components_
    assert np.abs(found - V)[hidden].mean() < 0.05 * V.mean()
    known = np.sqrt(2 * loss(with_holes, W, model.components_))
    assert model.reconstruction_err_ == pytest.approx(known, rel=1e-3, abs=1e-3)
    # Whole rows for the same components, from what is known of them.
    assert np.abs(model.transform(with_holes) @ model.components_ - V)[hidden].mean() < 0.05 * V.mean()


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
def test_masked_entries_are_missing(dtype):
    V = (10 * planted()).astype(dtype)
    mask = np.random.default_rng(0).random(V.shape) < 0.2
    masked = np.ma.array(np.where(mask, 9999, V), mask=mask)
    known = np.where(mask, np.nan, V).astype(np.float64 if dtype == np.int64 else dtype)
    fits = [tinynmf.NMF(3, random_state=0, n_threads=1).fit(X) for X in (masked, known)]
    assert np.array_equal(*(fit.components_ for fit in fits))
    assert np.array_equal(fits[0].transform(masked), fits[1].transform(known))


def test_transform_is_non_negative_least_squares():
    V = planted(50, 30, 6, noise=0.3)
    model = tinynmf.NMF(n_components=6, random_state=0).fit(V)
    W = model.transform(V)
    for v, w in zip(V, W):
        expected, residual = scipy.optimize.nnls(model.components_.T, v)
        assert np.linalg.norm(v - w @ model.components_) <= residual * (1 + 1e-12) + 1e-12
        np.testing.assert_allclose(w, expected, rtol=1e-7, atol=1e-9)
    # A component that others make up, and one that is zero.
    model.components_ = np.vstack([model.components_, model.components_[0] + model.components_[1], np.zeros(30)])
    for v, w in zip(V, model.transform(V)):
        _, residual = scipy.optimize.nnls(model.components_.T, v)
        assert w.min() >= 0 and np.linalg.norm(v - w @ model.components_) <= residual * (1 + 1e-9) + 1e-9


def test_rows_of_zeros_and_rows_of_which_nothing_is_known_have_no_parts():
    model = tinynmf.NMF(3, random_state=0).fit(planted())
    assert (model.transform(np.zeros((2, 40))) == 0).all()
    assert (model.transform(np.full((2, 40), np.nan)) == 0).all()
    assert model.partial_fit(np.zeros((2, 40))).components_.max() > 0


def test_transform_knows_the_penalty():
    V = planted(20, 30, 3, noise=0.3)
    model = tinynmf.NMF(n_components=3, alpha_W=0.01, alpha_H=0, l1_ratio=0.5, random_state=0).fit(V)
    W, H = model.transform(V), model.components_
    gradient = (W @ H - V) @ H.T + 0.01 * 30 * 0.5 * (1 + W)
    assert np.abs(gradient[W > 0]).max() < 1e-8 * np.abs(V @ H.T).max()
    assert gradient[W == 0].min(initial=0) > -1e-8 * np.abs(V @ H.T).max()


def test_penalties_make_factors_sparse():
    V = planted(noise=0.5)
    zeros = [
        (tinynmf.NMF(4, alpha_W=alpha, l1_ratio=1, random_state=0, max_iter=500).fit_transform(V) == 0).mean()
        for alpha in (0, 0.3)
    ]
    assert zeros[1] > zeros[0]


def test_batches_lead_where_a_fit_leads():
    V = planted(600, 30, 4, noise=0.05, seed=2)
    batches = tinynmf.NMF(n_components=4, random_state=0, tol=1e-5, max_iter=500)
    for batch in np.split(V[:500], 10) * 2:
        batches.partial_fit(batch)
    whole = tinynmf.NMF(n_components=4, random_state=0, tol=1e-5, max_iter=500).fit(V[:500])
    held_out = V[500:]
    errors = [np.linalg.norm(held_out - it.inverse_transform(it.transform(held_out))) for it in (batches, whole)]
    assert errors[0] < 1.1 * errors[1]
    assert batches.n_steps_ == 20
    # Of the first batch alone, and no longer true.
    of_a_fit = ["history_", "n_iter_", "cost_", "converged_", "reconstruction_err_"]
    assert all(hasattr(whole, name) and not hasattr(batches, name) for name in of_a_fit)
    first = batches.components_.copy()
    batches.partial_fit(sparse.csr_array(V[:50]))
    assert not np.array_equal(first, batches.components_)


def test_seeds_repeat_and_threads_do_not_matter():
    V = planted(noise=0.2, dtype=np.float32)
    fits = [
        tinynmf.NMF(3, random_state=seed, n_threads=threads, n_starts=3).fit_transform(V)
        for seed, threads in [(5, 1), (5, 2), (5, None), (50, 1)]
    ]
    assert np.array_equal(fits[0], fits[1]) and np.array_equal(fits[0], fits[2])
    assert not np.array_equal(fits[0], fits[3])
    np.random.seed(0)
    a = tinynmf.NMF(3).fit_transform(V)
    np.random.seed(0)
    assert np.array_equal(a, tinynmf.NMF(3).fit_transform(V))


def test_the_rank_is_found_by_hidden_entries():
    V = planted(60, 40, 4, noise=0.1)
    model = tinynmf.NMF("auto", random_state=0, n_starts=2, max_iter=400).fit(V)
    assert model.n_components_ == 4 and model.components_.shape == (4, 40)
    assert model.ranks_.shape == (16, 3) and model.ranks_[0, 1] > 1.5 * model.ranks_[3, 1]
    with pytest.raises(ValueError, match="dense X"):
        tinynmf.NMF("auto").fit(sparse.csr_array(V))


def test_pickles_clones_pipelines_and_searches():
    V = planted(noise=0.1)
    model = tinynmf.NMF(3, random_state=0, policy=tinynmf.Policy.shipped(), rule="schedule").fit(V)
    copy = pickle.loads(pickle.dumps(model))
    assert np.array_equal(copy.transform(V), model.transform(V))
    assert clone(model).get_params() == model.get_params()
    pipeline = make_pipeline(MinMaxScaler(), tinynmf.NMF(3, random_state=0)).set_output(transform="pandas")
    frame = pipeline.fit_transform(V)
    assert list(frame.columns) == ["nmf0", "nmf1", "nmf2"]
    assert list(pipeline[-1].get_feature_names_out()) == ["nmf0", "nmf1", "nmf2"]

    def score(model, X, y=None):
        return -np.linalg.norm(X - model.inverse_transform(model.transform(X)))

    model = tinynmf.NMF(random_state=0, tol=1e-5, max_iter=1000)
    search = GridSearchCV(model, {"n_components": [1, 4]}, scoring=score, cv=3)
    assert search.fit(V).best_params_ == {"n_components": 4}


def test_what_cannot_be_is_refused_in_a_sentence():
    V = planted()
    with pytest.raises(ValueError, match="n_components=0 cannot be; it needs a whole number"):
        tinynmf.NMF(0).fit(V)
    with pytest.raises(ValueError, match="rule 'newton': there is no such rule"):
        tinynmf.NMF(2, rule="newton").fit(V)
    with pytest.raises(ValueError, match="Negative values"):
        tinynmf.NMF(2).fit(-V)
    with pytest.raises(ValueError, match="every entry is zero"):
        tinynmf.NMF(2).fit(0 * V)
    with pytest.raises(ValueError, match="rescale"):
        tinynmf.NMF(2).fit(1e30 * V)
    with pytest.raises(ValueError, match="infinity"):
        tinynmf.NMF(2).fit(np.where(V > 5, np.inf, V))
    with pytest.raises(FloatingPointError, match=r"rule 'fixed\(100\)' diverged"):
        tinynmf.NMF(2, rule="fixed(100)").fit(V)
    with pytest.raises(ValueError, match="random_state=-1 cannot be; it needs a whole number from 0"):
        tinynmf.NMF(2, random_state=-1).fit(V)
    with pytest.raises(ValueError, match="n_threads=100000 cannot be; it needs a whole number from 1 to 1024"):
        tinynmf.NMF(2, n_threads=100_000).fit(V)
    with pytest.raises(ValueError, match="n_threads=100000 cannot be"):
        tinynmf.rules.compare(V, 2, n_threads=100_000)
    with pytest.raises(ValueError, match="no entry is known"):
        tinynmf.NMF(2).fit(np.full((4, 3), np.nan))
    with pytest.warns(ConvergenceWarning, match="raise max_iter"):
        tinynmf.NMF(2, tol=1e-7, max_iter=1).fit(V)
    with pytest.warns(UserWarning, match="above the smaller side"):
        tinynmf.NMF(41, random_state=0).fit(V)


def test_a_run_that_diverges_names_the_rule_that_ran(monkeypatch):
    found = SimpleNamespace(diverged=True)
    monkeypatch.setattr(tinynmf.nmf._tinynmf, "factorize", lambda *_: found)
    with pytest.raises(FloatingPointError, match=r"rule 'widening\(.*\)' diverged"):
        tinynmf.NMF(2).fit(planted())
    with pytest.raises(FloatingPointError, match="rule 'learned' diverged"):
        tinynmf.NMF(2, policy=tinynmf.Policy.shipped("steps")).fit(planted())


@pytest.mark.parametrize("method", ["fit", "fit_transform", "transform", "inverse_transform", "partial_fit"])
def test_methods_say_what_they_take_and_return(method):
    text = getattr(tinynmf.NMF, method).__doc__
    assert "Parameters\n" in text and "Returns\n" in text


@pytest.mark.parametrize("kind", tinynmf.rules.kinds(), ids=lambda kind: kind.name)
def test_every_rule_fits(kind):
    if kind.name == "fixed":
        kind = kind._replace(name="fixed(0.0001)")
    V = planted(noise=0.1)
    model = tinynmf.NMF(4, rule=kind.name, random_state=0).fit(V)
    assert model.reconstruction_err_ < np.linalg.norm(V - V.mean())
