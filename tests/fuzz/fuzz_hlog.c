/* What a histogram log may hold, as base64 and as the bytes that it stands for: slots lie in range
 * and rise, and counts are above zero. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/hist_codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_slot(void *ctx, size_t slot, uint64_t count)
{
    size_t *next = ctx;
    if (slot < *next || slot >= HIST_SLOTS || count == 0) {
        abort();
    }
    *next = slot + 1;
}

static void decode(const char *text, size_t len)
{
    size_t next = 0;
    hist_decode(text, len, check_slot, &next, NULL);
}

/* The input as a payload's counts, so that the fuzzer need not find zlib's and base64's ways. */
static void decode_as_counts(const uint8_t *data, size_t size)
{
    static const uint8_t header[40] = {
        0x1C, 0x84, 0x93, 0x13, [15] = 3, [23] = 1, [32] = 0x3F, 0xF0};
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t payload[40 + 512], packed[8 + 1024 + 3] = {0x1C, 0x84, 0x93, 0x14};
    char text[2048];
    uLongf len = 1024;
    if (size > 512) {
        return;
    }
    memcpy(payload, header, sizeof header);
    payload[6] = (uint8_t)(size >> 8);
    payload[7] = (uint8_t)size;
    if (size > 0) {
        memcpy(payload + sizeof header, data, size);
    }
    compress2(packed + 8, &len, payload, sizeof header + size, 1);
    packed[6] = (uint8_t)(len >> 8);
    packed[7] = (uint8_t)len;
    size_t n = 0;
    for (size_t i = 0; i < 8 + len; i += 3) {
        uint32_t group = (uint32_t)packed[i] << 16 | (uint32_t)packed[i + 1] << 8 | packed[i + 2];
        for (int shift = 18; shift >= 0; shift -= 6) {
            text[n++] = alphabet[group >> shift & 63];
        }
    }
    decode(text, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    decode((const char *)data, size);
    decode_as_counts(data, size);
    return 0;
}
