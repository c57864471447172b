import { after } from "node:test";
import { realClock } from "../../util/clock.ts";
import { silentLogger } from "../../util/logger.ts";
import type { Backend } from "../backend.ts";
import { backendSuite } from "../suite.ts";
import { openEtcdBackend } from "./etcdBackend.ts";
import { NO_ETCD, PrivateEtcd } from "./privateEtcd.ts";

const started: PrivateEtcd[] = [];
const of = new WeakMap<Backend, PrivateEtcd>();
after(() => Promise.all(started.map((etcd) => etcd.stop())));

async function connect(etcd: PrivateEtcd): Promise<Backend> {
  const backend = await openEtcdBackend({
    endpoints: etcd.endpoints,
    clock: realClock,
    logger: silentLogger,
    compactEvery: 0,
  });
  of.set(backend, etcd);
  return backend;
}

backendSuite({
  name: "etcd",
  forgetsByTime: true,
  skip: NO_ETCD,
  async open() {
    for (const etcd of started.splice(0)) await etcd.stop(); // one at a time: each test has its own
    const etcd = await PrivateEtcd.start();
    started.push(etcd);
    return connect(etcd);
  },
  async reopen(backend) {
    const etcd = of.get(backend)!;
    await backend.close();
    await etcd.kill(0);
    await etcd.run(0);
    return connect(etcd);
  },
});
