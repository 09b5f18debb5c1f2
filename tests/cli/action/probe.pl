# probe.pl TOKEN PATH...
#
# Looks for the token of the job wherever this process can look, and for files that it could write and
# sockets that it could talk to. Prints an agent's answer: a failure that names the places, if there are any.
# TOKEN is the token's end backwards: this program's own text is not what it looks for.
use strict;
use warnings;
use Fcntl qw(O_RDONLY O_WRONLY O_NONBLOCK);
use IO::Socket::UNIX;

my $token = sub { scalar reverse $ARGV[0] };
my @found;

sub look {
    my ($place, $bytes) = @_;
    push @found, $place if defined $bytes && index($bytes, $token->()) >= 0;
}

sub bytes_of {
    my ($path) = @_;
    sysopen(my $file, $path, O_RDONLY | O_NONBLOCK) or return undef;
    return undef if -d $file || -p $file;
    my ($all, $part) = ('', '');
    $all .= $part while length $all < 50_000_000 && sysread($file, $part, 65536);
    return $all;
}

sub look_into_memory {
    my ($process) = @_;
    open(my $maps, '<', "$process/maps") or return;
    open(my $memory, '<:raw', "$process/mem") or return;
    while (my $line = <$maps>) {
        my ($start, $end) = $line =~ /^([0-9a-f]+)-([0-9a-f]+) r.*(?:\s0\s|\[heap\]|\[stack\])/ or next;
        ($start, $end) = map { hex } $start, $end;
        next if $end - $start > 64_000_000;
        sysseek($memory, $start, 0) or next;
        my ($all, $part) = ('', '');
        $all .= $part while length $all < $end - $start && sysread($memory, $part, 65536);
        look("$process/mem", $all);
    }
}

look('my environment', join "\n", %ENV);
my $seen = 0;
for my $process (grep { $_ ne "/proc/$$" } glob '/proc/[0-9]*') {
    $seen++;
    look("$process/$_", bytes_of("$process/$_")) for qw(cmdline environ);
    look($_, bytes_of($_)) for grep { -f } glob "$process/fd/*";
    look_into_memory($process);
}
push @found, 'nothing to look at in /proc' unless $seen > 1;
for my $path (@ARGV[1 .. $#ARGV]) {
    if (-S $path) {
        push @found, "can talk to $path" if IO::Socket::UNIX->new(Peer => $path);
    } else {
        look($path, bytes_of($path));
        push @found, "can write $path" if sysopen(my $file, $path, O_WRONLY);
    }
}
my $places = join ', ', @found;
$places =~ s/["\\\n]//g;
print $places eq '' ? '[{"id":"a","status":"pass"}]'
    : qq([{"id":"a","status":"fail","expectation":"nothing","observed":"$places"}]);
