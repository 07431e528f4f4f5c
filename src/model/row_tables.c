#include "model/row_tables.h"

#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"

/* The limits in characters; a composed text that is longer is drawn again. */
#define USER_MAX     13 /* with two digits behind it, 15 */
#define CITY_MAX     23
#define MERCHANT_MAX 31

#define DRAFT_BYTES 96 /* the longest draft: three surnames of 14 and what joins them */

/* A composed table's rule: the text of one attempt, from four 16-bit draws. */
typedef void compose_fn(const uint32_t draw[4], char draft[DRAFT_BYTES]);

static row_tables_t tables;
static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

static uint32_t pick(uint32_t draw16, size_t n)
{
    return (draw16 * (uint32_t)n) >> 16;
}

static const char *pick_surname(uint32_t draw16)
{
    return words_surnames[pick(draw16, words_surnames_count)];
}

static const char *pick_first_name(uint32_t draw16)
{
    return words_first_names[pick(draw16, words_first_names_count)];
}

static void lower(char *text)
{
    for (; *text != '\0'; text++) {
        if (*text >= 'A' && *text <= 'Z')
            *text = (char)(*text - 'A' + 'a');
    }
}

static void compose_user(const uint32_t draw[4], char draft[DRAFT_BYTES])
{
    switch (pick(draw[0], 4)) {
    case 0:
    case 1:
        snprintf(draft, DRAFT_BYTES, "%c%s", 'a' + (int)pick(draw[1], 26), pick_surname(draw[2]));
        break;
    case 2:
        snprintf(draft, DRAFT_BYTES, "%s", pick_first_name(draw[1]));
        break;
    default:
        snprintf(draft, DRAFT_BYTES, "%s%s", pick_first_name(draw[1]), pick_surname(draw[2]));
    }
    lower(draft);
}

static void compose_city(const uint32_t draw[4], char draft[DRAFT_BYTES])
{
    const char *prefix = words_city_prefixes[pick(draw[1], words_city_prefixes_count)];
    const char *suffix = words_city_suffixes[pick(draw[3], words_city_suffixes_count)];
    switch (pick(draw[0], 4)) {
    case 0:
        snprintf(draft, DRAFT_BYTES, "%s %s%s", prefix, pick_first_name(draw[2]), suffix);
        break;
    case 1:
        snprintf(draft, DRAFT_BYTES, "%s %s", prefix, pick_first_name(draw[2]));
        break;
    case 2:
        snprintf(draft, DRAFT_BYTES, "%s%s", pick_first_name(draw[2]), suffix);
        break;
    default:
        snprintf(draft, DRAFT_BYTES, "%s%s", pick_surname(draw[2]), suffix);
    }
}

static void compose_merchant(const uint32_t draw[4], char draft[DRAFT_BYTES])
{
    switch (pick(draw[0], 3)) {
    case 0:
        snprintf(draft, DRAFT_BYTES, "%s %s", pick_surname(draw[1]),
                 words_company_suffixes[pick(draw[2], words_company_suffixes_count)]);
        break;
    case 1:
        snprintf(draft, DRAFT_BYTES, "%s-%s", pick_surname(draw[1]), pick_surname(draw[2]));
        break;
    default:
        snprintf(draft, DRAFT_BYTES, "%s, %s and %s", pick_surname(draw[1]), pick_surname(draw[2]),
                 pick_surname(draw[3]));
    }
}

/* Entry `entry` of composed table `number`: the first attempt that is short enough. Returns its
 * length; `text` is padded with zeros to `max` and not terminated. */
static uint8_t compose(compose_fn *rule, uint64_t number, uint32_t entry, char *text, size_t max)
{
    char draft[DRAFT_BYTES];
    uint64_t h = hash_u64(number, entry);
    size_t len;
    uint64_t attempt = 0;
    do {
        uint64_t word = hash_word(h, attempt++);
        uint32_t draw[4];
        for (unsigned k = 0; k < 4; k++)
            draw[k] = (uint32_t)(word >> (16 * k)) & 0xffff;
        rule(draw, draft);
        len = strlen(draft);
    } while (len > max);
    memcpy(text, draft, len);
    return (uint8_t)len;
}

static void build_composed(void)
{
    for (uint32_t e = 0; e < ROW_COMPOSED; e++) {
        slot16_t *user = &tables.users[e];
        user->len = compose(compose_user, 1, e, user->text, USER_MAX);
        slot32_t *city = &tables.cities[e];
        city->len = compose(compose_city, 2, e, city->text, CITY_MAX);
        slot32_t *merchant = &tables.merchants[e];
        merchant->len = compose(compose_merchant, 3, e, merchant->text, MERCHANT_MAX);
    }
}

static void build_choices(void)
{
    assert(words_countries_count == ROW_COUNTRIES);
    for (uint32_t c = 0; c < ROW_COUNTRIES; c++)
        SLOT_PUT(&tables.countries[c], words_countries[c]);
    SLOT_PUT(&tables.payment_methods[0], "credit_card");
    SLOT_PUT(&tables.payment_methods[1], "credit_card");
    SLOT_PUT(&tables.payment_methods[2], "debit_card");
    SLOT_PUT(&tables.payment_methods[3], "online_transfer");
    SLOT_PUT(&tables.vouchers[1], "DISCOUNT10");
    SLOT_PUT(&tables.currencies[0], "USD");
    SLOT_PUT(&tables.currencies[1], "GBP");
}

static void build_digits(void)
{
    char text[16];
    for (unsigned n = 0; n < 100; n++) {
        snprintf(text, sizeof text, "%02u", n);
        memcpy(tables.pairs[n], text, 2);
        SLOT_PUT(&tables.user_digits[n], text);
    }
    for (unsigned n = 0; n < 256; n++) {
        snprintf(text, sizeof text, "%02x", n);
        memcpy(tables.hex[n], text, 2);
        snprintf(text, sizeof text, "%u.", n);
        SLOT_PUT(&tables.octets[n], text);
    }
    for (unsigned n = 0; n < ROW_WHOLES; n++) {
        snprintf(text, sizeof text, "%u.", n + 10);
        SLOT_PUT(&tables.wholes[n], text);
    }
}

/* True for a first octet below which everything may be taken for a public address: 1 to 223,
 * without the octets that hold a block of special use (RFC 6890). */
static bool octet_is_public(unsigned octet)
{
    static const uint8_t special[] = {10, 100, 127, 169, 172, 192, 198, 203};
    return octet >= 1 && octet <= 223 && memchr(special, (int)octet, sizeof special) == NULL;
}

static void build_first_octets(void)
{
    uint8_t public[256];
    unsigned count = 0;
    for (unsigned octet = 0; octet < 256; octet++) {
        if (octet_is_public(octet))
        public[count++] = (uint8_t)octet;
    }
    for (unsigned draw = 0; draw < 256; draw++)
        tables.first_octets[draw] = tables.octets[public[(draw * count) >> 8]];
}

static void build_times(void)
{
    static const unsigned month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    char text[64];
    unsigned at = 0;
    for (unsigned year = 2023; year <= 2024; year++) {
        for (unsigned month = 1; month <= 12; month++) {
            unsigned days = month_days[month - 1] + (month == 2 && year == 2024);
            for (unsigned day = 1; day <= days; day++) {
                snprintf(text, sizeof text, "%04u-%02u-%02u ", year, month, day);
                SLOT_PUT(&tables.dates[at], text);
                at++;
            }
        }
    }
    assert(at == ROW_DAYS);
    for (unsigned minute = 0; minute < 24 * 60; minute++) {
        snprintf(text, sizeof text, "%02u:%02u:", minute / 60, minute % 60);
        SLOT_PUT(&tables.minutes[minute], text);
    }
}

static void build(void)
{
    build_composed();
    build_choices();
    build_digits();
    build_first_octets();
    build_times();
}

const row_tables_t *row_tables(void)
{
    pthread_once(&tables_once, build);
    return &tables;
}
