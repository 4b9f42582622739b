"""The installed package."""

import os
import platform
import subprocess
import sys
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


def test_the_environments_are_imported_when_somebody_asks(tmp_path):
    def said(code):
        run = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, cwd=tmp_path)
        return run.stdout + run.stderr

    lazy = "import sys, tinynmf; assert 'gymnasium' not in sys.modules; print(tinynmf.env.NmfScheduleEnv.__name__)"
    assert said(lazy) == "NmfScheduleEnv\n"
    without = "import sys; sys.modules['gymnasium'] = None; import tinynmf; "
    for use in ["tinynmf.env", "import tinynmf.env"]:
        assert "pip install tinynmf[env]" in said(without + use).splitlines()[-1]


def test_a_wheel_is_ready_to_be_published_where_its_files_fit():
    wheels = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "wheels"
    assert [check(path) for path in wheels.glob("*.whl")] == [platform.machine()]
