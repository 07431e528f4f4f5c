# shellcheck shell=bash
# What the scripts share: where the project is, how they speak, how they build. To be sourced.

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
readonly root

say() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
}

die() {
    say "$*"
    exit 1
}

# build PRESET [CMAKE OPTION…]: configures and builds build/PRESET. What the tools print is shown
# only when they fail; all of it is in build/PRESET.log.
build() {
    local preset=$1 log="$root/build/$1.log"
    mkdir -p "$root/build"
    if ! (cd "$root" && cmake --preset "$@" && cmake --build --preset "$preset") \
        >"$log" 2>&1 </dev/null; then
        grep -vE '^\[[0-9]+/[0-9]+\] (Building|Linking|Generating|Embedding)' "$log" >&2 || true
        say "building build/$preset failed; the whole output is in $log"
        return 1
    fi
}
