# shellcheck shell=bash
# shellcheck disable=SC2154  # the variables of scripts/stack
# What the local form of the stack runs on: Java, and the jars of Kafka, Connect and Debezium, which
# Maven fetches once into a cache. To be sourced after packages.sh.
#
# stack.d/pom.xml says what is fetched, stack.d/SHA256SUMS.<form> what must come of it, file by
# file. Nothing is started whose files are not those.

# java_program: the java to use. JAVA_HOME counts, as it does for Kafka's own scripts.
java_program() {
    printf '%s\n' "${JAVA_HOME:+$JAVA_HOME/bin/}java"
}

# Connect's plugin needs 17, and so does Kafka 4's broker.
has_java() {
    local version
    version=$("$(java_program)" -version 2>&1) || return 1
    [[ $version =~ version\ \"([0-9]+) ]] && ((BASH_REMATCH[1] >= 17))
}

# package | how to see that it is not needed
readonly needed_to_start=(
    'default-jre-headless | has_java'
    'curl                 | has_program curl'
)
readonly needed_to_fetch=(
    'maven | has_program mvn'
)

sums_file() {
    printf '%s\n' "$root/scripts/stack.d/SHA256SUMS.$1"
}

# pinned_version FORM PREFIX: the version in the name of the pinned file that begins so.
pinned_version() {
    sed -nE "s/^[0-9a-f]{64}  $2-([0-9][0-9A-Za-z.]*)(-plugin)?\.(jar|tar\.gz)$/\1/p" \
        "$(sums_file "$1")"
}

# verify_files FORM DIR: ends the script unless DIR/libs holds the pinned files and nothing else.
verify_files() {
    local form=$1 libs=$2/libs sums wrong
    sums=$(sums_file "$form")
    wrong=$(
        cd "$libs"
        LC_ALL=C sha256sum --check --quiet --strict "$sums" 2>/dev/null
        comm -13 <(cut -c67- "$sums" | sort) <(find . -mindepth 1 -printf '%P\n' | sort) |
            sed 's/$/: not expected/'
    ) || true
    if [[ $wrong ]]; then
        printf '%s\n' "$wrong" >&2
        die "these files in $libs are not the ones that ${sums#"$root"/} pins, so nothing is" \
            "started; remove $2 and try again"
    fi
}

# count_fetched FORM REPOSITORY: how many of the pinned files are in Maven's local repository.
count_fetched() {
    find "$2" -type f \( -name '*.jar' -o -name '*.tar.gz' \) -printf '%f\n' 2>/dev/null |
        grep -cFxf <(cut -c67- "$(sums_file "$1")") || true
}

# show_progress PID FORM REPOSITORY: until PID ends, says how many files have come: every second on
# a terminal, on one line; else every 15 seconds.
show_progress() {
    local pid=$1 form=$2 repository=$3 total elapsed=0
    total=$(wc -l <"$(sums_file "$form")")
    while kill -0 "$pid" 2>/dev/null; do
        sleep 1
        elapsed=$((elapsed + 1))
        if [[ -t 2 ]]; then
            printf '\r%s: %d of %d files ' "${0##*/}" "$(count_fetched "$form" "$repository")" \
                "$total" >&2
        elif ((elapsed % 15 == 0)); then
            say "$(count_fetched "$form" "$repository") of $total files"
        fi
    done
    if [[ -t 2 ]]; then
        printf '\r\033[K' >&2
    fi
}

# run_maven FORM WORK: fetches into WORK/libs. Maven's local repository is WORK's own, so that
# nothing is left in the user's; where the network failed half-way, what came is kept for the next
# attempt.
run_maven() {
    local form=$1 work=$2 maven
    mvn --batch-mode --strict-checksums --file "$root/scripts/stack.d/pom.xml" \
        --activate-profiles "$form" "-Dmaven.repo.local=$work/repository" \
        org.apache.maven.plugins:maven-dependency-plugin:copy-dependencies \
        -DincludeScope=runtime "-DoutputDirectory=$work/libs" \
        >"$work/maven.log" 2>&1 </dev/null &
    maven=$!
    # A process in the background of a script does not hear Ctrl-C by itself.
    trap 'kill "$maven" 2>/dev/null; exit 130' INT TERM
    show_progress "$maven" "$form" "$work/repository"
    trap - INT TERM
    if ! wait "$maven"; then
        grep --max-count=1 '^\[ERROR\]' "$work/maven.log" >&2 || true
        die "Maven could not fetch Kafka and Debezium; its output is in $work/maven.log. What" \
            "came is kept: the next attempt goes on from there"
    fi
}

# fetch FORM: makes sure that CACHE/FORM holds libs/ (the class path) and plugins/ (Connect's
# plugin.path), fetching them when they are not there.
fetch() {
    local form=$1 dir=$cache_dir/$1 work=$cache_dir/$1.part
    if [[ -d $dir ]]; then
        verify_files "$form" "$dir"
        return
    fi
    install_packages "${needed_to_start[@]}" "${needed_to_fetch[@]}"
    say "fetching Kafka $(pinned_version "$form" kafka_2.13) and Debezium" \
        "$(pinned_version "$form" debezium-connector-postgres) (about 80 MB)"
    rm -rf "$work/libs" "$work/plugins"
    mkdir -p "$work/plugins"
    run_maven "$form" "$work"
    verify_files "$form" "$work"
    tar -xzf "$work"/libs/debezium-connector-postgres-*-plugin.tar.gz -C "$work/plugins" \
        --no-same-owner
    rm -rf "$work/repository" "$work/maven.log"
    mv "$work" "$dir"
}
