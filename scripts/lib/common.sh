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

# A command put before cmake: one that lets others go first, for instance.
builder=()

# build PRESET [CMAKE OPTION…]: configures and builds build/PRESET, one at a time. What the tools
# print is shown only when they fail; all of it is in build/PRESET.log.
build() {
    local preset=$1 log="$root/build/$1.log" lock
    mkdir -p "$root/build"
    exec {lock}>"$root/build/$preset.lock"
    flock "$lock"
    if ! (cd "$root" && "${builder[@]}" cmake --preset "$@" &&
        "${builder[@]}" cmake --build --preset "$preset") >"$log" 2>&1 </dev/null {lock}>&-; then
        grep -vE '^\[[0-9]+/[0-9]+\] (Building|Linking|Generating|Embedding)' "$log" >&2 || true
        say "building build/$preset failed; the whole output is in $log"
        return 1
    fi
    exec {lock}>&-
}
