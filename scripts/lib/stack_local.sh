# shellcheck shell=bash
# shellcheck disable=SC2154  # the variables of scripts/stack
# The stack as processes of this machine. To be sourced after stack_ports.sh, stack_fetch.sh,
# stack_config.sh and stack_postgres.sh.
#
# The list of processes is the only record of what runs: each carries its folder and its service's
# name on its command line, so a process that was killed, a pid that was given out again, or a
# folder that somebody removed cannot mislead.

# local_services: in the order in which they start.
local_services() {
    if [[ $form == zookeeper ]]; then
        echo zookeeper kafka connect
    else
        echo kafka connect
    fi
}

service_title() {
    case $1 in
    zookeeper) echo "ZooKeeper $(pinned_version "$form" zookeeper)" ;;
    kafka) echo "Kafka $(pinned_version "$form" kafka_2.13)" ;;
    connect) echo "Kafka Connect $(pinned_version "$form" connect-runtime)" ;;
    esac
}

service_port() {
    local variable=$1_port
    printf '%s\n' "${!variable}"
}

service_marker() {
    printf '%s\n' "-Dcdcbench.stack=$stack_dir/$1"
}

# service_pids NAME: the processes of a service, normally one or none. The pattern comes by a
# descriptor, or grep would find itself; its exit code is no news, since processes that end
# while it reads are errors to it.
service_pids() {
    { grep -lzsxF -f <(service_marker "$1") /proc/[0-9]*/cmdline || true; } | cut -d/ -f3
}

# launch NAME HEAP_OPTIONS MAIN_CLASS ARGUMENT…: starts a JVM in a session of its own, so that the
# terminal's Ctrl-C is not its end, and without the descriptors that the caller had open: a lock or
# a pipe held by a service that stays would never be released. What a JVM would put into /tmp it
# does without (performance counters) or puts into the stack's folder (unpacked native libraries).
launch() {
    local name=$1 heap=$2 log=$stack_dir/logs/$1.log
    shift 2
    # shellcheck disable=SC2016,SC2086  # the inner script's variables; several heap options
    setsid --fork bash -c '
        for fd in /proc/$$/fd/*; do
            fd=${fd##*/}
            if ((fd > 2)); then
                eval "exec $fd>&-"
            fi
        done
        exec "$@"' launch \
        "$(java_program)" "$(service_marker "$name")" $heap -XX:+UseG1GC \
        -XX:MaxGCPauseMillis=20 -XX:-UsePerfData -Djava.awt.headless=true \
        "-Djava.io.tmpdir=$stack_dir/tmp" "$(log_option)" \
        -cp "$cache_dir/$form/libs/*" "$@" </dev/null >>"$log" 2>&1
}

# Kafka 4 logs with log4j 2, 3.9 with what came of log4j 1.
log_option() {
    case $form in
    kraft) echo "-Dlog4j2.configurationFile=$root/scripts/stack.d/log4j2.properties" ;;
    zookeeper) echo "-Dlog4j.configuration=file:$root/scripts/stack.d/log4j.properties" ;;
    esac
}

start_zookeeper() {
    write_zookeeper >"$stack_dir/conf/zookeeper.properties"
    launch zookeeper '-Xmx256m' org.apache.zookeeper.server.quorum.QuorumPeerMain \
        "$stack_dir/conf/zookeeper.properties"
}

# A cluster's id is 16 random bytes in URL-safe base64 without padding (Kafka's Uuid); the first
# character must not be a dash, which the formatter would take for an option.
random_cluster_id() {
    local id
    id=$(head -c 16 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=')
    printf '%s\n' "${id/#-/A}"
}

format_kafka_data() {
    local conf=$1 log=$stack_dir/logs/format.log
    if [[ -e $stack_dir/data/kafka/meta.properties ]]; then
        return
    fi
    "$(java_program)" -XX:TieredStopAtLevel=1 -XX:-UsePerfData "$(log_option)" \
        -cp "$cache_dir/$form/libs/*" kafka.tools.StorageTool format --standalone \
        -t "$(random_cluster_id)" -c "$conf" >"$log" 2>&1 ||
        die "Kafka's data folder could not be formatted: $(tail -n 1 "$log")"
}

start_kafka() {
    local conf=$stack_dir/conf/kafka.properties
    "write_kafka_$form" >"$conf"
    if [[ $form == kraft ]]; then
        format_kafka_data "$conf"
    fi
    launch kafka "${CDCBENCH_KAFKA_HEAP:--Xms512m -Xmx512m}" kafka.Kafka "$conf"
}

start_connect() {
    write_connect >"$stack_dir/conf/connect.properties"
    launch connect "${CDCBENCH_CONNECT_HEAP:--Xms256m -Xmx1g}" \
        org.apache.kafka.connect.cli.ConnectDistributed "$stack_dir/conf/connect.properties"
}

# service_state NAME: healthy, unhealthy (it runs and does not answer) or down.
service_state() {
    if [[ ! $(service_pids "$1") ]]; then
        echo down
    elif "$1_answers" "$(service_port "$1")"; then
        echo healthy
    else
        echo unhealthy
    fi
}

# await NAME: until the service answers. 90 seconds are ten times what a start takes on a machine of
# two cores; a broker that was killed waits 9 of them for its old session to end.
await() {
    local name=$1 deadline=$((SECONDS + 90)) reason=
    until "${name}_answers" "$(service_port "$name")"; do
        if [[ ! $(service_pids "$name") ]]; then
            reason='ended while it started'
        elif ((SECONDS >= deadline)); then
            reason='runs, and does not answer'
        fi
        if [[ $reason ]]; then
            tail -n 15 "$stack_dir/logs/$name.log" >&2
            die "$(service_title "$name") $reason; scripts/stack logs $name shows more," \
                "scripts/stack down stops what is left"
        fi
        sleep 0.2
    done
}

# refuse_taken_ports SERVICE…: names every port that those need and somebody else has.
refuse_taken_ports() {
    local name port holder taken=0 wanted=()
    for name in "$@"; do
        wanted+=("$name")
        if [[ $name == kafka && $form == kraft ]]; then
            wanted+=(controller)
        fi
    done
    for name in "${wanted[@]}"; do
        port=$(service_port "$name")
        holder=$(port_holder "$port")
        if [[ $holder ]]; then
            say "port $port, which $name needs, is taken by $holder"
            taken=1
        fi
    done
    ((taken == 0)) ||
        die "nothing was started; stop what holds the port, or choose another:" \
            "--kafka-port, --controller-port, --connect-port, --zookeeper-port"
}

# local_up: starts what does not run, and returns when everything answers.
local_up() {
    local name services=() missing=() started=
    read -ra services <<<"$(local_services)"
    for name in "${services[@]}"; do
        if [[ ! $(service_pids "$name") ]]; then
            missing+=("$name")
        fi
    done
    if ((${#missing[@]})); then
        refuse_taken_ports "${missing[@]}"
        (
            lock_cache
            install_packages "${needed_to_start[@]}"
            fetch "$form"
        )
        mkdir -p "$stack_dir"/{conf,data,logs,tmp}
        write_state
    fi
    for name in "${services[@]}"; do
        if [[ ! $(service_pids "$name") ]]; then
            say "starting $(service_title "$name") on port $(service_port "$name")"
            "start_$name"
            started=yes
        fi
        await "$name"
    done
    if [[ $started ]]; then
        say "up: $(summary)"
    else
        say "already up: $(summary)"
    fi
}

# ended_within SECONDS NAME: whether the service is gone before then.
ended_within() {
    local deadline=$((SECONDS + $1))
    while [[ $(service_pids "$2") ]]; do
        if ((SECONDS >= deadline)); then
            return 1
        fi
        sleep 0.1
    done
}

# stop NAME: asks, waits ten seconds, then insists.
stop() {
    local name=$1 signal pids
    for signal in TERM KILL; do
        mapfile -t pids < <(service_pids "$name")
        if ((${#pids[@]} == 0)); then
            return
        fi
        kill "-$signal" "${pids[@]}" 2>/dev/null || true
        if ended_within 10 "$name"; then
            return
        fi
    done
    die "$name does not end, pid ${pids[*]}"
}

# local_down: Connect first, which has something to say to Kafka when it leaves.
local_down() {
    local name
    for name in connect kafka zookeeper; do
        stop "$name"
    done
}

# memory_of PID: resident, in MiB.
memory_of() {
    awk '/^VmRSS:/ { printf "%d MiB", $2 / 1024 }' "/proc/$1/status" 2>/dev/null
}

# status_line NAME STATE PID PORT VERSION
status_line() {
    local memory
    memory=$(memory_of "$3" || true)
    printf '%-10s %-10s %8s %6s %10s  %s\n' "$1" "$2" "${3:--}" "$4" "${memory:--}" "$5"
}

# local_status: a line for each service; 3 unless all are healthy.
local_status() {
    local name state title services result=0
    read -ra services <<<"$(local_services)"
    printf '%-10s %-10s %8s %6s %10s  %s\n' service state pid port memory version
    for name in "${services[@]}"; do
        state=$(service_state "$name")
        title=$(service_title "$name")
        if [[ $state != healthy ]]; then
            result=3
        elif [[ $name == connect ]]; then
            title+=", Debezium $(debezium_version "$connect_port")"
        fi
        status_line "$name" "$state" "$(service_pids "$name" | head -n 1)" \
            "$(service_port "$name")" "$title"
    done
    postgres_status || result=3
    return "$result"
}

local_logs() {
    local follow=$1 name files=()
    shift
    for name in "$@"; do
        if [[ -e $stack_dir/logs/$name.log ]]; then
            files+=("$stack_dir/logs/$name.log")
        fi
    done
    ((${#files[@]})) || die "there are no logs in $stack_dir/logs: the stack is not up"
    if [[ $follow ]]; then
        exec tail -n 20 -F -- "${files[@]}"
    fi
    exec tail -n 200 -- "${files[@]}"
}
