"""Who is where in the laboratory, as MaxMind databases that the platform reads like the real ones."""
import pathlib
import subprocess

from tests.lab.process import LabError
from tests.lab.topology import HUB, PROBES, TARGETS

WRITER = pathlib.Path(__file__).with_name("make_mmdb.pl")
WRITE_LIMIT = 60.0  # seconds


def write_databases(folder, places=(HUB, *PROBES, *TARGETS)):
    """Writes country.mmdb and asn.mmdb into `folder`; returns the two paths."""
    country, asn = pathlib.Path(folder) / "country.mmdb", pathlib.Path(folder) / "asn.mmdb"
    lines = "".join(f"{prefix} {one.country} {one.asn} {one.organisation}\n"
                    for one in places for prefix in ((one.v4_prefix, one.v6_prefix) if one.has_v4 else
                                                     (one.v6_prefix,)))
    done = subprocess.run(["perl", WRITER, country, asn], input=lines, text=True, capture_output=True,
                          timeout=WRITE_LIMIT)
    if done.returncode != 0:
        raise LabError(f"{WRITER.name}: {done.stderr}")
    return country, asn


# MaxMind::DB::Reader comes with the writer's package; it answers "key value" lines for each address.
READER = """
use strict; use warnings; use MaxMind::DB::Reader;
my $reader = MaxMind::DB::Reader->new(file => shift);
for my $address (@ARGV) {
    my $record = $reader->record_for_address($address) // {};
    print join(" ", $address, $record->{country}{iso_code} // "-", $record->{autonomous_system_number} // "-",
               $record->{autonomous_system_organization} // "-"), "\\n";
}
"""


def look_up(database, *addresses):
    """{address: (country, asn, organisation)}, each "-" where the database does not say."""
    done = subprocess.run(["perl", "-e", READER, database, *addresses], text=True, capture_output=True,
                          timeout=WRITE_LIMIT)
    if done.returncode != 0:
        raise LabError(f"reading {database}: {done.stderr}")
    return {line.split(" ", 3)[0]: tuple(line.split(" ", 3)[1:]) for line in done.stdout.splitlines()}
