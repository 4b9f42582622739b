"""PlatformIO runs this: it chooses the library for the board's processor."""

import os

Import("env")  # noqa: F821, PlatformIO defines it


def flag(name):
    """Value of the compiler's option -m<name>=..., or nothing."""
    start = "-m" + name + "="
    flags = env.get("CCFLAGS", []) + env.get("LINKFLAGS", [])  # noqa: F821
    return next((str(f)[len(start):] for f in flags if str(f).startswith(start)), None)


board = env.BoardConfig()  # noqa: F821
mcu, cpu = board.get("build.mcu", ""), board.get("build.cpu", "")
processor = mcu if mcu.startswith("esp32") else cpu
fpu, abi = flag("fpu"), flag("float-abi")
folders = [processor + "/" + fpu + "-" + abi] if fpu and abi in ("hard", "softfp") else []
if abi != "hard":
    # Floats in integer registers: the library without floating-point instructions fits, too.
    folders.append(processor)
source = os.path.join(env.Dir(".").srcnode().get_abspath(), "src")  # noqa: F821
found = [f for f in folders if os.path.exists(os.path.join(source, f, "libtinynmf.a"))]
if not found:
    print("error: tinynmf has no library for " + (" or ".join(folders) or "this board") + "; its README lists them")
    env.Exit(1)  # noqa: F821
else:
    env.Append(LIBPATH=[os.path.join(source, found[0])], LIBS=["tinynmf"])  # noqa: F821
