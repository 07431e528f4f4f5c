# shellcheck shell=bash
# shellcheck disable=SC2154  # the variables of scripts/stack
# The PostgreSQL beside the local form, on request. The program is the one starter of PostgreSQL:
# this calls it, and keeps what it prints, which is the environment that leads to the server (the
# password is in a file that only its owner reads). To be sourced after stack_ports.sh.

postgres_env() {
    printf '%s\n' "$stack_dir/postgres.env"
}

# postgres_value NAME: what the program printed for it, or nothing.
postgres_value() {
    sed -n "s/^export $1=//p" "$(postgres_env)" 2>/dev/null || true
}

postgres_runs() {
    local port
    port=$(postgres_value PGPORT)
    [[ $port ]] && postgres_answers "$port"
}

require_program() {
    [[ -x $program ]] || die "PostgreSQL is started by ${program#"$root"/}, which is not built"
}

# postgres_up: a server that was killed is replaced by a new one, since all of it is throw-away.
postgres_up() {
    if postgres_runs; then
        say "already up: PostgreSQL at 127.0.0.1:$(postgres_value PGPORT)"
        return
    fi
    postgres_down
    "$program" server start >"$(postgres_env)" || die 'PostgreSQL could not be started'
    say "up: PostgreSQL at 127.0.0.1:$(postgres_value PGPORT)"
}

postgres_down() {
    local dir
    dir=$(postgres_value CDCBENCH_SERVER)
    if [[ -d $dir ]]; then
        "$program" server stop "$dir" || die "PostgreSQL in $dir could not be stopped"
    fi
    rm -f -- "$(postgres_env)"
}

# postgres_status: its line of the table; 3 when there should be one that answers, and is not.
postgres_status() {
    local state=healthy port pid
    if [[ ! -e $(postgres_env) ]]; then
        return
    fi
    port=$(postgres_value PGPORT)
    pid=$(head -n 1 "$(postgres_value CDCBENCH_SERVER)/data/postmaster.pid" 2>/dev/null || true)
    postgres_runs || state=down
    status_line postgres "$state" "$pid" "$port" PostgreSQL
    [[ $state == healthy ]] || return 3
}
