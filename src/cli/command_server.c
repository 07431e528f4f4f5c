/* cdcbench server: a throw-away PostgreSQL that outlives the command, for scripts and for working
 * by hand. The one starter of PostgreSQL is the binary. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cli/command.h"
#include "cli/server.h"

/* Lines that a shell can eval; the password is in a file that only its owner may read. */
static void print_environment(const pg_cluster_t *cluster)
{
    printf("export CDCBENCH_SERVER=%s\n"
           "export PGHOST=%s\n"
           "export PGPORT=%d\n"
           "export PGUSER=postgres\n"
           "export PGDATABASE=%s\n"
           "export PGPASSFILE=%s\n",
           pg_cluster_dir(cluster), pg_cluster_socket_dir(cluster), pg_cluster_tcp_port(cluster),
           SERVER_DATABASE, pg_cluster_passfile(cluster));
}

static int start(const config_t *config)
{
    err_t err = {0};
    pg_cluster_opts_t opts = {
        .bin_dir = config->server.pg_bin, .database = SERVER_DATABASE, .keep = true};
    pg_cluster_t *cluster = pg_cluster_reap(&err) < 0 ? NULL : pg_cluster_start(&opts, &err);
    if (cluster == NULL)
        return command_fail(&err);
    print_environment(cluster);
    if (command_flush())
        return pg_cluster_stop(cluster, &err) ? 0 : command_fail(&err);
    /* Nobody knows where it is, so nobody would stop it. */
    char dir[PATH_MAX];
    snprintf(dir, sizeof dir, "%s", pg_cluster_dir(cluster));
    bool stopped = pg_cluster_stop(cluster, &err) && pg_cluster_stop_kept(dir, &err);
    return stopped ? ERR_RUN : command_fail(&err);
}

static int stop(const char *dir)
{
    err_t err = {0};
    return pg_cluster_stop_kept(dir, &err) ? 0 : command_fail(&err);
}

int command_server(const line_t *line, const config_t *config)
{
    err_t err = {0};
    if (line->n_rest == 1 && strcmp(line->rest[0], "start") == 0)
        return start(config);
    if (line->n_rest == 2 && strcmp(line->rest[0], "stop") == 0)
        return stop(line->rest[1]);
    err_set(&err, ERR_USAGE,
            "server takes `start`, or `stop DIR`, where DIR is what start printed as "
            "CDCBENCH_SERVER");
    return command_fail(&err);
}
