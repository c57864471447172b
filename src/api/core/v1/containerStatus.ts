import {
  bool,
  type Infer,
  int32,
  int64,
  list,
  map,
  message,
  string,
  struct,
  time,
} from "../../../apimachinery/schema.ts";
import { ResourceRequirements } from "./container.ts";

export const ContainerStateWaiting = message(
  "io.k8s.api.core.v1.ContainerStateWaiting",
  {
    reason: string(1).doc("Why it waits, in a word."),
    message: string(2).doc("Why it waits, in a sentence."),
  },
  { doc: "A container that does not run yet." },
);
export interface ContainerStateWaiting extends Infer<typeof ContainerStateWaiting> {}

export const ContainerStateRunning = message(
  "io.k8s.api.core.v1.ContainerStateRunning",
  {
    startedAt: time(1).always.doc("When it was started."),
  },
  { doc: "A running container." },
);
export interface ContainerStateRunning extends Infer<typeof ContainerStateRunning> {}

export const ContainerStateTerminated = message(
  "io.k8s.api.core.v1.ContainerStateTerminated",
  {
    exitCode: int32(1).always.required.doc("The exit code of its last run."),
    signal: int32(2).doc("The signal that ended it, if one did."),
    reason: string(3).doc("Why it ended, in a word."),
    message: string(4).doc("What it said last."),
    startedAt: time(5).always.doc("When it had been started."),
    finishedAt: time(6).always.doc("When it ended."),
    containerID: string(7).doc("Its identifier, as runtime://id."),
  },
  { doc: "A container that has ended." },
);
export interface ContainerStateTerminated extends Infer<typeof ContainerStateTerminated> {}

export const ContainerState = message(
  "io.k8s.api.core.v1.ContainerState",
  {
    waiting: struct(1, ContainerStateWaiting).optional.doc("It has yet to run: being pulled, created, or held back."),
    running: struct(2, ContainerStateRunning).optional.doc("It runs."),
    terminated: struct(3, ContainerStateTerminated).optional.doc("It has ended."),
  },
  { doc: "What a container is doing; one of three, waiting if none is set." },
);
export interface ContainerState extends Infer<typeof ContainerState> {}

export const ImageVolumeStatus = message(
  "io.k8s.api.core.v1.ImageVolumeStatus",
  {
    imageRef: string(1).always.required.doc("The image's digest."),
  },
  { doc: "An image volume in use." },
);
export interface ImageVolumeStatus extends Infer<typeof ImageVolumeStatus> {}

export const VolumeStatus = message(
  "io.k8s.api.core.v1.VolumeStatus",
  {
    image: struct(1, ImageVolumeStatus).optional.doc("For image volumes."),
  },
  { doc: "More about a mounted volume." },
);
export interface VolumeStatus extends Infer<typeof VolumeStatus> {}

export const VolumeMountStatus = message(
  "io.k8s.api.core.v1.VolumeMountStatus",
  {
    name: string(1).always.required.doc("The volume."),
    mountPath: string(2).always.required.doc("Where it appears."),
    readOnly: bool(3).doc("Mount for reading only."),
    recursiveReadOnly: string(4)
      .named("RecursiveReadOnlyMode")
      .optional.doc("Disabled or Enabled; IfPossible is never told."),
    volumeStatus: struct(5, VolumeStatus).optional.doc("More about the volume itself."),
  },
  { doc: "How a volume is mounted." },
);
export interface VolumeMountStatus extends Infer<typeof VolumeMountStatus> {}

export const LinuxContainerUser = message(
  "io.k8s.api.core.v1.LinuxContainerUser",
  {
    uid: int64(1).always.required.doc("The user."),
    gid: int64(2).always.required.doc("The group."),
    supplementalGroups: list(3, "int64").atomicList.doc("Further groups."),
  },
  { doc: "User and groups of a container's first process." },
);
export interface LinuxContainerUser extends Infer<typeof LinuxContainerUser> {}

export const ContainerUser = message(
  "io.k8s.api.core.v1.ContainerUser",
  {
    linux: struct(1, LinuxContainerUser).optional.doc("On Linux."),
  },
  { doc: "The identity of a container's first process." },
);
export interface ContainerUser extends Infer<typeof ContainerUser> {}

export const ResourceHealth = message(
  "io.k8s.api.core.v1.ResourceHealth",
  {
    resourceID: string(1).named("ResourceID").always.required.doc("The device."),
    health: string(2).named("ResourceHealthStatus").doc("Healthy, Unhealthy or Unknown."),
    message: string(6).optional.doc("More about it, for people."),
  },
  { doc: "How one device fares." },
);
export interface ResourceHealth extends Infer<typeof ResourceHealth> {}

export const ResourceStatus = message(
  "io.k8s.api.core.v1.ResourceStatus",
  {
    name: string(1).named("ResourceName").always.required.doc("The resource, or claim:name/request."),
    resources: list(2, ResourceHealth).listMap("resourceID").doc("The devices."),
  },
  { doc: "How the devices behind a resource fare." },
);
export interface ResourceStatus extends Infer<typeof ResourceStatus> {}

export const ContainerStatus = message(
  "io.k8s.api.core.v1.ContainerStatus",
  {
    name: string(1).always.required.doc("The container's name."),
    state: struct(2, ContainerState).doc("What it is doing now."),
    lastState: struct(3, ContainerState).doc("How its previous run ended."),
    ready: bool(4).always.required.doc("Whether it passes its readiness probe; true once started if it has none."),
    restartCount: int32(5).always.required.doc("How often it was restarted."),
    image: string(6).always.required.doc("The image it runs, as the runtime resolved it."),
    imageID: string(7).always.required.doc("The identifier of that image."),
    containerID: string(8).doc("Its identifier, as runtime://id."),
    started: bool(9).optional.doc("Whether its start-up probe and post-start hook have succeeded."),
    allocatedResources: map(10, "quantity").doc("What the node has set aside for it."),
    resources: struct(11, ResourceRequirements).optional.doc("The requests and limits in force."),
    volumeMounts: list(12, VolumeMountStatus)
      .listMap("mountPath")
      .merge("mountPath")
      .doc("How its volumes are mounted."),
    user: struct(13, ContainerUser).optional.doc("The user its first process runs as."),
    allocatedResourcesStatus: list(14, ResourceStatus)
      .listMap("name")
      .merge("name")
      .doc("How the devices given to it fare."),
    stopSignal: string(15).named("Signal").optional.doc("The signal with which it is stopped."),
  },
  { doc: "What is known of one container of a Pod." },
);
export interface ContainerStatus extends Infer<typeof ContainerStatus> {}
