#include <yajl/yajl_parse.h>
#include <yajl/yajl_version.h>

#include "candidate.h"

static int on_null(void *n)
{
    ++*(size_t *)n;
    return 1;
}

static int on_boolean(void *n, int value)
{
    (void)value;
    return on_null(n);
}

static int on_text(void *n, const unsigned char *text, size_t len)
{
    (void)text;
    (void)len;
    return on_null(n);
}

static int on_number(void *n, const char *text, size_t len)
{
    (void)text;
    (void)len;
    return on_null(n);
}

static const yajl_callbacks callbacks = {
    .yajl_null = on_null,
    .yajl_boolean = on_boolean,
    .yajl_number = on_number,
    .yajl_string = on_text,
    .yajl_map_key = on_text,
};

static size_t read_all(const corpus_t *corpus)
{
    size_t read = 0;
    for (size_t i = 0; i < corpus->n; i++) {
        const corpus_message_t *message = &corpus->messages[i];
        yajl_handle handle = yajl_alloc(&callbacks, NULL, &read);
        yajl_config(handle, yajl_dont_validate_strings, 1);
        bool parsed = yajl_parse(handle, (const unsigned char *)message->bytes, message->len) ==
                          yajl_status_ok &&
                      yajl_complete_parse(handle) == yajl_status_ok;
        yajl_free(handle);
        if (!parsed) {
            return 0;
        }
    }
    return read;
}

#define TEXT_OF(number) #number
#define TEXT(number)    TEXT_OF(number)
const candidate_t candidate_yajl = {
    "yajl", TEXT(YAJL_MAJOR) "." TEXT(YAJL_MINOR) "." TEXT(YAJL_MICRO), false, read_all};
