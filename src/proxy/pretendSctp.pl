# Two packets of SCTP's handshake by hand, for kernels that do not speak it themselves: what is asked here is only whether
# its packets are led to a Pod and back. "serve 4 5300" answers each INIT to the port with an INIT ACK; "ask 10.96.0.18 53"
# sends an INIT and prints the address and port that the answer claims to come from.
use strict;
use Socket qw(:DEFAULT AF_INET6 inet_pton inet_ntop pack_sockaddr_in6 unpack_sockaddr_in6);

my ($what, $where, $port) = @ARGV;
my $six = $where =~ /:/ || $where eq "6";
socket(my $raw, $six ? AF_INET6 : AF_INET, SOCK_RAW, 132) or die "socket: $!";

sub crc32c {
  my $crc = 0xffffffff;
  for my $byte (unpack "C*", $_[0]) {
    $crc ^= $byte;
    $crc = $crc & 1 ? ($crc >> 1) ^ 0x82f63b78 : $crc >> 1 for 1 .. 8;
  }
  return $crc ^ 0xffffffff;
}
sub packet {
  my ($from, $to, $verification, $type, $tag) = @_;
  my $chunk = pack "CCnNNnnN", $type, 0, 20, $tag, 65535, 1, 1, 1;
  my $header = pack "nnN", $from, $to, $verification;
  return $header . pack("V", crc32c($header . pack("V", 0) . $chunk)) . $chunk;
}
sub receive {
  my $from = recv($raw, my $data, 2048, 0) // die "recv: $!";
  my $host = $six ? (unpack_sockaddr_in6($from))[1] : (unpack_sockaddr_in($from))[1];
  $data = substr $data, 4 * (ord($data) & 15) unless $six; # the IP header
  return ($host, unpack "nnNVCCnN", $data);
}
sub transmit {
  my ($host, $data) = @_;
  send($raw, $data, 0, $six ? pack_sockaddr_in6(0, $host) : pack_sockaddr_in(0, $host)) or die "send: $!";
}

my ($INIT, $INIT_ACK) = (1, 2);
if ($what eq "serve") {
  $| = 1;
  print "ready\n";
  while (1) {
    my ($host, $from, $to, $verification, $sum, $type, $flags, $length, $tag) = receive();
    transmit($host, packet($to, $from, $tag, $INIT_ACK, 77)) if $to == $port && $type == $INIT;
  }
}
$SIG{ALRM} = sub { print "nothing\n"; exit };
alarm 2;
my $own = 40000 + $$ % 20000;
transmit(inet_pton($six ? AF_INET6 : AF_INET, $where), packet($own, $port, 0, $INIT, 99));
while (1) {
  my ($host, $from, $to, $verification, $sum, $type) = receive();
  next unless $to == $own && $type == $INIT_ACK && $verification == 99;
  print inet_ntop($six ? AF_INET6 : AF_INET, $host), " $from\n";
  exit;
}
