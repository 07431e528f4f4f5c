"""The second verdict: whether the taps kept up with what was acknowledged."""

import cdc
from proxy import DelayProxy

UNMET = 4
STEADY = ("--rows", "0", "--inserts", "0", "--insert-rate", "2k", "--update-rate", "off", "--duration", "8s")


def run(database, out, *options):
    return cdc.run("run", *STEADY, *options, dsn=database.dsn, out=out,
                   secrets=[database.server.password])


def test_a_tap_that_keeps_up_is_told_with_its_own_rate(database, out):
    done = run(database, out, "--expect", "kept_up").expect(0)
    assert "\nKEPT UP   wal " in done.stdout, done.output
    assert "MET      kept_up: yes" in done.stdout
    assert done.json["pace"] == "kept_up"
    pace, = done.json["phases"][0]["pace"]
    assert (pace["tap"], pace["verdict"]) == ("wal", "kept_up")
    assert abs(pace["sent_per_s"] - 2000) < 100 and abs(pace["sustained_per_s"] - 2000) < 100


def test_a_tap_behind_a_narrow_link_is_verified_and_did_not_keep_up(server, database, out):
    with DelayProxy(("127.0.0.1", server.port), 0, bytes_per_s=250_000) as proxy:
        tap_dsn = server.dsn(database.name).replace(f"port={server.port}", f"port={proxy.port}")
        done = run(database, out, "--tap-dsn", tap_dsn, "--expect", "wal_kept_up").expect(UNMET)
    assert done.stdout.startswith("VERIFIED  16,000 changes"), done.output
    assert "DID NOT KEEP UP  wal in mixed: sent " in done.stdout
    assert "the lag below depends on how long the phase was" in done.stdout
    assert "NOT MET  wal_kept_up: no" in done.stdout
    assert done.json["verdict"] == "verified" and done.json["pace"] == "did_not_keep_up"
    pace, = done.json["phases"][0]["pace"]
    assert pace["growth_low_per_s"] > 0
    # What grew is what was sent and not seen.
    assert abs(pace["sent_per_s"] - pace["sustained_per_s"] - pace["growth_per_s"]) < 200


def test_a_phase_of_a_second_is_not_decided(database, out):
    done = run(database, out, "--duration", "1s", "--expect", "kept_up").expect(UNMET)
    assert "NOT DECIDED  whether wal kept up in mixed: the phase was too short" in done.stdout
    assert "NOT MET  kept_up: not measured" in done.stdout
    assert done.json["pace"] == "not_decided"
    assert done.json["phases"][0]["pace"][0]["decided_by_s"] > 1
