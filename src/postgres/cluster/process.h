/*
 * process: starts and ends the programs of an embedded server (initdb, postgres), as an
 * unprivileged user where we are root, which they refuse to be. Blocking. To be called before
 * threads are started (the child runs code of ours between fork and exec), and from the thread that
 * lives longest: the kernel sends a child's death signal when the thread that made it ends.
 */
#ifndef CDCBENCH_POSTGRES_CLUSTER_PROCESS_H
#define CDCBENCH_POSTGRES_CLUSTER_PROCESS_H

#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

/* Whom the server runs as. */
typedef struct {
    bool changes; /* false: as we are */
    uid_t uid;
    gid_t gid;
    char name[64];
} process_user_t;

/* As we are, or where we are root: postgres, else nobody. */
bool process_user_find(process_user_t *out, err_t *err);

typedef struct {
    const char *const *argv; /* argv[0] is looked for in PATH if it has no slash */
    const process_user_t *user;
    const char *dir;  /* its working folder; NULL: ours */
    int out_fd;       /* its standard output and error */
    int death_signal; /* what it gets when we die; 0: nothing */
} process_t;

/* Starts it in a session of its own (^C is for us alone), without our signal handlers, our open
 * files and libpq's variables. The pid, or −1 with *err. A failure in the child (no such program,
 * no such right) is a line in its output and status 127. */
pid_t process_start(const process_t *process, err_t *err);

/* Waits for its end. The exit status, or 128 and the signal's number. */
int process_wait(pid_t pid);

/* The first line of what a program prints. False when it fails or prints nothing. */
bool process_capture(const char *const *argv, char *out, size_t size);

/* The postmaster of the cluster in that data folder, by its postmaster.pid; 0 when it does not run.
 */
pid_t process_postmaster(const char *data_dir);

/* Stops the server of that data folder, and waits until nothing of it is left: with `fast` SIGINT
 * first (a checkpoint is written; at most 30 s), then SIGQUIT, then SIGKILL. */
void process_stop_server(const char *data_dir, bool fast);

#endif
