#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "report/files/run_json_parts.h"

/* The first "model name" of /proc/cpuinfo (proc(5)); arm64 kernels write none, then it is null. */
static json_t *cpu_model_json(void)
{
    static const char key[] = "model name";
    json_t *model = NULL;
    char line[512];
    FILE *cpuinfo = fopen("/proc/cpuinfo", "re");
    while (cpuinfo != NULL && model == NULL && fgets(line, sizeof line, cpuinfo) != NULL) {
        char *value = strchr(line, ':');
        if (strncmp(line, key, sizeof key - 1) == 0 && value != NULL) {
            value += strspn(value, ": \t");
            value[strcspn(value, "\n")] = '\0';
            model = run_json_text(value);
        }
    }
    if (cpuinfo != NULL) {
        fclose(cpuinfo);
    }
    return model != NULL ? model : json_null();
}

/* A figure of sysconf(3), times `unit`; -1 there is unknown. */
static json_t *sysconf_json(int name, int64_t unit)
{
    long value = sysconf(name);
    return value < 0 ? json_null() : json_integer(value * unit);
}

json_t *run_json_host(void)
{
    struct utsname system = {.sysname = ""};
    uname(&system);
    return run_json_object((const run_json_field_t[]){
        {"system", run_json_text(system.sysname)},
        {"release", run_json_text(system.release)},
        {"version", run_json_text(system.version)},
        {"machine", run_json_text(system.machine)},
        {"cpu", cpu_model_json()},
        {"cores", sysconf_json(_SC_NPROCESSORS_ONLN, 1)},
        {"memory_bytes", sysconf_json(_SC_PHYS_PAGES, sysconf(_SC_PAGESIZE))},
        {"page_bytes", sysconf_json(_SC_PAGESIZE, 1)},
        {NULL, NULL},
    });
}
