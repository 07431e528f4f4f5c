#include "model/change_info.h"

#include <stdio.h>
#include <string.h>

#include "model/row.h"
#include "model/timestamp.h"

static const char new_begin[] = "{\"amount\": {\"new\": ";
static const char old_begin[] = ", \"old\": ";
static const char time_begin[] = "}, \"modified_at\": \"";
static const char user_begin[] = "+00:00\", \"modified_by\": \"";
static const char user_end[] = "\"}";

/* The text on both sides of the time. */
typedef struct {
    char bytes[CHANGE_INFO_TEXT_MAX];
    size_t len;
} piece_t;

static void piece_put(piece_t *piece, const char *bytes, size_t len)
{
    if (len > sizeof piece->bytes - piece->len)
        len = sizeof piece->bytes - piece->len;
    memcpy(piece->bytes + piece->len, bytes, len);
    piece->len += len;
}

static void piece_puts(piece_t *piece, const char *text)
{
    piece_put(piece, text, strlen(text));
}

static void piece_put_cents(piece_t *piece, uint32_t cents)
{
    char amount[12];
    piece_put(piece, amount, row_amount_text(cents, amount));
}

/* One character of a JSON string (src/backend/utils/adt/json.c: escape_json). */
static void piece_put_escaped(piece_t *piece, char c)
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
    piece_puts(piece, text);
}

static void write_before_time(piece_t *piece, uint32_t new_cents, uint32_t old_cents)
{
    piece_puts(piece, new_begin);
    piece_put_cents(piece, new_cents);
    piece_puts(piece, old_begin);
    piece_put_cents(piece, old_cents);
    piece_puts(piece, time_begin);
}

static void write_after_time(piece_t *piece, const char *user)
{
    piece_puts(piece, user_begin);
    for (; *user != '\0'; user++)
        piece_put_escaped(piece, *user);
    piece_puts(piece, user_end);
}

bool change_info_new_cents(const char *text, size_t len, uint32_t *cents)
{
    size_t begin = sizeof new_begin - 1;
    if (len < begin || memcmp(text, new_begin, begin) != 0)
        return false;
    const char *end = memchr(text + begin, ',', len - begin);
    return end != NULL && row_amount_parse(text + begin, (size_t)(end - text) - begin, cents);
}

bool change_info_matches(const char *text, size_t len, uint32_t new_cents, uint32_t old_cents,
                         const char *user, int64_t *unix_us)
{
    piece_t before, after;
    before.len = after.len = 0;
    write_before_time(&before, new_cents, old_cents);
    write_after_time(&after, user);
    if (len < before.len + after.len)
        return false;
    size_t time_len = len - before.len - after.len;
    return memcmp(text, before.bytes, before.len) == 0 &&
           memcmp(text + len - after.len, after.bytes, after.len) == 0 &&
           timestamp_parse(text + before.len, time_len, 'T', unix_us);
}

size_t change_info_write(uint32_t new_cents, uint32_t old_cents, const char *user, int64_t unix_us,
                         char out[CHANGE_INFO_TEXT_MAX])
{
    piece_t piece;
    piece.len = 0;
    write_before_time(&piece, new_cents, old_cents);
    char time[TIMESTAMP_TEXT_MAX];
    if (unix_us == CHANGE_INFO_ANY_TIME)
        piece_puts(&piece, "...");
    else
        piece_put(&piece, time, timestamp_write(unix_us, 'T', time));
    write_after_time(&piece, user);
    memcpy(out, piece.bytes, piece.len);
    return piece.len;
}
