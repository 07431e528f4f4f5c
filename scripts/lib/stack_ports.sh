# shellcheck shell=bash
# Who listens where, and does it answer: ports looked up in /proc, and one small request to each
# kind of server. To be sourced. Everything is on loopback.

# listener_inode PORT: the inode of the socket that would be in the way of 127.0.0.1:PORT, or
# nothing. In /proc/net/tcp (proc(5)) the local address is hexadecimal, "0A" is the state LISTEN,
# and the tenth column is the inode.
listener_inode() {
    awk -v port="$(printf ':%04X' "$1")" '
        $4 == "0A" && $2 ~ /^(0100007F|0+|0+FFFF00000100007F):/ && $2 ~ port "$" { print $10; exit }
    ' /proc/net/tcp /proc/net/tcp6 2>/dev/null
}

# port_holder PORT: nothing when the port is free, else who listens on it.
port_holder() {
    local inode link pid stack
    inode=$(listener_inode "$1")
    if [[ ! $inode ]]; then
        return
    fi
    link=$(find /proc/[0-9]*/fd -maxdepth 1 -lname "socket:\[$inode\]" -print -quit 2>/dev/null)
    if [[ ! $link ]]; then
        echo "a process of another user (as root: ss -ltnp 'sport = $1')"
        return
    fi
    pid=${link#/proc/}
    pid=${pid%%/*}
    stack=$(tr '\0' '\n' <"/proc/$pid/cmdline" |
        sed -n 's/^-Dcdcbench\.stack=/, of the stack in /p')
    echo "$(<"/proc/$pid/comm"), pid $pid${stack%/*}"
}

# kafka_answers PORT: asks the broker for its cluster's metadata, as every client does first, and
# wants at least one live broker in the answer. An open port alone says little: a broker that was
# killed listens again long before the controller counts it among the living.
#
# Metadata version 1, the oldest that may ask for no topics, which Kafka 3.9 and 4 both take
# (https://kafka.apache.org/protocol#The_Messages_Metadata):
#   request   int32 size 19 · int16 key 3 · int16 version 1 · int32 correlation 1 ·
#             int16 length 5, client "stack" · int32 topics 0
#   response  int32 size · int32 correlation · int32 number of brokers · …
kafka_answers() {
    local fd bytes
    {
        exec {fd}<>"/dev/tcp/127.0.0.1/$1" || return 1
    } 2>/dev/null
    printf '\0\0\0\023\0\003\0\001\0\0\0\001\0\005stack\0\0\0\0' >&"$fd"
    mapfile -t bytes < <(timeout 3 head -c 12 <&"$fd" | od -An -v -w1 -tu1)
    exec {fd}>&-
    ((${#bytes[@]} == 12 && bytes[7] == 1 && bytes[11] >= 1))
}

# zookeeper_answers PORT: the four-letter word "ruok", to which a server in good health says "imok".
zookeeper_answers() {
    local fd answer
    {
        exec {fd}<>"/dev/tcp/127.0.0.1/$1" || return 1
    } 2>/dev/null
    printf 'ruok' >&"$fd"
    answer=$(timeout 3 head -c 4 <&"$fd")
    exec {fd}>&-
    [[ $answer == imok ]]
}

# postgres_answers PORT: a server that takes connections answers an SSLRequest (int32 length 8,
# int32 80877103) with S or N before it knows who asks.
# https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL
postgres_answers() {
    local fd answer
    {
        exec {fd}<>"/dev/tcp/127.0.0.1/$1" || return 1
    } 2>/dev/null
    printf '\0\0\0\010\004\322\026\057' >&"$fd"
    answer=$(timeout 3 head -c 1 <&"$fd")
    exec {fd}>&-
    [[ $answer == [SN] ]]
}

connect_get() {
    curl --silent --fail --noproxy '*' --max-time 5 "http://127.0.0.1:$1$2"
}

# connect_answers PORT: the worker has joined its group and read its topics (/health, Kafka 3.9 and
# later), and has Debezium's connector for PostgreSQL.
connect_answers() {
    connect_get "$1" /health >/dev/null && [[ $(debezium_version "$1") ]]
}

# debezium_version PORT: what version of it the worker lists, or nothing.
debezium_version() {
    { connect_get "$1" /connector-plugins || true; } | tr '}' '\n' |
        sed -n '/\.postgresql\.PostgresConnector"/s/.*"version":"\([^"]*\)".*/\1/p'
}
