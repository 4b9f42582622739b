"""The examples in the docs hold."""

import doctest
import re
from pathlib import Path

import matplotlib
import pytest

import tinynmf
import tinynmf.nmf

README = Path(__file__).parents[1] / "README.md"


@pytest.mark.parametrize("module", [tinynmf.nmf, tinynmf.rules], ids=lambda module: module.__name__)
def test_docstrings(module):
    result = doctest.testmod(module)
    assert result.attempted > 0 and result.failed == 0


def test_the_examples_of_the_readme():
    matplotlib.use("Agg")
    first, environment = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    names = {}
    exec(first, names)
    assert names["W"].shape == (1797, 10)
    exec(environment, names)
    assert names["observations"].shape == (64, 15) and names["rewards"].any()
