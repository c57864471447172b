import assert from "node:assert/strict";
import { test } from "node:test";
import { chainRemovals, cniRemovals, mountPoints, sharedCniRemovals } from "./teardown.ts";

test("takes out the chains of one CNI network and leaves those of others and the shared ones", () => {
  const saved = `*nat
:CNI-1111 - [0:0]
:CNI-2222 - [0:0]
:CNI-HOSTPORT-DNAT - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT
-A POSTROUTING -s 10.244.0.5/32 -m comment --comment "name: \\"cox-a\\" id: \\"abc\\"" -j CNI-1111
-A POSTROUTING -s 10.9.0.5/32 -m comment --comment "name: \\"other\\" id: \\"def\\"" -j CNI-2222
-A CNI-1111 -d 10.244.0.0/24 -m comment --comment "name: \\"cox-a\\" id: \\"abc\\"" -j ACCEPT
-A CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat name: \\"cox-a\\" id: \\"abc\\"" -m multiport --dports 8080 -j CNI-DN-33
-A CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat name: \\"other\\" id: \\"def\\"" -m multiport --dports 9090 -j CNI-DN-44
-A CNI-DN-33 -p tcp --dport 8080 -j DNAT --to-destination 10.244.0.5:80
COMMIT
`;
  assert.deepEqual(cniRemovals(saved, "cox-a"), [
    '-D POSTROUTING -s 10.244.0.5/32 -m comment --comment "name: \\"cox-a\\" id: \\"abc\\"" -j CNI-1111',
    '-D CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat name: \\"cox-a\\" id: \\"abc\\"" -m multiport --dports 8080 -j CNI-DN-33',
    "-F CNI-1111",
    "-F CNI-DN-33",
    "-X CNI-1111",
    "-X CNI-DN-33",
  ]);
});

test("the shared chains of CNI go only when no network has a hostPort", () => {
  const hostPort =
    '-A CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat name: \\"cox-a\\" id: \\"abc\\"" -m multiport --dports 8080 -j CNI-DN-33\n';
  const saved = (more: string) => `*nat
:POSTROUTING ACCEPT [0:0]
:CNI-HOSTPORT-DNAT - [0:0]
:CNI-HOSTPORT-MASQ - [0:0]
:CNI-HOSTPORT-SETMARK - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT
-A POSTROUTING -m comment --comment "CNI portfwd requiring masquerade" -j CNI-HOSTPORT-MASQ
${more}-A CNI-HOSTPORT-MASQ -m mark --mark 0x2000/0x2000 -j MASQUERADE
COMMIT
`;
  assert.deepEqual(sharedCniRemovals(saved(hostPort)), []);
  assert.deepEqual(sharedCniRemovals(saved("")), [
    "-D PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT",
    '-D POSTROUTING -m comment --comment "CNI portfwd requiring masquerade" -j CNI-HOSTPORT-MASQ',
    "-F CNI-HOSTPORT-DNAT",
    "-F CNI-HOSTPORT-SETMARK",
    "-F CNI-HOSTPORT-MASQ",
    "-X CNI-HOSTPORT-DNAT",
    "-X CNI-HOSTPORT-SETMARK",
    "-X CNI-HOSTPORT-MASQ",
  ]);
});

test("reads mount points with spaces", () => {
  const info = "36 35 98:0 / /mnt/with\\040space rw,noatime shared:1 - ext4 /dev/root rw\n";
  assert.deepEqual(mountPoints(info), ["/mnt/with space"]);
});

test("takes out the proxy's chains of one cluster from each table, first the rules, then the chains", () => {
  const saved = `*nat
:PREROUTING ACCEPT [0:0]
:CXAB12CD-SERVICES - [0:0]
:KUBE-SERVICES - [0:0]
-A PREROUTING -j CXAB12CD-SERVICES
-A PREROUTING -j KUBE-SERVICES
-A CXAB12CD-SERVICES -j CXAB12CD-SERVICES
COMMIT
*filter
:INPUT ACCEPT [0:0]
COMMIT
`;
  assert.deepEqual(chainRemovals(saved, "CXAB12CD"), [
    "*nat\n-D PREROUTING -j CXAB12CD-SERVICES\n-F CXAB12CD-SERVICES\nCOMMIT\n",
    "*nat\n-X CXAB12CD-SERVICES\nCOMMIT\n",
  ]);
});
