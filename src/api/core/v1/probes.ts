import {
  type Infer,
  inline,
  int32,
  int64,
  intOrString,
  list,
  message,
  string,
  struct,
} from "../../../apimachinery/schema.ts";

export const ExecAction = message("io.k8s.api.core.v1.ExecAction", {
  command: list(1, "string").atomicList,
});
export interface ExecAction extends Infer<typeof ExecAction> {}

export const HTTPHeader = message("io.k8s.api.core.v1.HTTPHeader", {
  name: string(1).always.required,
  value: string(2).always.required,
});
export interface HTTPHeader extends Infer<typeof HTTPHeader> {}

export const HTTPGetAction = message("io.k8s.api.core.v1.HTTPGetAction", {
  path: string(1),
  port: intOrString(2).always.required,
  host: string(3),
  scheme: string(4).named("URIScheme"),
  httpHeaders: list(5, HTTPHeader).atomicList,
});
export interface HTTPGetAction extends Infer<typeof HTTPGetAction> {}

export const TCPSocketAction = message("io.k8s.api.core.v1.TCPSocketAction", {
  port: intOrString(1).always.required,
  host: string(2),
});
export interface TCPSocketAction extends Infer<typeof TCPSocketAction> {}

export const GRPCAction = message("io.k8s.api.core.v1.GRPCAction", {
  port: int32(1).always.required,
  service: string(2).optional.default(""),
});
export interface GRPCAction extends Infer<typeof GRPCAction> {}

export const ProbeHandler = message("io.k8s.api.core.v1.ProbeHandler", {
  exec: struct(1, ExecAction).optional,
  httpGet: struct(2, HTTPGetAction).optional,
  tcpSocket: struct(3, TCPSocketAction).optional,
  grpc: struct(4, GRPCAction).optional,
});
export interface ProbeHandler extends Infer<typeof ProbeHandler> {}

export const Probe = message("io.k8s.api.core.v1.Probe", {
  handler: inline(1, ProbeHandler),
  initialDelaySeconds: int32(2),
  timeoutSeconds: int32(3),
  periodSeconds: int32(4),
  successThreshold: int32(5),
  failureThreshold: int32(6),
  terminationGracePeriodSeconds: int64(7).optional,
});
export interface Probe extends Infer<typeof Probe> {}

export const SleepAction = message("io.k8s.api.core.v1.SleepAction", {
  seconds: int64(1).always.required,
});
export interface SleepAction extends Infer<typeof SleepAction> {}

export const LifecycleHandler = message("io.k8s.api.core.v1.LifecycleHandler", {
  exec: struct(1, ExecAction).optional,
  httpGet: struct(2, HTTPGetAction).optional,
  tcpSocket: struct(3, TCPSocketAction).optional,
  sleep: struct(4, SleepAction).optional,
});
export interface LifecycleHandler extends Infer<typeof LifecycleHandler> {}

export const Lifecycle = message("io.k8s.api.core.v1.Lifecycle", {
  postStart: struct(1, LifecycleHandler).optional,
  preStop: struct(2, LifecycleHandler).optional,
  stopSignal: string(3).named("Signal").optional,
});
export interface Lifecycle extends Infer<typeof Lifecycle> {}
