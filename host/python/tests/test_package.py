"""What is installed."""

from importlib import metadata
from pathlib import Path

import tinynmf


def test_the_wheel_has_version_types_and_licences():
    files = [str(file) for file in metadata.files("tinynmf")]
    assert metadata.version("tinynmf") == tinynmf.__version__
    assert "tinynmf/py.typed" in files and "tinynmf/_tinynmf.pyi" in files
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"]:
        assert any(file.endswith(licence) for file in files), licence
    assert any(file.endswith("_tinynmf.abi3.so") for file in files)
    assert "site-packages" in Path(tinynmf.__file__).parts
