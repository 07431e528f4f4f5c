# shellcheck shell=bash
# shellcheck disable=SC2154  # the variables of scripts/stack
# The configuration files of the local services, written anew at each start. To be sourced.
#
# Everything listens on 127.0.0.1 alone; one node stands for a cluster, so every internal topic has
# one replica.

# What both forms of the broker share.
write_broker_settings() {
    cat <<EOF
advertised.listeners=PLAINTEXT://127.0.0.1:$kafka_port
log.dirs=$stack_dir/data/kafka
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
EOF
}

write_kafka_kraft() {
    cat <<EOF
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:$controller_port
listeners=PLAINTEXT://127.0.0.1:$kafka_port,CONTROLLER://127.0.0.1:$controller_port
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
EOF
    write_broker_settings
}

write_kafka_zookeeper() {
    cat <<EOF
broker.id=1
zookeeper.connect=127.0.0.1:$zookeeper_port
listeners=PLAINTEXT://127.0.0.1:$kafka_port
EOF
    write_broker_settings
}

write_zookeeper() {
    cat <<EOF
clientPortAddress=127.0.0.1
clientPort=$zookeeper_port
dataDir=$stack_dir/data/zookeeper
admin.enableServer=false
4lw.commands.whitelist=ruok
EOF
}

# Schemas are on, as they are by default in Connect; a connector's own configuration can turn them
# off. The override policy lets it set its producer's properties too.
write_connect() {
    cat <<EOF
bootstrap.servers=127.0.0.1:$kafka_port
group.id=cdcbench-connect
listeners=http://127.0.0.1:$connect_port
rest.advertised.host.name=127.0.0.1
key.converter=org.apache.kafka.connect.json.JsonConverter
value.converter=org.apache.kafka.connect.json.JsonConverter
config.storage.topic=cdcbench_connect_configs
config.storage.replication.factor=1
offset.storage.topic=cdcbench_connect_offsets
offset.storage.replication.factor=1
offset.storage.partitions=1
offset.flush.interval.ms=${CDCBENCH_OFFSET_FLUSH_INTERVAL_MS:-10000}
status.storage.topic=cdcbench_connect_statuses
status.storage.replication.factor=1
status.storage.partitions=1
plugin.path=$cache_dir/$form/plugins
plugin.discovery=service_load
connector.client.config.override.policy=All
EOF
}
