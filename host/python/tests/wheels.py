"""Checks wheels that are to be published: `python tests/wheels.py WHEEL...`, one for every processor."""

import sys
import zipfile
from pathlib import Path

#: ELF's number of every processor.
MACHINES = {"x86_64": 62, "aarch64": 183}


def check(path):
    """The wheel's processor; raises an AssertionError if anything is missing or does not fit."""
    name, _, interpreter, abi, platforms = path.stem.split("-")
    processor = next(it for it in MACHINES if platforms.endswith(it))
    assert (name, interpreter, abi) == ("tinynmf", "cp310", "abi3"), path.name
    with zipfile.ZipFile(path) as wheel:
        files = {Path(name).name: name for name in wheel.namelist()}
        for needed in ["METADATA", "LICENSE-MIT", "LICENSE-APACHE", "py.typed", "_tinynmf.pyi", "counts.csv"]:
            assert needed in files, f"{path.name} has no {needed}"
        metadata = wheel.read(files["METADATA"]).decode()
        assert "License-Expression: MIT OR Apache-2.0" in metadata and "Requires-Python: >=3.10" in metadata
        library = wheel.read(files["_tinynmf.abi3.so"])
    assert library[:4] == b"\x7fELF" and int.from_bytes(library[18:20], "little") == MACHINES[processor], path.name
    return processor


if __name__ == "__main__":
    found = [check(Path(word)) for word in sys.argv[1:]]
    assert sorted(found) == sorted(MACHINES), f"wheels for {found}, but {list(MACHINES)} are needed"
    print(f"{len(found)} wheels are ready to be published")
