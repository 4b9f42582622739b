"""The installed package."""

import os
import platform
from importlib import metadata
from pathlib import Path

from conftest import ROOT
from wheels import check

import tinynmf


def test_the_wheel_has_version_types_and_licences():
    files = [str(file) for file in metadata.files("tinynmf")]
    assert metadata.version("tinynmf") == tinynmf.__version__
    assert "tinynmf/py.typed" in files and "tinynmf/_tinynmf.pyi" in files
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"]:
        assert any(file.endswith(licence) for file in files), licence
    assert any(file.endswith("_tinynmf.abi3.so") for file in files)
    assert "site-packages" in Path(tinynmf.__file__).parts


def test_a_wheel_is_ready_to_be_published_where_its_files_fit():
    wheels = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "wheels"
    assert [check(path) for path in wheels.glob("*.whl")] == [platform.machine()]
