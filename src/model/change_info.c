#include "model/change_info.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "model/row.h"
#include "model/timestamp.h"

static const char new_begin[] = "{\"amount\": {\"new\": ";
static const char old_begin[] = ", \"old\": ";
static const char time_begin[] = "}, \"modified_at\": \"";
static const char user_begin[] = "+00:00\", \"modified_by\": \"";
static const char user_end[] = "\"}";

/* Appends, cut at CHANGE_INFO_TEXT_MAX. */
static void end_put(change_info_end_t *end, const char *bytes, size_t len)
{
    size_t left = sizeof end->bytes - end->len;
    len = len < left ? len : left;
    memcpy(end->bytes + end->len, bytes, len);
    end->len += len;
}

/* One character of a JSON string (src/backend/utils/adt/json.c: escape_json). */
static void end_put_escaped(change_info_end_t *end, char c)
{
    static const char plain[] = "\b\f\n\r\t\"\\", letters[] = "bfnrt\"\\";
    const char *special = c == '\0' ? NULL : strchr(plain, c);
    char text[8];
    if (special != NULL)
        snprintf(text, sizeof text, "\\%c", letters[special - plain]);
    else if ((unsigned char)c < ' ')
        snprintf(text, sizeof text, "\\u%04x", (unsigned)c);
    else
        snprintf(text, sizeof text, "%c", c);
    end_put(end, text, strlen(text));
}

void change_info_end(const char *user, change_info_end_t *out)
{
    out->len = 0;
    end_put(out, user_begin, sizeof user_begin - 1);
    for (; *user != '\0'; user++)
        end_put_escaped(out, *user);
    end_put(out, user_end, sizeof user_end - 1);
}

/* Two amounts of at most 11 characters, and what stands around them. */
#define BEFORE_TIME_MAX 80

static size_t write_before_time(uint32_t new_cents, uint32_t old_cents, char out[BEFORE_TIME_MAX])
{
    char *at = out;
#define PUT(text) (memcpy(at, text, sizeof(text) - 1), at += sizeof(text) - 1)
    PUT(new_begin);
    at += row_amount_text(new_cents, at);
    PUT(old_begin);
    at += row_amount_text(old_cents, at);
    PUT(time_begin);
#undef PUT
    return (size_t)(at - out);
}

bool change_info_new_cents(const char *text, size_t len, uint32_t *cents)
{
    size_t begin = sizeof new_begin - 1;
    if (len < begin || !bytes_same(text, new_begin, begin))
        return false;
    const char *end = memchr(text + begin, ',', len - begin);
    return end != NULL && row_amount_parse(text + begin, (size_t)(end - text) - begin, cents);
}

bool change_info_matches(const char *text, size_t len, uint32_t new_cents, uint32_t old_cents,
                         const change_info_end_t *end, int64_t *unix_us)
{
    char before[BEFORE_TIME_MAX];
    size_t before_len = write_before_time(new_cents, old_cents, before);
    if (len < before_len + end->len)
        return false;
    size_t time_len = len - before_len - end->len;
    return bytes_same(text, before, before_len) &&
           bytes_same(text + len - end->len, end->bytes, end->len) &&
           timestamp_parse(text + before_len, time_len, 'T', unix_us);
}

size_t change_info_write(uint32_t new_cents, uint32_t old_cents, const char *user, int64_t unix_us,
                         char out[CHANGE_INFO_TEXT_MAX])
{
    change_info_end_t end;
    change_info_end(user, &end);
    size_t len = write_before_time(new_cents, old_cents, out);
    if (unix_us == CHANGE_INFO_ANY_TIME) {
        memset(out + len, '.', 3);
        len += 3;
    } else {
        len += timestamp_write(unix_us, 'T', out + len);
    }
    size_t left = CHANGE_INFO_TEXT_MAX - len;
    size_t end_len = end.len < left ? end.len : left;
    memcpy(out + len, end.bytes, end_len);
    return len + end_len;
}
