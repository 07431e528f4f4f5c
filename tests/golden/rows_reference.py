#!/usr/bin/env python3
"""The row function of docs/rows.md once more, in plain Python and from the text alone: it made the
golden files of this folder, so that these are no mere print of the C code.

    rows_reference.py SEED uuid4|uuid7 FIRST COUNT    rows as COPY text
    rows_reference.py --golden                        writes the rows-*.tsv and amounts.tsv here
"""

import datetime
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
WORDS = HERE.parent.parent / "src" / "model" / "words"
U64 = 2**64 - 1
U60 = 2**60 - 1


def rotl(x, n):
    return ((x << n) | (x >> (64 - n))) & U64


def hash_u64(seed, x):
    """XXH3_64bits_withSeed over the 8 little-endian bytes of x (its path for 4 to 8 bytes)."""
    swapped = int.from_bytes((seed & 0xFFFFFFFF).to_bytes(4, "little"), "big")
    seed ^= swapped << 32
    flip = ((0x1CAD21F72C81017C ^ 0xDB979083E96DD4DE) - seed) & U64
    h = ((x >> 32) | ((x & 0xFFFFFFFF) << 32)) ^ flip
    h ^= rotl(h, 49) ^ rotl(h, 24)
    h = (h * 0x9FB21C651E98DF25) & U64
    h ^= (h >> 35) + 8
    h = (h * 0x9FB21C651E98DF25) & U64
    return h ^ (h >> 28)


def hash_word(h, k):
    z = (h + k * 0x9E3779B97F4A7C15) & U64
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & U64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & U64
    return z ^ (z >> 31)


def words(name):
    return (WORDS / f"{name}.txt").read_text(encoding="ascii").splitlines()


SURNAMES, FIRST_NAMES = words("surnames"), words("first_names")
COUNTRIES = words("countries")
PREFIXES, SUFFIXES = words("city_prefixes"), words("city_suffixes")
COMPANY = words("company_suffixes")
OCTETS = [o for o in range(1, 224) if o not in (10, 100, 127, 169, 172, 192, 198, 203)]


def pick(draw, items):
    return items[(draw * len(items)) >> 16]


def user(p):
    form = (p[0] * 4) >> 16
    if form < 2:
        text = "abcdefghijklmnopqrstuvwxyz"[(p[1] * 26) >> 16] + pick(p[2], SURNAMES)
    elif form == 2:
        text = pick(p[1], FIRST_NAMES)
    else:
        text = pick(p[1], FIRST_NAMES) + pick(p[2], SURNAMES)
    return text.lower()


def city(p):
    prefix, suffix, first = pick(p[1], PREFIXES), pick(p[3], SUFFIXES), pick(p[2], FIRST_NAMES)
    return [f"{prefix} {first}{suffix}", f"{prefix} {first}", f"{first}{suffix}",
            f"{pick(p[2], SURNAMES)}{suffix}"][(p[0] * 4) >> 16]


def merchant(p):
    one, two, three = (pick(p[k], SURNAMES) for k in (1, 2, 3))
    return [f"{one} {pick(p[2], COMPANY)}", f"{one}-{two}",
            f"{one}, {two} and {three}"][(p[0] * 3) >> 16]


def table(number, rule, longest):
    entries = []
    for entry in range(4096):
        h, attempt = hash_u64(number, entry), 0
        while True:
            w = hash_word(h, attempt)
            text = rule([(w >> (16 * k)) & 0xFFFF for k in range(4)])
            if len(text) <= longest:
                break
            attempt += 1
        entries.append(text)
    return entries


USERS, CITIES, MERCHANTS = table(1, user, 13), table(2, city, 23), table(3, merchant, 31)


def uuid(high, low):
    h = f"{high:016x}{low:016x}"
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"


class Space:
    def __init__(self, seed, kind):
        self.kind = kind
        derived = [hash_u64(seed, label) for label in range(1, 7)]
        self.row_seed, self.check_seed = derived[0], derived[1]
        self.perm_xor, self.m0, self.m1 = derived[2] & U60, derived[3] | 1, derived[4] | 1
        step = 1 + ((derived[5] >> 32) * 99000 >> 32)
        while step % 7 == 0 or step % 14143 == 0:
            step = step % 99000 + 1
        self.step = step

    def key(self, i):
        if self.kind == "uuid4":
            x = ((i ^ self.perm_xor) * self.m0) & U60
            x ^= x >> 31
            x = (x * self.m1) & U60
            bits, version = x ^ (x >> 29), 4
        else:
            bits, version = ((1704067200000 << 12) + i) & U60, 7
        check = hash_u64(self.check_seed, bits) >> 2
        return uuid((bits >> 12) << 16 | version << 12 | bits & 0xFFF, 1 << 63 | check)

    def cents(self, i, version):
        base = (hash_u64(self.row_seed, i) >> 32) * 99001 >> 32
        return 1000 + (base + version % 65521 * self.step) % 99001

    def row(self, i):
        h = hash_u64(self.row_seed, i)
        w = [hash_word(h, k) for k in range(5)]
        cents = self.cents(i, 0)
        second = (w[3] >> 32) * 63158400 >> 32
        time = datetime.datetime(2023, 1, 1) + datetime.timedelta(seconds=second)
        octets = [OCTETS[((w[3] >> 24) & 0xFF) * len(OCTETS) >> 8],
                  (w[3] >> 16) & 0xFF, (w[3] >> 8) & 0xFF, w[3] & 0xFF]
        c = w[4]
        digits = (c >> 52) & 0xFF
        return "\t".join([
            self.key(i),
            USERS[c & 0xFFF] + (f"{digits:02d}" if digits < 100 else ""),
            time.strftime("%Y-%m-%d %H:%M:%S"),
            f"{cents // 100}.{cents % 100:02d}",
            ("USD", "GBP")[(c >> 60) & 1],
            CITIES[(c >> 12) & 0xFFF],
            pick((c >> 36) & 0xFFFF, COUNTRIES),
            MERCHANTS[(c >> 24) & 0xFFF],
            ("credit_card", "credit_card", "debit_card", "online_transfer")[c >> 62],
            ".".join(map(str, octets)),
            ("", "DISCOUNT10")[(c >> 61) & 1],
            uuid(w[1] & ~0xF000 | 0x4000, w[2] & (2**62 - 1) | 1 << 63),
        ])


def golden():
    """Lines of row number and row: the first rows, then powers of two and their neighbours."""
    powers = sorted({2**k + d for k in range(11, 60) for d in (-1, 0, 1)} | {2**59 + 2**40})
    for seed, first in ((42, 1000), (0, 100), (2**64 - 1, 100)):
        for kind in ("uuid4", "uuid7"):
            space = Space(seed, kind)
            rows = list(range(first if kind == "uuid4" else 100)) + powers
            text = "".join(f"{i}\t{space.row(i)}\n" for i in rows)
            (HERE / f"rows-{seed}-{kind}.tsv").write_text(text, encoding="ascii")
    lines = []
    for seed in (42, 0, 2**64 - 1):
        space = Space(seed, "uuid4")
        for i in (0, 1, 12345678, 2**59 - 1):
            for version in (0, 1, 2, 99, 32760, 65519, 65520, 65521, 131042):
                lines.append(f"{seed}\t{i}\t{version}\t{space.cents(i, version)}\n")
    (HERE / "amounts.tsv").write_text("".join(lines), encoding="ascii")


def main(argv):
    if argv == ["--golden"]:
        golden()
        return
    seed, kind, start, count = int(argv[0]), argv[1], int(argv[2]), int(argv[3])
    space = Space(seed, kind)
    for i in range(start, start + count):
        print(space.row(i))


if __name__ == "__main__":
    main(sys.argv[1:])
