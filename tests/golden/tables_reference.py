#!/usr/bin/env python3
"""Rows of the tables other than `transactions` (docs/rows.md, "Other tables") in plain Python, from the
text alone: it made the golden files tables-*.tsv.

    tables_reference.py --golden
"""

import datetime
import sys

from rows_reference import (CITIES, COUNTRIES, FIRST_NAMES, HERE, MERCHANTS, OCTETS, SURNAMES, USERS,
                            Space, hash_u64, hash_word, pick, uuid)

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
TIME_FROM, TIME_TO = 1672531200, 1735689599


def between(least, most, d):
    return least + (hash_word(d, 1) * (most - least + 1) >> 64)


def decimal(scale, least, most):
    def value(row, d):
        n = between(least, most, d)
        digits = f"{abs(n):0{scale + 1}d}"
        return ("-" if n < 0 else "") + digits[:len(digits) - scale] + "." + digits[len(digits) - scale:]
    return value


def text(least, most):
    def value(row, d):
        want, out, k = between(least, most, d), "", 0
        while len(out) < want:
            draw = (hash_word(d, 2 + k // 4) >> (16 * (k % 4))) & 0xFFFF
            out = (out + pick(draw, SURNAMES))[:want]
            if len(out) < want:
                out += " " if len(out) + 1 < want else "."
            k += 1
        return out
    return value


def random_text(least, most):
    return lambda row, d: "".join(
        ALPHABET[(hash_word(d, 2 + k // 10) >> (6 * (k % 10))) & 63] for k in range(between(least, most, d)))


def some_bytes(least, most):
    return lambda row, d: "\\x" + "".join(
        f"{(hash_word(d, 2 + k // 8) >> (8 * (k % 8))) & 255:02x}" for k in range(between(least, most, d)))


def of_table(entries):
    return lambda row, d: entries[hash_word(d, 1) & 0xFFF]


def of_list(entries):
    return lambda row, d: pick(hash_word(d, 1) & 0xFFFF, entries)


def timestamp(row, d):
    second = between(TIME_FROM, TIME_TO, d)
    time = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=second)
    return time.strftime("%Y-%m-%d %H:%M:%S")


def ipv4(row, d):
    w = hash_word(d, 1) >> 32
    octets = [OCTETS[(w >> 24) * len(OCTETS) >> 8], (w >> 16) & 255, (w >> 8) & 255, w & 255]
    return ".".join(map(str, octets))


def json(row, d):
    w = hash_word(d, 1)
    return (f'{{"id": {(w >> 32) * 1000000 >> 32}, "ok": {"true" if w >> 16 & 1 else "false"}, '
            f'"name": "{pick(w & 0xFFFF, FIRST_NAMES)}"}}')


def integer(least, most):
    return lambda row, d: str(between(least, most, d))


def choice(*texts):
    return lambda row, d: texts[hash_word(d, 1) * len(texts) >> 64]


def a_uuid(row, d):
    return uuid(hash_word(d, 1) & ~0xF000 | 0x4000, hash_word(d, 2) & (2**62 - 1) | 1 << 63)


# A column: what makes its value, and of 65,536 rows how many have NULL.
KEY, AMOUNT = ("key", 0), ("amount", 0)
SOME_WIDE = [
    (integer(-10**12, 10**12), 0), (integer(0, 1000), 0), (decimal(4, 0, 1000 * 10**4), 0),
    (of_table(USERS), 0), (of_table(CITIES), 6554), (of_list(COUNTRIES), 0), (of_table(MERCHANTS), 0),
    (timestamp, 0), (lambda row, d: "ft"[hash_word(d, 1) & 1], 655), (ipv4, 0), (a_uuid, 0),
    (text(10, 40), 16384), (json, 0), (some_bytes(20, 20), 0)]
TABLES = {
    "wide": [KEY, AMOUNT] + [SOME_WIDE[i % len(SOME_WIDE)] for i in range(95)],
    "narrow": [KEY, AMOUNT],
    "toasted": [KEY, AMOUNT, (text(20, 60), 0), (random_text(4096, 16384), 0), (random_text(2500, 5000), 13107)],
    # one column of every generator: tests/unit/model/encode/test_table_rows.c describes the same
    "everything": [
        AMOUNT, KEY, (lambda row, d: str(row), 0), (a_uuid, 0), (integer(-5, 5), 0),
        (decimal(2, 0, 100000), 0), (decimal(3, -1500, 2250), 0), (text(1, 30), 0),
        (random_text(0, 100), 0), (of_table(USERS), 0), (of_table(CITIES), 0), (of_list(COUNTRIES), 0),
        (of_table(MERCHANTS), 0), (of_list(FIRST_NAMES), 0), (of_list(SURNAMES), 0),
        (choice("plain", "", "a\\b", "tab\there", "line\nbreak\r", "\\N", "\b\f\v", "größe 100 €"), 0),
        (timestamp, 0), (lambda row, d: "ft"[hash_word(d, 1) & 1], 0), (ipv4, 0), (json, 0),
        (some_bytes(0, 40), 32768)],
}
ESCAPES = {"\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}


def copy_text(space, seed, columns, row):
    fields, h = [], hash_u64(hash_u64(seed, 7), row)
    for c, (make, nulls) in enumerate(columns):
        d = hash_word(h, c + 1)
        if make == "key":
            fields.append(space.key(row))
        elif make == "amount":
            fields.append(f"{space.cents(row, 0) // 100}.{space.cents(row, 0) % 100:02d}")
        elif hash_word(d, 0) & 0xFFFF < nulls:
            fields.append("\\N")
        else:
            fields.append("".join(ESCAPES.get(char, char) for char in make(row, d)))
    return "\t".join(fields)


def golden():
    for name, count in (("wide", 40), ("narrow", 40), ("toasted", 4), ("everything", 200)):
        lines = []
        for seed in (42, 2**64 - 1):
            space = Space(seed, "uuid4")
            for row in [*range(count), 2**59 - 1, 2**59 + 12345]:
                lines.append(f"{seed}\t{row}\t{copy_text(space, seed, TABLES[name], row)}\n")
        (HERE / f"tables-{name}.tsv").write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] != ["--golden"]:
        sys.exit(__doc__)
    golden()
