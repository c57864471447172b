import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type PersistentVolume, Pod, Service, type Volume } from "../api/core/v1/index.ts";
import { RuntimeClass } from "../api/node/v1/index.ts";
import { DISK_DRIVER } from "../api/storage/v1/index.ts";
import { createEventRecorder } from "../client/index.ts";
import { connectCri } from "../cri/index.ts";
import { realCgroups } from "./cgroups.ts";
import { runtimeKnowsCdi } from "./devices/cdi.ts";
import { DevicePlugins } from "./devices/plugins.ts";
import { PodDevices } from "./devices/podDevices.ts";
import { Evictor } from "./eviction/evictor.ts";
import { DEFAULT_THRESHOLDS, parseThresholds } from "./eviction/signals.ts";
import { observe, usageOf } from "./eviction/usage.ts";
import { collectImages, removeUnusedImages } from "./images/imageCollector.ts";
import { ImagePuller } from "./images/imagePuller.ts";
import { rotateLogs } from "./logRotation.ts";
import { enforceAllocatable } from "./node/allocatable.ts";
import { keepLease } from "./node/lease.ts";
import { type Machine, readMachine, withCapacity } from "./node/machine.ts";
import { NodeReporter } from "./node/nodeReporter.ts";
import { memoryLeft, NodeMeter } from "./node/usage.ts";
import { type KubeletOptions, LOCAL_VOLUMES_DIRECTORY } from "./options.ts";
import { PluginRegistry } from "./plugins/registration.ts";
import { pullSecrets } from "./pod/containerStarter.ts";
import { CrashBackoff } from "./pod/crashBackoff.ts";
import { type DnsSettings, parseResolvConf } from "./pod/dns.ts";
import type { NodeServices } from "./pod/node.ts";
import { PodCache } from "./podCache.ts";
import { PodWorkers } from "./podWorkers.ts";
import { Prober } from "./probes/prober.ts";
import { serveKubelet } from "./server/server.ts";
import { StatusWriter } from "./statusWriter.ts";
import { CsiNodes } from "./volumes/csi/csiNodes.ts";
import { CsiVolumes } from "./volumes/csi/csiVolumes.ts";
import { CsiDrivers } from "./volumes/csi/drivers.ts";
import { DiskMounts } from "./volumes/diskMounts.ts";
import { keepFileSystemSizes } from "./volumes/fileSystemSizes.ts";
import { containerdImageMounter } from "./volumes/imageMounter.ts";
import { kubeletFolder } from "./volumes/kubeletFolder.ts";
import { keepLocalVolumes } from "./volumes/localVolumes.ts";
import { realMounter } from "./volumes/mounter.ts";
import { PersistentVolumes } from "./volumes/persistentVolumes.ts";
import { PodVolumes } from "./volumes/podVolumes.ts";
import { References } from "./volumes/references.ts";
import { isSized, SizedVolumes } from "./volumes/sizedVolumes.ts";
import { Tokens } from "./volumes/tokens.ts";
import { VolumeMeter } from "./volumes/volumeMeter.ts";

/**
 * Runs the pods that are bound to this node until `signal` aborts. Containers are left running: the next kubelet finds
 * them by their labels and carries on. Rejects when the server cannot listen.
 */
export async function runKubelet(options: KubeletOptions, signal: AbortSignal): Promise<void> {
  const machine = withCapacity(await readMachine(), options.capacity ?? {});
  await mkdir(options.rootDirectory, { recursive: true });
  await mkdir(options.podLogsDirectory, { recursive: true });
  if (options.shareMounts) await (options.mounter ?? realMounter).share(options.rootDirectory);
  const stop = new AbortController();
  const life = AbortSignal.any([signal, stop.signal]);
  const cri = options.cri ?? connectCri(options.criEndpoint, { clock: options.clock });
  const host = parseResolvConf(await readFile("/etc/resolv.conf", "utf8").catch(() => ""));
  const kubelet = assemble(options, cri, machine, host, life);
  await kubelet.recall();
  const pods = options.informers.informer(Pod, { fieldSelector: `spec.nodeName=${options.nodeName}` });
  const parts = [
    kubelet.reporter.run(life),
    keepLease({ ...options, node: () => kubelet.reporter.node }, options.nodeName, life),
    kubelet.workers.run(pods, life),
    kubelet.evictor.run(life),
    kubelet.localVolumes(life),
    kubelet.fileSystemSizes(life),
    kubelet.plugins.run(life),
    rotateLogs({ cri, clock: options.clock, logger: options.logger, cache: kubelet.node.cache }, life),
    collectImages({ cri, clock: options.clock, logger: options.logger, images: kubelet.node.images }, life),
    ...(options.serve === false ? [] : [serveKubelet({ options, node: kubelet.node, workers: kubelet.workers }, life)]),
  ];
  try {
    await Promise.all(parts);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    stop.abort(new Error("the kubelet has stopped"));
    await Promise.allSettled(parts);
    kubelet.node.prober.close();
    kubelet.node.references.close();
    await kubelet.node.recorder.flush();
    if (!options.cri) cri.close();
  }
}

function assemble(
  options: KubeletOptions,
  cri: NonNullable<KubeletOptions["cri"]>,
  machine: Machine,
  host: DnsSettings,
  signal: AbortSignal,
) {
  const { client, informers, clock, random, logger, nodeName, nodeIPs, rootDirectory } = options;
  const recorder = createEventRecorder({ client, clock, random, logger, component: "kubelet", host: nodeName });
  const workers: { it?: PodWorkers } = {};
  const changed = (uid: string) => workers.it?.wake(uid);
  const referenceChanged = (uid: string) => workers.it?.referenceChanged(uid);
  const references = new References({ client, clock, logger, changed: referenceChanged });
  const tokens = new Tokens(client, clock);
  const mounter = options.mounter ?? realMounter;
  const imageMounter = options.imageMounter ?? containerdImageMounter(options.criEndpoint);
  const images = new ImagePuller({ cri, clock, recorder });
  const image = (pod: Pod, { name, image: wanted }: Volume) => {
    const { reference = "", pullPolicy = "" } = wanted ?? {};
    return images.hold(pod, name, reference, pullPolicy, pullSecrets(references, pod));
  };
  const services = informers.informer(Service);
  const localVolumes = join(rootDirectory, LOCAL_VOLUMES_DIRECTORY);
  const pluginsDirectory = join(rootDirectory, "plugins");
  const disksChanged = () => reporter.pressuresChanged();
  const folder = kubeletFolder(rootDirectory);
  const nodes = new CsiNodes(client, nodeName);
  const drivers = new CsiDrivers({ clock, nodes, folder });
  const devicePlugins = new DevicePlugins({ clock, logger, client, nodeName, onMachine: folder.onMachine });
  const devices = new PodDevices({
    ...{ client, plugin: (driver: string) => devicePlugins.get(driver) },
    file: join(rootDirectory, "devices.json"),
    knowsCdi: async () => runtimeKnowsCdi(await cri.version()),
  });
  const plugins = new PluginRegistry({
    clock,
    logger,
    directory: join(rootDirectory, "plugins_registry"),
    handlers: { CSIPlugin: drivers, DRAPlugin: devicePlugins },
    changed: () => workers.it?.wakeAll(),
  });
  const podsDirectory = join(rootDirectory, "pods");
  const volumesDirectory = (uid: string) => join(podsDirectory, uid, "volumes");
  const csi = new CsiVolumes({
    ...{ client, clock, drivers, tokens, nodeName, pluginsDirectory, podsDirectory, volumesDirectory },
    changed: disksChanged,
  });
  const sized = new SizedVolumes(mounter);
  const disks = new DiskMounts({ client, clock, mounter, nodeName, pluginsDirectory, changed: disksChanged });
  const persistent = new PersistentVolumes({
    client,
    mounter,
    nodeName,
    disks,
    sized,
    csi,
    podsDirectory,
    volumesDirectory,
    localVolumes,
  });
  const thresholds = parseThresholds(options.evictionHard ?? DEFAULT_THRESHOLDS);
  const meter = new NodeMeter(clock, options.nodeCgroup);
  const available = async () => memoryLeft(machine.memory, await meter.read());
  const cgroups = options.cgroups ?? realCgroups(options.cgroupRoot, logger);
  const evictor = new Evictor({
    clock,
    logger,
    recorder,
    thresholds,
    observe: options.observe ?? (() => observe(cri, rootDirectory, { memory: machine.memory, available })),
    pods: () => workers.it?.goingOn() ?? [],
    usageOf: (pods) =>
      usageOf(pods, {
        cri,
        podLogsDirectory: options.podLogsDirectory,
        source: (pod, volume) => node.volumes.source(pod, volume),
      }),
    reclaimDisk: () => removeUnusedImages({ cri, clock, logger, images }),
    evict: (uid, message) => workers.it?.evict(uid, message),
    tell: (event) => reporter.tell([event]),
    changed: () => reporter.pressuresChanged(),
  });
  const reporter = new NodeReporter(options, {
    cri,
    machine,
    thresholds,
    pressures: () => evictor.pressures,
    volumesInUse: () => [...disks.inUse, ...csi.inUse],
    nodes,
    recorder,
    begin: () => enforceAllocatable(options, machine, (limits) => cgroups.bound(limits)),
    changed: () => workers.it?.wakeAll(),
  });
  const node: NodeServices = {
    cri,
    clock,
    logger,
    recorder,
    cache: new PodCache(cri),
    prober: new Prober({ cri, clock, random, recorder, hostIP: nodeIPs[0]!, changed }),
    images,
    volumes: new PodVolumes({
      rootDirectory,
      mounter,
      references,
      tokens,
      image,
      imageMounter,
      persistent,
      folder,
      canReadOnlyRecursively: () => reporter.canReadOnlyRecursively,
    }),
    devices,
    volumeMeter: new VolumeMeter({
      clock,
      logger,
      source: (pod, volume) => node.volumes.source(pod, volume),
      ofClaim: (uid, name) => persistent.get(uid, name)?.usage,
    }),
    references,
    statuses: new StatusWriter({ client, clock, logger, signal }),
    cgroups,
    crashes: new CrashBackoff(),
    dns: { clusterDNS: options.clusterDNS, clusterDomain: options.clusterDomain, host },
    hostIPs: nodeIPs,
    podLogsDirectory: options.podLogsDirectory,
    seccompDirectory: join(rootDirectory, "seccomp"),
    machine,
    meter,
    services: () => services.list(),
    facts: (_pod, podIPs) => ({ nodeName, hostIPs: nodeIPs, podIPs, allocatable: reporter.allocatable }),
    requestsBesides: (uid) => workers.it?.requestsBesides(uid) ?? { cpu: 0, memory: 0 },
    portsBesides: (uid) => workers.it?.portsBesides(uid) ?? [],
    pressures: () => evictor.pressures,
    networkTrouble: () => reporter.trouble,
    runtimeHandler: async (name) => (name ? (await client.get(RuntimeClass, { name })).handler : ""),
    gone: (uid) => workers.it?.drop(uid),
  };
  workers.it = new PodWorkers(node);
  const hostname = options.labels?.["kubernetes.io/hostname"] ?? nodeName;
  const local = { client, informers, clock, logger, recorder, hostname, directory: localVolumes };
  const keepLocal = (ending: AbortSignal) => keepLocalVolumes(local, ending);
  const recall = async () => {
    await Promise.all([persistent.recall(), devices.recall()]);
    devicePlugins.begin();
    signal.addEventListener("abort", () => devicePlugins.end(), { once: true });
  };
  const running = () => workers.it?.goingOn() ?? [];
  const isNeeded = () => disks.inUse.length > 0 || csi.isBusy || sized.isBusy;
  const enlarge = (volume: PersistentVolume, pod: Pod) => {
    if (isSized(volume)) return sized.enlarge(volume);
    if (!volume.spec.csi) return undefined;
    return volume.spec.csi.driver === DISK_DRIVER ? disks.enlarge(volume) : csi.enlarge(volume, pod);
  };
  const fileSystemSizes = (ending: AbortSignal) =>
    keepFileSystemSizes({ client, clock, recorder, nodeName, pods: running, isNeeded, enlarge }, ending);
  return { plugins, node, reporter, evictor, workers: workers.it, localVolumes: keepLocal, fileSystemSizes, recall };
}
