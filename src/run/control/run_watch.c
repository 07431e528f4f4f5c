/* A watch: the taps alone, on a table that others write to. Nothing is verified, since nobody here
 * knows what was written; lag counts from the commit's timestamp. */
#include "run/control/run_internal.h"

#include <stdio.h>

void run_watch_scenario(int64_t watch_ns, scenario_t *out)
{
    *out = (scenario_t){.n_phases = 1};
    snprintf(out->name, sizeof out->name, "watch");
    snprintf(out->phases[0].name, sizeof out->phases[0].name, "watch");
    out->phases[0].kind = PHASE_WATCH;
    out->phases[0].duration_ns = watch_ns;
}

bool run_prepare_watch(run_t *run, err_t *err)
{
    const watched_t *watched = run->opts.watched;
    run->admin = pg_admin_connect(run->opts.target, err);
    if (run->admin == NULL)
        return false;
    run->server_pid = run_local_postmaster(run);
    run->work.scenario = run->opts.scenario;
    run->work.ledger = ledger_new(1, 0, 1); /* keeps nothing */
    if (run->work.ledger == NULL)
        return err_set(err, ERR_RUN, "out of memory");
    run->watched_table = (table_t){.name = watched->table};
    run->verify.tables = tables_of_one(&run->watched_table, TRIGGERS_NONE, false);
    snprintf(run->result.watched, sizeof run->result.watched, "%s.%s", watched->schema,
             watched->table);
    return run_prepare_taps(run, err);
}

/* At least one tap can still bring something. */
static bool is_listening(const run_t *run)
{
    bool any = false;
    for (int id = 0; id < TAP_COUNT; id++)
        any = any || (run->taps[id] != NULL && !tap_failed(run->taps[id]));
    return any;
}

void run_watch_phase(run_t *run, int64_t duration_ns)
{
    int64_t until_ns = duration_ns > 0 ? clock_now_ns() + duration_ns : INT64_MAX;
    while (run->heard == 0 && is_listening(run) && clock_now_ns() < until_ns)
        run_wait(run, until_ns);
}
