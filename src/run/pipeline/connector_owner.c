#include "run/pipeline/connector_owner.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "run/monitor/process.h"

#define HOST_MAX 256

static void host_name(char out[HOST_MAX])
{
    if (gethostname(out, HOST_MAX) != 0)
        snprintf(out, HOST_MAX, "localhost");
    out[HOST_MAX - 1] = '\0';
}

void connector_owner_mark(char out[CONNECTOR_OWNER_TEXT_MAX])
{
    char host[HOST_MAX];
    host_name(host);
    snprintf(out, CONNECTOR_OWNER_TEXT_MAX, "%s %d %" PRIu64, host, (int)getpid(),
             process_started_ticks((int)getpid()));
}

connector_owner_t connector_owner_judge(const char *mark)
{
    char host[HOST_MAX], theirs[HOST_MAX];
    int pid;
    uint64_t started;
    if (mark == NULL || sscanf(mark, "%255s %d %" SCNu64, theirs, &pid, &started) != 3)
        return CONNECTOR_OWNER_NONE;
    host_name(host);
    if (strcmp(host, theirs) != 0)
        return CONNECTOR_OWNER_ELSEWHERE;
    if (started == 0 || process_started_ticks(pid) != started)
        return CONNECTOR_OWNER_ENDED;
    return pid == (int)getpid() ? CONNECTOR_OWNER_SELF : CONNECTOR_OWNER_RUNS;
}
