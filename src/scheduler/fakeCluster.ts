/** For tests: what plug-ins see, without an API. */
import { FakeApi } from "../client/fakeApi.ts";
import { createClient, createInformers } from "../client/index.ts";
import { VirtualClock } from "../util/clock.ts";
import { silentLogger } from "../util/logger.ts";
import { seededRandom } from "../util/random.ts";
import type { ProfileConfiguration } from "./config/types.ts";
import { defaultConfiguration } from "./config/types.ts";
import { DeviceBinder } from "./devices/binder.ts";
import { DEVICE_KINDS, DeviceView } from "./devices/view.ts";
import type { Cluster } from "./framework.ts";
import type { NodeTable } from "./nodeTable.ts";
import { createProfile, type Profile } from "./profile.ts";
import { VolumeBinder } from "./volumes/binder.ts";
import { VOLUME_KINDS, VolumeView } from "./volumes/view.ts";

function pretendInformers() {
  const clock = new VirtualClock();
  const client = createClient(new FakeApi([...VOLUME_KINDS, ...DEVICE_KINDS], { clock, random: seededRandom(1) }));
  const informers = createInformers(client, { clock, random: seededRandom(1), logger: silentLogger });
  return { clock, client, informers, view: new VolumeView(informers), devices: new DeviceView(informers) };
}

/** A cluster of this table's nodes and Pods, and nothing else but what `more` says. */
export function fakeCluster(table: NodeTable, more: Partial<Cluster> = {}): Cluster {
  const { view, devices } = pretendInformers();
  return {
    table,
    volumes: view,
    devices,
    namespaceLabels: () => ({}),
    namespacesMatching: () => [],
    services: () => [],
    siblings: () => undefined,
    ...more,
  };
}

/** The default profile, or one like it. */
export function defaultProfile(more: Partial<ProfileConfiguration> = {}): Profile {
  const parts = pretendInformers();
  const configuration = { ...defaultConfiguration().profiles[0]!, ...more };
  return createProfile(configuration, {
    clock: parts.clock,
    random: seededRandom(1),
    volumes: (timeout) => new VolumeBinder({ ...parts, timeout }),
    devices: new DeviceBinder({ ...parts, view: parts.devices }),
  });
}
