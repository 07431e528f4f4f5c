#include "run/monitor/process.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <inttypes.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "result/result.h"

typedef struct {
    int parent;
    int64_t own_ticks, children_ticks;
    uint64_t started_ticks;
} stat_t;

/* Fields 4, 14–17 and 22 of /proc/PID/stat; the command in field 2 may hold spaces and parentheses,
 * so the count starts behind the last one. */
static bool read_stat(int pid, stat_t *out)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    size_t len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[len] = '\0';
    const char *rest = strrchr(text, ')');
    long long user, system, child_user, child_system;
    if (rest == NULL ||
        sscanf(rest + 1,
               " %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lld %lld %lld %lld %*d %*d %*d %*d "
               "%" SCNu64,
               &out->parent, &user, &system, &child_user, &child_system, &out->started_ticks) != 6)
        return false;
    out->own_ticks = user + system;
    out->children_ticks = child_user + child_system;
    return true;
}

/* A "Name:   123 kB" line of /proc/PID/status, in bytes; 0 where there is none. */
static int64_t read_status(const char *text, const char *name)
{
    const char *line = strstr(text, name);
    return line == NULL ? 0 : strtoll(line + strlen(name), NULL, 10) * 1024;
}

static int64_t read_rss(int pid, bool without_shared)
{
    char path[64], text[4096];
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return NOT_MEASURED;
    size_t len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[len] = '\0';
    return read_status(text, "\nVmRSS:") - (without_shared ? read_status(text, "\nRssShmem:") : 0);
}

static int64_t ticks_to_us(int64_t ticks)
{
    return ticks * (US_PER_S / sysconf(_SC_CLK_TCK));
}

process_usage_t process_usage(int pid)
{
    stat_t stat;
    if (!read_stat(pid, &stat))
        return (process_usage_t){NOT_MEASURED, NOT_MEASURED};
    return (process_usage_t){ticks_to_us(stat.own_ticks), read_rss(pid, false)};
}

static bool is_among(int pid, const int *pids, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (pids[i] == pid)
            return true;
    return false;
}

process_usage_t process_tree_usage(int pid)
{
    return process_tree_usage_without(pid, NULL, 0);
}

process_usage_t process_tree_usage_without(int pid, const int *without, size_t n)
{
    stat_t root;
    if (!read_stat(pid, &root))
        return (process_usage_t){NOT_MEASURED, NOT_MEASURED};
    int64_t ticks = root.own_ticks + root.children_ticks;
    int64_t rss_bytes = read_rss(pid, true);
    DIR *proc = opendir("/proc");
    if (proc == NULL)
        return (process_usage_t){NOT_MEASURED, NOT_MEASURED};
    for (struct dirent *entry; (entry = readdir(proc)) != NULL;) {
        int child = atoi(entry->d_name);
        stat_t stat;
        if (child <= 0 || is_among(child, without, n) || !read_stat(child, &stat) ||
            stat.parent != pid)
            continue;
        ticks += stat.own_ticks + stat.children_ticks;
        int64_t rss = read_rss(child, true);
        if (rss != NOT_MEASURED)
            rss_bytes += rss;
    }
    closedir(proc);
    return (process_usage_t){ticks_to_us(ticks), rss_bytes};
}

int process_parent(int pid)
{
    stat_t stat;
    return read_stat(pid, &stat) ? stat.parent : 0;
}

int64_t process_self_cpu_us(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * US_PER_S + usage.ru_utime.tv_usec +
           usage.ru_stime.tv_usec;
}

int64_t process_self_rss_peak_bytes(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (int64_t)usage.ru_maxrss * 1024;
}

/* The inode of the socket that listens on the port, from a table of /proc/net ("sl local rem st
 * tx:rx tr:when retrnsmt uid timeout inode", proc(5)); 0: none. */
static unsigned long listening_inode(const char *table, int port)
{
    char line[512];
    unsigned long inode = 0;
    FILE *file = fopen(table, "re");
    if (file == NULL)
        return 0;
    while (inode == 0 && fgets(line, sizeof line, file) != NULL) {
        unsigned local_port, state;
        unsigned long found;
        if (sscanf(line, " %*d: %*[0-9A-F]:%x %*[0-9A-F]:%*x %x %*s %*s %*s %*u %*u %lu",
                   &local_port, &state, &found) == 3 &&
            state == TCP_LISTEN && (int)local_port == port)
            inode = found;
    }
    fclose(file);
    return inode;
}

static bool has_socket(int pid, unsigned long inode)
{
    char path[64], wanted[64], target[64];
    bool found = false;
    snprintf(path, sizeof path, "/proc/%d/fd", pid);
    snprintf(wanted, sizeof wanted, "socket:[%lu]", inode);
    DIR *fds = opendir(path);
    if (fds == NULL)
        return false;
    for (struct dirent *entry; !found && (entry = readdir(fds)) != NULL;) {
        char link[PATH_MAX];
        snprintf(link, sizeof link, "%s/%s", path, entry->d_name);
        ssize_t len = readlink(link, target, sizeof target - 1);
        if (len > 0) {
            target[len] = '\0';
            found = strcmp(target, wanted) == 0;
        }
    }
    closedir(fds);
    return found;
}

/* The process that listens on the port; one on IPv4 alone is not met at an IPv6 address. */
static int listening_on(int port, bool ipv6)
{
    unsigned long inode = ipv6 ? 0 : listening_inode("/proc/net/tcp", port);
    if (inode == 0)
        inode = listening_inode("/proc/net/tcp6", port);
    DIR *proc = inode == 0 ? NULL : opendir("/proc");
    if (proc == NULL)
        return 0;
    int pid = 0;
    for (struct dirent *entry; pid == 0 && (entry = readdir(proc)) != NULL;) {
        int candidate = atoi(entry->d_name);
        if (candidate > 0 && has_socket(candidate, inode))
            pid = candidate;
    }
    closedir(proc);
    return pid;
}

static bool is_loopback(const char *host, bool *ipv6)
{
    struct in_addr v4;
    struct in6_addr v6;
    *ipv6 = inet_pton(AF_INET6, host, &v6) == 1;
    if (*ipv6)
        return IN6_IS_ADDR_LOOPBACK(&v6);
    return strcasecmp(host, "localhost") == 0 ||
           (inet_pton(AF_INET, host, &v4) == 1 && ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET);
}

int process_behind(const char *address)
{
    char host[64];
    bool ipv6;
    if (address == NULL)
        return 0;
    const char *scheme = strstr(address, "://");
    const char *start = scheme != NULL ? scheme + 3 : address;
    const char *end = start + strcspn(start, ",/?#");
    const char *user = memrchr(start, '@', (size_t)(end - start));
    if (user != NULL)
        start = user + 1;
    const char *port = memrchr(start, ':', (size_t)(end - start)); /* an IPv6 address has others */
    if (port == NULL)
        return 0;
    int port_number = atoi(port + 1);
    if (*start == '[' && port[-1] == ']') {
        start++;
        port--;
    }
    size_t len = (size_t)(port - start);
    if (len >= sizeof host)
        return 0;
    memcpy(host, start, len);
    host[len] = '\0';
    return is_loopback(host, &ipv6) ? listening_on(port_number, ipv6) : 0;
}

uint64_t process_started_ticks(int pid)
{
    stat_t stat;
    return read_stat(pid, &stat) ? stat.started_ticks : 0;
}
