#include "kafka/kafka_log_dir.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* log.dirs/<topic>-<partition>/<first offset, 20 digits>.log */
static bool is_folder_of(const char *folder, const char *topic)
{
    size_t len = strlen(topic);
    if (strncmp(folder, topic, len) != 0 || folder[len] != '-') {
        return false;
    }
    const char *digits = folder + len + 1;
    return digits[0] && digits[strspn(digits, "0123456789")] == '\0';
}

static bool is_segment(const char *file)
{
    size_t len = strlen(file);
    return len > 4 && strcmp(file + len - 4, ".log") == 0;
}

/* Segments come and go while this looks: what is gone counts 0. */
static uint64_t folder_bytes(const char *path)
{
    DIR *folder = opendir(path);
    if (!folder) {
        return 0;
    }
    uint64_t bytes = 0;
    struct dirent *entry;
    while ((entry = readdir(folder))) {
        char file[4096];
        struct stat found;
        if (is_segment(entry->d_name) &&
            snprintf(file, sizeof file, "%s/%s", path, entry->d_name) < (int)sizeof file &&
            stat(file, &found) == 0) {
            bytes += (uint64_t)found.st_size;
        }
    }
    closedir(folder);
    return bytes;
}

bool kafka_log_dir_bytes(const char *log_dir, const char *topic, uint64_t *bytes, err_t *err)
{
    *bytes = 0;
    DIR *folder = opendir(log_dir);
    if (!folder) {
        return err_set(err, ERR_RUN, "Kafka's log folder %s cannot be read: %s", log_dir,
                       strerror(errno));
    }
    struct dirent *entry;
    while ((entry = readdir(folder))) {
        char path[4096];
        if (is_folder_of(entry->d_name, topic) &&
            snprintf(path, sizeof path, "%s/%s", log_dir, entry->d_name) < (int)sizeof path) {
            *bytes += folder_bytes(path);
        }
    }
    closedir(folder);
    return true;
}
