/* clean: the removal of everything that cdcbench has made: in a database, in Connect and in Kafka.
 * Main thread; blocking. */
#ifndef CDCBENCH_CLI_CLEAN_H
#define CDCBENCH_CLI_CLEAN_H

#include "plan/options/config.h"
#include "postgres/admin.h"
#include "run/pipeline/debezium.h"

/* The connector and the topics only where the config says where Connect and Kafka are. What is not
 * ours is passed over; with CLEAN_OWN so are another run's connector and what a watch left behind.
 * *removed counts what was there. False with *err. */
bool clean_all(const config_t *config, const pg_target_t *target, pg_admin_t *admin, clean_t whose,
               int *removed, err_t *err);

#endif
