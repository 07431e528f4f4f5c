# shellcheck shell=bash
# What the project needs of the system, and how to get it on Debian and Ubuntu. To be sourced after
# common.sh.
#
# A need is met when the thing itself is found, whatever it came with: a compiler of one's own or a
# PostgreSQL from elsewhere will do. What is missing is then installed under its package's name.

has_program() {
    command -v "$1" >/dev/null
}

has_library() {
    has_program pkg-config && pkg-config --exists "$1"
}

has_libc_headers() {
    [[ -e /usr/include/stdio.h ]]
}

has_chart_js() {
    [[ -e /usr/share/javascript/chart.js/chart.min.js ]]
}

has_postgresql_server() {
    has_program initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null
}

has_clang_runtime() {
    has_program clang &&
        compgen -G "$(clang -print-resource-dir)/lib/*/libclang_rt.fuzzer*" >/dev/null
}

has_python_venv() {
    has_program python3 && python3 -c 'import ensurepip, venv' 2>/dev/null
}

# package | how to see that it is not needed
# shellcheck disable=SC2034  # for those who source this
readonly needed_to_run=(
    'gcc            | has_program gcc'
    'libc6-dev      | has_libc_headers'
    'cmake          | has_program cmake'
    'ninja-build    | has_program ninja'
    'pkg-config     | has_program pkg-config'
    'libpq-dev      | has_library libpq'
    'libuv1-dev     | has_library libuv'
    'libfyaml-dev   | has_library libfyaml'
    'libxxhash-dev  | has_library libxxhash'
    'libjansson-dev | has_library jansson'
    'zlib1g-dev     | has_library zlib'
    'librdkafka-dev | has_library rdkafka'
    'libcurl4-openssl-dev | has_library libcurl'
    'libjs-chart.js | has_chart_js'
    'libmicrohttpd-dev | has_library libmicrohttpd'
    'postgresql     | has_postgresql_server'
)
# shellcheck disable=SC2034
readonly needed_to_test=(
    'git             | has_program git'
    'libcmocka-dev   | has_library cmocka'
    'clang           | has_program clang'
    'libclang-rt-dev | has_clang_runtime'
    'shellcheck      | has_program shellcheck'
    'chromium        | has_program chromium'
    'chromium-driver | has_program chromedriver'
    'gnuplot-nox     | has_program gnuplot'
    'python3-venv    | has_python_venv'
    'valgrind        | has_program valgrind'
    'docker-compose  | has_program docker-compose'
    'faketime        | has_program faketime'
)

# missing_packages NEED…: the packages of those that are not met, a line each.
missing_packages() {
    local need package check
    for need in "$@"; do
        IFS='| ' read -r package check <<<"$need"
        $check || printf '%s\n' "$package"
    done
}

as_root() {
    if ((EUID == 0)); then
        "$@"
    else
        sudo "$@"
    fi
}

# Debian's postgresql starts a server on port 5432 as soon as it is installed. Nobody asked for one:
# the program starts its own, of which nothing stays.
forbid_main_cluster() {
    local conf=/etc/postgresql-common/createcluster.conf
    if [[ -e $conf ]]; then
        return
    fi
    say "writing $conf (create_main_cluster = false), so that no server is set up on port 5432"
    as_root mkdir -p "${conf%/*}"
    printf '%s\n' '# No server beside the ones that somebody asks for.' \
        'create_main_cluster = false' | as_root tee "$conf" >/dev/null
}

# install_packages NEED…: installs what is missing, after saying so; says nothing when nothing is.
install_packages() {
    local missing
    mapfile -t missing < <(missing_packages "$@")
    if ((${#missing[@]} == 0)); then
        return
    fi
    has_program apt-get || die "missing: ${missing[*]} (Debian's names); install them and try again"
    ((EUID == 0)) || has_program sudo ||
        die "missing: ${missing[*]}; as root: apt-get install ${missing[*]}"
    say "installing what is missing: ${missing[*]}"
    if [[ " ${missing[*]} " == *' postgresql '* ]]; then
        forbid_main_cluster
    fi
    as_root apt-get update -q >&2 || die 'apt-get update failed'
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
        -o DPkg::Lock::Timeout=300 "${missing[@]}" >&2 </dev/null ||
        die "could not install ${missing[*]}"
    mapfile -t missing < <(missing_packages "$@")
    ((${#missing[@]} == 0)) || die "installed, and still not found: ${missing[*]}"
}
