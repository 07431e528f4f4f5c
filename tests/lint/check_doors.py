#!/usr/bin/env python3
"""The doors between the layers (cmake/layer.cmake) are shut: for every layer, the compiler is given, with
the layer's own flags, an include of each layer that it must not see, and has to refuse it.

usage: check_doors.py BUILD-FOLDER

Prints a line for each door that stands open, or that is shut to its own layer, and ends with 1 when
there is one."""

import json
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Who must never see whom, whatever src/CMakeLists.txt says: a layer, and the beginnings of others' names.
NEVER = [
    ("base", ("",)),
    ("model", ("plan", "postgres", "kafka", "http", "result", "run", "report")),
    ("plan", ("postgres", "kafka", "http", "result", "run", "report")),
    ("postgres", ("model", "plan", "kafka", "http", "result", "run", "report")),
    ("kafka", ("model", "plan", "postgres", "http", "result", "run", "report")),
    ("http", ("model", "plan", "postgres", "kafka", "result", "run", "report")),
    ("result", ("postgres", "kafka", "http", "run", "report")),
    ("run", ("http", "report", "plan/scenario", "postgres/cluster")),
    ("report", ("postgres", "kafka", "http", "run")),
]


def belongs(layer, name):
    return name == "" or layer == name or layer.startswith(name + "/")


def layers():
    """Lowest first, as src/CMakeLists.txt has them."""
    text = (ROOT / "src/CMakeLists.txt").read_text()
    return re.findall(r"^cdcbench_layer\((\S+)", text, re.MULTILINE)


def headers(layer):
    return sorted(path.name for path in (ROOT / "src" / layer).glob("*.h"))


def compilers(build):
    """For each layer, the command that compiles one of its files, without file and output."""
    commands = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["directory"], entry["file"]).resolve()
        if path.is_relative_to(ROOT / "src"):
            layer = str(path.parent.relative_to(ROOT / "src"))
            words = shlex.split(entry["command"])
            words = words[:words.index("-o")] + ["-fsyntax-only", "-x", "c", "-"]
            commands.setdefault(layer, ([word for word in words if word != "ccache"],
                                        entry["directory"]))
    return commands


def may_not_see(layer, other, order):
    """Layers above, and what the table says."""
    return order.index(other) > order.index(layer) or any(
        belongs(layer, who) and any(belongs(other, whom) for whom in others)
        for who, others in NEVER)


def refused(command, include):
    words, folder = command
    tried = subprocess.run(words, input=f'#include "{include}"\n', cwd=folder, text=True,
                           capture_output=True, check=False)
    return tried.returncode != 0 and f"{include}: No such file" in tried.stderr


def findings(build):
    order, commands = layers(), compilers(build)
    for layer in order:
        own = headers(layer)[0]
        if refused(commands[layer], f"{layer}/{own}"):
            yield f"{layer} does not see its own {own}"
        for other in order:
            if other != layer and may_not_see(layer, other, order):
                include = f"{other}/{headers(other)[0]}"
                if not refused(commands[layer], include):
                    yield f"{layer} sees {include}"


def main():
    found = list(findings(pathlib.Path(sys.argv[1]).resolve()))
    print("\n".join(found) if found else f"{len(layers())} layers, and no door stands open")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
