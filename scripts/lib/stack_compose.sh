# shellcheck shell=bash
# shellcheck disable=SC2154  # the variables of scripts/stack
# The stack as containers, from docker/compose.yaml. To be sourced after stack_ports.sh.

has_docker_engine() {
    has_program docker && timeout 5 docker info >/dev/null 2>&1
}

has_compose() {
    docker compose version >/dev/null 2>&1 || has_program docker-compose
}

compose() {
    local engine=(docker compose)
    if ! docker compose version >/dev/null 2>&1; then
        engine=(docker-compose)
    fi
    CDCBENCH_KAFKA_PORT=$kafka_port CDCBENCH_CONNECT_PORT=$connect_port \
        CDCBENCH_POSTGRES_PORT=$postgres_port CDCBENCH_UI_PORT=$ui_port \
        "${engine[@]}" --project-name cdcbench --file "$root/docker/compose.yaml" "$@"
}

compose_runs() {
    [[ $(compose ps --quiet 2>/dev/null) ]]
}

compose_healthy() {
    kafka_answers "$kafka_port" && connect_answers "$connect_port"
}

# refuse_taken_container_ports: names every port that the containers need and somebody else has.
refuse_taken_container_ports() {
    local name port holder taken=0
    for name in kafka connect postgres ui; do
        port=$(service_port "$name")
        holder=$(port_holder "$port")
        if [[ $holder ]]; then
            say "port $port, which $name needs, is taken by $holder"
            taken=1
        fi
    done
    ((taken == 0)) ||
        die "nothing was started; stop what holds the port, or choose another:" \
            "--kafka-port, --connect-port, --postgres-port, --ui-port"
}

# compose_up: Connect starts when PostgreSQL and Kafka pass their health checks (depends_on), so
# what is left to wait for is Connect itself.
compose_up() {
    local deadline
    if compose_runs; then
        if compose_healthy; then
            say "already up: $(summary)"
            return
        fi
    else
        refuse_taken_container_ports
    fi
    mkdir -p "$stack_dir"
    write_state
    say 'starting the containers of docker/compose.yaml (the first time, their images are pulled)'
    compose up --detach >&2 || die 'the containers could not be started; scripts/stack down' \
        'removes those that were'
    deadline=$((SECONDS + 120))
    until compose_healthy; do
        if ((SECONDS >= deadline)); then
            compose ps >&2
            die 'the containers run, and Kafka or Connect does not answer; scripts/stack logs' \
                'shows why, scripts/stack down removes them'
        fi
        sleep 0.5
    done
    say "up: $(summary)"
}

compose_status() {
    compose ps
    compose_healthy || return 3
}
