#!/usr/bin/perl
# Writes two small MaxMind databases in the layouts of GeoLite2-Country and GeoLite2-ASN.
# Usage: make_mmdb.pl COUNTRY_FILE ASN_FILE <LINES, a line being "prefix country asn organisation with spaces".
use strict;
use warnings;
use MaxMind::DB::Writer::Tree;

my ($country_file, $asn_file) = @ARGV;
die "usage: $0 COUNTRY_FILE ASN_FILE\n" unless defined $asn_file;

my %types = (
    country => 'map', iso_code => 'utf8_string', names => 'map', en => 'utf8_string',
    autonomous_system_number => 'uint32', autonomous_system_organization => 'utf8_string',
);

sub tree {
    my ($type) = @_;
    return MaxMind::DB::Writer::Tree->new(
        ip_version => 6, record_size => 24, database_type => $type, languages => ['en'],
        description => { en => "$type of the Trigpoint laboratory" },
        alias_ipv6_to_ipv4 => 0,
        remove_reserved_networks => 0,    # the laboratory lives in them
        map_key_type_callback => sub { $types{ $_[0] } },
    );
}

my ($countries, $systems) = (tree('GeoLite2-Country'), tree('GeoLite2-ASN'));
while (my $line = <STDIN>) {
    chomp $line;
    my ($prefix, $country, $asn, $organisation) = split / /, $line, 4;
    die "not a prefix, country, number and name: $line\n" unless defined $organisation;
    $countries->insert_network($prefix, { country => { iso_code => $country, names => { en => $country } } });
    $systems->insert_network(
        $prefix, { autonomous_system_number => $asn, autonomous_system_organization => $organisation });
}

for ([ $countries, $country_file ], [ $systems, $asn_file ]) {
    my ($tree, $name) = @$_;
    open my $file, '>:raw', $name or die "$name: $!\n";
    $tree->write_tree($file);
    close $file or die "$name: $!\n";
}
