"""Independent fits on a real Dask cluster of this machine: the same numbers."""

from contextlib import contextmanager

import numpy as np
import pandas as pd
import pytest

from psychometrics import bootstrap_loadings, parallel_analysis, simulate

# All of it answers on the loopback address, at ports that nobody else has: without
# an address the scheduler takes 8787, and warns where that is taken.
QUIET = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0", "silence_logs": 50}
LOADINGS, _ = simulate.simple_structure(2, 4)


@contextmanager
def cluster_executor():
    """The executor of two Dask workers, each a process of its own."""
    from distributed import Client, LocalCluster

    made = {"n_workers": 2, "threads_per_worker": 1, "processes": True}
    with LocalCluster(**made, **QUIET) as cluster, Client(cluster) as client:
        with client.get_executor() as executor:
            yield executor


@pytest.fixture(scope="module")
def executor():
    with cluster_executor() as executor:
        yield executor


@pytest.fixture(scope="module")
def answers():
    rng = np.random.default_rng(7)
    given = {"loadings": LOADINGS, "thresholds": (-1.0, 0.0, 1.0)}
    return simulate.responses(300, rng=rng, **given).responses


def test_parallel_analysis_on_a_cluster_is_what_it_is_here(executor, answers):
    here = parallel_analysis(answers, n_replications=20, rng=5)
    there = parallel_analysis(answers, n_replications=20, rng=5, executor=executor)
    pd.testing.assert_frame_equal(here.to_frame(), there.to_frame(), check_exact=True)
    assert here.n_factors == there.n_factors == 2


def test_bootstrapped_loadings_on_a_cluster_are_what_they_are_here(executor, answers):
    here = bootstrap_loadings(answers, 2, n_replications=20, rng=5)
    there = bootstrap_loadings(answers, 2, n_replications=20, rng=5, executor=executor)
    pd.testing.assert_frame_equal(here.to_frame(), there.to_frame(), check_exact=True)


def test_each_result_is_reported_while_the_cluster_works(executor, answers):
    seen = []
    parallel_analysis(
        answers,
        n_replications=30,
        executor=executor,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen == [(1, 3), (2, 3), (3, 3)]
