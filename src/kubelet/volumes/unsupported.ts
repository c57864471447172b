import type { Volume } from "../../api/core/v1/index.ts";
import { MountFailure } from "./mountFailure.ts";
import { VolumeError } from "./payload.ts";

type Source = Exclude<keyof Volume, "name">;

/** What Kubernetes itself leaves to these drivers. */
const DRIVERS: Partial<Record<Source, string>> = {
  awsElasticBlockStore: "ebs.csi.aws.com",
  azureDisk: "disk.csi.azure.com",
  azureFile: "file.csi.azure.com",
  cinder: "cinder.csi.openstack.org",
  gcePersistentDisk: "pd.csi.storage.gke.io",
  portworxVolume: "pxd.portworx.com",
  vsphereVolume: "csi.vsphere.vmware.com",
};
/** What a node would need more than a driver for. */
const NOT_HERE: readonly Source[] = ["iscsi", "fc", "flexVolume"];

/** Why a volume of this type cannot be: what could take its place, or in Kubernetes' words that there is nothing. */
export function unsupported(volume: Volume): Error {
  const type = Object.keys(volume).find((field): field is Source => field !== "name") ?? "emptyDir";
  if (type === "gitRepo") {
    return new VolumeError(
      "git-repo volume plugin has been disabled; if necessary, it may be re-enabled by enabling the feature-gate `GitRepoVolumeDriver`",
    );
  }
  const driver = DRIVERS[type];
  if (driver)
    return new VolumeError(`volumes of type ${type} are served by the CSI driver ${driver}: name it in a csi volume`);
  if (NOT_HERE.includes(type)) return new VolumeError(`volume type ${type} is not supported on this node`);
  const why = `failed to get Plugin from volumeSpec for volume "${volume.name}" err=no volume plugin matched`;
  return MountFailure.processing(volume.name, new Error(why));
}
