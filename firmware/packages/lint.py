"""Checks an assembled package with the parsers of those who read it: lint.py FOLDER, with tests/all's Python.

PlatformIO's own for library.json and library.properties, the IDF component manager's for idf_component.yml, kconfiglib
for Kconfig. Prints a line for each; ends with an error at the first that does not hold.
"""

import os
import sys
import tempfile
from pathlib import Path

import kconfiglib
from ruamel.yaml import YAML
from idf_component_tools.manager import ManifestManager
from platformio.package.manifest.parser import ManifestParserFactory
from platformio.package.manifest.schema import ManifestSchema

# Zephyr's Kconfig symbols of a processor, and the folder that they lead to.
PROCESSORS = {
    "CPU_CORTEX_M CPU_CORTEX_M0": "cortex-m0plus",
    "CPU_CORTEX_M CPU_CORTEX_M0PLUS": "cortex-m0plus",
    "CPU_CORTEX_M CPU_CORTEX_M23": "cortex-m0plus",
    "CPU_CORTEX_M CPU_CORTEX_M3": "cortex-m3",
    "CPU_CORTEX_M CPU_CORTEX_M4": "cortex-m3",
    "CPU_CORTEX_M CPU_CORTEX_M4 FP_HARDABI": "cortex-m4/fpv4-sp-d16-hard",
    "CPU_CORTEX_M CPU_CORTEX_M7 FP_HARDABI": "cortex-m7/fpv5-d16-hard",
    "CPU_CORTEX_M CPU_CORTEX_M33": "cortex-m3",
    "CPU_CORTEX_M CPU_CORTEX_M33 FP_HARDABI": "cortex-m33/fpv5-sp-d16-hard",
    "CPU_CORTEX_M CPU_CORTEX_M55 FP_HARDABI": "cortex-m33/fpv5-sp-d16-hard",
    "RISCV": "esp32c3",
    "RISCV FLOAT_HARD": "esp32p4",
}

# PlatformIO's facts on a board, and the folder that they lead to; None is refused.
BOARDS = [
    ({"build.cpu": "cortex-m0plus", "build.mcu": "rp2040"}, [], "cortex-m0plus"),
    ({"build.cpu": "cortex-m4", "build.mcu": "nrf52840"}, ["-mfpu=fpv4-sp-d16", "-mfloat-abi=hard"],
     "cortex-m4/fpv4-sp-d16-hard"),
    ({"build.cpu": "cortex-m4", "build.mcu": "nrf52840"}, ["-mfloat-abi=softfp", "-mfpu=fpv4-sp-d16"],
     "cortex-m4/fpv4-sp-d16-softfp"),
    ({"build.cpu": "cortex-m33"}, ["-mfloat-abi=softfp", "-mfpu=fpv4-sp-d16"], "cortex-m33"),
    ({"build.cpu": "cortex-m7"}, ["-mfpu=fpv4-sp-d16", "-mfloat-abi=hard"], None),
    ({"build.mcu": "esp32c3"}, [], "esp32c3"),
    ({"build.mcu": "esp32s3"}, [], None),
    ({"build.mcu": "atmega328p"}, [], None),
]


# PlatformIO downloads SPDX's list of licences; these two are on it.
ManifestSchema.load_spdx_licenses = staticmethod(
    lambda: {"licenses": [{"licenseId": "MIT"}, {"licenseId": "Apache-2.0"}]}
)


def platformio(folder, name):
    parsed = ManifestParserFactory.new_from_file(str(folder / name)).as_dict()
    loaded = ManifestSchema().load_manifest(parsed)
    assert loaded["name"] == "tinynmf" and loaded["version"], loaded
    return f"{loaded['version']}, {', '.join(loaded.get('platforms', []))}"


def component(folder):
    with tempfile.TemporaryDirectory() as copy:
        target = Path(copy) / "idf_component.yml"
        target.write_bytes((folder / "idf_component.yml").read_bytes())
        manifest = ManifestManager(copy, "tinynmf").load()
    for target in manifest.targets:
        assert (folder / "src" / target / "libtinynmf.a").exists(), target
    return f"{manifest.version}, {', '.join(manifest.targets)}"


def module(folder):
    described = YAML(typ="safe").load((folder / "zephyr/module.yml").read_text())
    assert set(described) <= {"name", "build", "samples"}, described
    assert (folder / described["build"]["cmake"] / "CMakeLists.txt").exists()
    for sample in described["samples"]:
        found = list((folder / sample).glob("*/sample.yaml"))
        assert found, sample
        for file in found:
            assert set(YAML(typ="safe").load(file.read_text())) == {"sample", "tests"}, file
    names = {name for symbols in PROCESSORS for name in symbols.split()}
    with tempfile.TemporaryDirectory() as tree:
        root = Path(tree) / "Kconfig"
        # Of Zephyr's tree: the symbols that the module asks for.
        symbols = sorted(names | {"64BIT", "CPU_CORTEX_M1"})
        root.write_text("".join(f"config {name}\n\tbool \"{name}\"\n" for name in symbols)
                        + f"source \"{folder / described['build']['kconfig']}\"\n")
        os.environ.update(KCONFIG_WARN_UNDEF="y", srctree="")
        for chosen, expected in PROCESSORS.items():
            kconfig = kconfiglib.Kconfig(str(root), warn_to_stderr=False)
            assert not kconfig.warnings, kconfig.warnings
            for name in [*chosen.split(), "TINYNMF"]:
                kconfig.syms[name].set_value("y")
            assert kconfig.syms["TINYNMF"].str_value == "y", chosen
            library = kconfig.syms["TINYNMF_LIBRARY"].str_value
            assert library == expected, f"{chosen}: {library}"
            assert (folder / "src" / library / "libtinynmf.a").exists(), library
        # A processor without a library cannot be chosen.
        kconfig = kconfiglib.Kconfig(str(root), warn_to_stderr=False)
        for name in ("RISCV", "64BIT", "TINYNMF"):
            kconfig.syms[name].set_value("y")
        assert kconfig.syms["TINYNMF"].str_value == "n"
    return f"{len(PROCESSORS)} processors"


class Environment(dict):
    """As much of SCons's as pio_library.py uses."""

    def __init__(self, folder, board, flags):
        super().__init__(CCFLAGS=flags, LINKFLAGS=[])
        self.folder, self.board, self.added, self.code = folder, board, {}, 0

    def BoardConfig(self):
        return self.board

    def Dir(self, _):
        return self

    def srcnode(self):
        return self

    def get_abspath(self):
        return str(self.folder)

    def Append(self, **added):
        self.added.update(added)

    def Exit(self, code):
        self.code = code


def script(folder):
    text = (folder / "pio_library.py").read_text()
    for board, flags, expected in BOARDS:
        env = Environment(folder, board, flags)
        exec(compile(text, "pio_library.py", "exec"), {"env": env, "Import": lambda _: None})
        chosen = env.added.get("LIBPATH", [None])[0]
        assert chosen == (expected and os.path.join(folder, "src", expected)), f"{board} {flags}: {chosen}"
        assert (env.code == 0) == (expected is not None), board
    return f"{len(BOARDS)} boards"


def main():
    folder = Path(sys.argv[1]).resolve()
    for name, check in [
        ("library.json", lambda: platformio(folder, "library.json")),
        ("library.properties", lambda: platformio(folder, "library.properties")),
        ("idf_component.yml", lambda: component(folder)),
        ("zephyr", lambda: module(folder)),
        ("pio_library.py", lambda: script(folder)),
    ]:
        print(f"{name}: {check()}")


main()
