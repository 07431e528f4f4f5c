#!/usr/bin/env python3
"""What no compiler sees: who includes what, how long files are, and what must not be in them.

Prints a line for each finding, and ends with 1 when there is one."""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LINES_MAX = 600

# A library's headers, and the only layers that may include them (docs/design.md, "Layers"). That a layer
# includes none of a layer that it does not see is the compiler's to say: cmake/layer.cmake.
HOMES = [
    (re.compile(r"uv(/.*)?\.h"), "run/load"),
    (re.compile(r"(libpq-fe|libpq-events|pg_config.*|postgres_ext)\.h|libpq/.*"), "postgres postgres/cluster"),
    (re.compile(r"xxh(ash|3)\.h|zlib\.h"), "base"),
    (re.compile(r"libfyaml\.h"), "plan/scenario"),
    (re.compile(r"librdkafka/.*"), "kafka"),
    (re.compile(r"curl/.*"), "kafka/connect"),
    (re.compile(r"microhttpd\.h"), "http"),
]

# Of one machine, not of the project: somebody's folders, and registries other than the user's own.
FOREIGN = [
    ("a folder of one machine", re.compile(rb"(?<![\w.}])/(work|home|root|Users)/\w")),
    ("a package index", re.compile(rb"--(extra-)?index-url|--trusted-host|PIP_INDEX_URL")),
    ("an address in a private network",
     re.compile(rb"https?://(10|192\.168|172\.(1[6-9]|2\d|3[01]))\.\d")),
    ("a merge conflict", re.compile(rb"^(<{7}|>{7}) ", re.MULTILINE)),
]
INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]')


def tracked():
    """Files that git knows or would take."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            cwd=ROOT, check=True, capture_output=True).stdout
    return sorted({ROOT / name for name in listed.decode().split("\0")
                   if name and (ROOT / name).is_file()})


def check_include(layer, header):
    for pattern, home in HOMES:
        if pattern.fullmatch(header) and layer not in home.split():
            return f"{header} belongs to src/{home.split()[0]} alone"
    return None


def check_c(path, text):
    lines = text.splitlines()
    parts = path.relative_to(ROOT).parts
    if len(lines) > LINES_MAX:
        yield LINES_MAX + 1, f"{len(lines)} lines: more than {LINES_MAX} are two nouns"
    if parts[0] == "src":
        for number, line in enumerate(lines, 1):
            include = INCLUDE.match(line)
            complaint = include and check_include("/".join(parts[1:-1]), include.group(1))
            if complaint:
                yield number, complaint


def check_foreign(content):
    for what, pattern in FOREIGN:
        for found in pattern.finditer(content):
            yield content.count(b"\n", 0, found.start()) + 1, f"{what}: {found.group().decode()}"


def check_text(content):
    if content and not content.endswith(b"\n"):
        yield content.count(b"\n") + 1, "no newline at the end"
    for number, line in enumerate(content.split(b"\n"), 1):
        if line.endswith((b" ", b"\r")):
            yield number, "white space at the end of the line"


# A file of src/ as documents and comments name it: run/tap/tap.h, or without its ending in back quotes.
LAYERS = "|".join(sorted(path.name for path in (ROOT / "src").iterdir() if path.is_dir()))
NAMED = re.compile(rf"(?<![\w/.-])(?:src/)?((?:{LAYERS})/(?:\w+/)?\w+)(\.[ch]\b|(?=`))")


def check_names(text):
    """Whether what is named is there: a document outlives the file that it tells of."""
    for number, line in enumerate(text.splitlines(), 1):
        for name, ending in NAMED.findall(line):
            there = ([ROOT / f"src/{name}{ending}"] if ending else
                     [ROOT / f"src/{name}{end}" for end in (".c", ".h", "")])
            if not any(path.exists() for path in there):
                yield number, f"{name}{ending} is not there"


def findings():
    for path in tracked():
        content = path.read_bytes()
        if b"\0" in content:
            continue
        if path.suffix in (".c", ".h"):
            yield from ((path, *found) for found in check_c(path, content.decode()))
        if path != pathlib.Path(__file__).resolve():
            yield from ((path, *found) for found in check_foreign(content))
        if path.suffix in (".c", ".h", ".md") and path.relative_to(ROOT).parts[0] in ("src", "docs"):
            yield from ((path, *found) for found in check_names(content.decode()))
        if path.suffix in (".c", ".h", ".py", ".sh", ".cmake", ".sql", ".md"):
            yield from ((path, *found) for found in check_text(content))


def main():
    found = list(findings())
    for path, number, complaint in found:
        print(f"{path.relative_to(ROOT)}:{number}: {complaint}")
    if not found:
        print(f"{len(tracked())} files, nothing to complain of")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
