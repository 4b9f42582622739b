"""The notebooks run, their assertions hold, and they draw what they say."""

from pathlib import Path

import nbclient
import nbformat
import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
NOTEBOOKS = sorted(path.name for path in EXAMPLES.glob("*.ipynb"))


def test_every_notebook_is_known():
    assert NOTEBOOKS == ["deploy.ipynb", "digits.ipynb", "ratings.ipynb"]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs(name):
    notebook = nbformat.read(EXAMPLES / name, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    # Output differs from run to run: none of it is committed.
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
    assert any("assert " in cell.source for cell in code)
    # Where Jupyter starts it: beside the files that it imports.
    resources = {"metadata": {"path": EXAMPLES}}
    nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3", resources=resources).execute()
    for cell in code:
        pictures = [output for output in cell.outputs if "image/png" in output.get("data", {})]
        assert len(pictures) == cell.source.count("plt.subplots("), cell.source
        # Nor does it warn a reader.
        assert not [output for output in cell.outputs if output.get("name") == "stderr"], cell.outputs
    assert any("plt.subplots(" in cell.source for cell in code)
