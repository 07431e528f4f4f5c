#!/usr/bin/env python3
"""What cdcbench is to replace: simulated transactions by faker, inserted by psycopg2 with one INSERT and one
commit a row, then some of them updated, one UPDATE and one commit each, with the table's triggers on.

    baseline_faker.py ROWS UPDATES

libpq's environment says which server; the table is there (cdcbench init). Prints the seconds that inserting
and updating took, a line each."""

import random
import sys
import time

import faker
import psycopg2

TABLE = "transactions"
COLUMNS = ("transaction_id", "user_id", "timestamp", "amount", "currency", "city", "country",
           "merchant_name", "payment_method", "ip_address", "voucher_code", "affiliateId")


def transaction(fake):
    return {
        "transaction_id": fake.uuid4(),
        "user_id": fake.simple_profile()["username"],
        "timestamp": fake.date_time_between("-2y"),
        "amount": round(random.uniform(10, 1000), 2),
        "currency": random.choice(["USD", "GBP"]),
        "city": fake.city(),
        "country": fake.country(),
        "merchant_name": fake.company(),
        "payment_method": random.choice(["credit_card", "debit_card", "online_transfer"]),
        "ip_address": fake.ipv4(),
        "voucher_code": random.choice(["", "DISCOUNT10"]),
        "affiliateId": fake.uuid4(),
    }


def insert(connection, row):
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {TABLE} ({', '.join(COLUMNS)}) "
                       f"VALUES ({', '.join(['%s'] * len(COLUMNS))})",
                       [row[column] for column in COLUMNS])
    connection.commit()


def update(connection, key):
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {TABLE} SET amount = %s WHERE transaction_id = %s",
                       [round(random.uniform(10, 1000), 2), key])
    connection.commit()


def main():
    rows, updates = map(int, sys.argv[1:])
    fake = faker.Faker()
    connection = psycopg2.connect("")
    start = time.monotonic()
    keys = []
    for _ in range(rows):
        row = transaction(fake)
        insert(connection, row)
        keys.append(row["transaction_id"])
    inserted = time.monotonic()
    for key in random.sample(keys, updates):
        update(connection, key)
    print(f"{inserted - start:.6f}\n{time.monotonic() - inserted:.6f}")


if __name__ == "__main__":
    main()
