#include "postgres/cluster/installation.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "postgres/cluster/process.h"

#define NUMBER_MIN 1400

/* "postgres (PostgreSQL) 15.20 (Debian …)", "… 18beta2": the version's text and its number. */
static bool read_version(installation_t *found)
{
    static const char prefix[] = "postgres (PostgreSQL) ";
    char program[PATH_MAX + 16], line[192];
    snprintf(program, sizeof program, "%s/postgres", found->bin_dir);
    if (!process_capture((const char *const[]){program, "--version", NULL}, line, sizeof line) ||
        strncmp(line, prefix, sizeof prefix - 1) != 0) {
        return false;
    }
    snprintf(found->version, sizeof found->version, "%.*s", (int)sizeof found->version - 1,
             line + sizeof prefix - 1);
    char *rest;
    long major = strtol(found->version, &rest, 10);
    long minor = *rest == '.' ? strtol(rest + 1, NULL, 10) : 0;
    found->number = (int)(major * 100 + minor);
    return found->number > 0;
}

static void consider(const char *bin_dir, installation_t *best)
{
    static const char *const programs[] = {"initdb", "postgres"};
    for (int i = 0; i < 2; i++) {
        char path[PATH_MAX + 16];
        snprintf(path, sizeof path, "%s/%s", bin_dir, programs[i]);
        if (access(path, X_OK) != 0) {
            return;
        }
    }
    installation_t found = {0};
    snprintf(found.bin_dir, sizeof found.bin_dir, "%s", bin_dir);
    if (read_version(&found) && found.number > best->number) {
        *best = found;
    }
}

static void consider_usual_places(installation_t *best)
{
    static const char *const patterns[] = {"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin",
                                           "/usr/local/pgsql/bin"};
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        glob_t found;
        if (glob(patterns[i], 0, NULL, &found) == 0) {
            for (size_t j = 0; j < found.gl_pathc; j++) {
                consider(found.gl_pathv[j], best);
            }
            globfree(&found);
        }
    }
}

static void consider_path(installation_t *best)
{
    const char *listed = getenv("PATH");
    char *path = strdup(listed ? listed : "");
    char *rest = path;
    const char *dir;
    while ((dir = strsep(&rest, ":"))) {
        consider(dir, best);
    }
    free(path);
}

bool installation_find(const char *bin_dir, installation_t *out, err_t *err)
{
    char configured[PATH_MAX];
    *out = (installation_t){0};
    if (bin_dir) {
        consider(bin_dir, out);
    } else {
        if (process_capture((const char *const[]){"pg_config", "--bindir", NULL}, configured,
                            sizeof configured)) {
            consider(configured, out);
        }
        consider_usual_places(out);
        consider_path(out);
    }
    if (out->number >= NUMBER_MIN) {
        return true;
    }
    if (out->number > 0) {
        return err_set(err, ERR_RUN,
                       "the PostgreSQL server in %s is version %s; 14 or later is needed",
                       out->bin_dir, out->version);
    }
    return err_set(
        err, ERR_RUN,
        "no PostgreSQL server found in %s: install one (Debian, Ubuntu: apt-get install "
        "postgresql; elsewhere see postgresql.org/download), or name a server with --dsn",
        bin_dir ? bin_dir
                : "pg_config's folder, /usr/lib/postgresql/*/bin, /usr/pgsql-*/bin, "
                  "/usr/local/pgsql/bin and PATH");
}
