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

export const ExecAction = message(
  "io.k8s.api.core.v1.ExecAction",
  {
    command: list(1, "string").atomicList.doc("The program and its arguments, not through a shell."),
  },
  { doc: "Runs a program in the container; exit code 0 is success." },
);
export interface ExecAction extends Infer<typeof ExecAction> {}

export const HTTPHeader = message(
  "io.k8s.api.core.v1.HTTPHeader",
  {
    name: string(1).always.required.doc("The header's name."),
    value: string(2).always.required.doc("The header's value."),
  },
  { doc: "One header of a request." },
);
export interface HTTPHeader extends Infer<typeof HTTPHeader> {}

export const HTTPGetAction = message(
  "io.k8s.api.core.v1.HTTPGetAction",
  {
    path: string(1).doc("The path to ask for."),
    port: intOrString(2).always.required.doc("The port, by number or by the name of a container's port."),
    host: string(3).doc("The host to connect to; the Pod's address if absent."),
    scheme: string(4).named("URIScheme").doc("HTTP or HTTPS; certificates are not checked."),
    httpHeaders: list(5, HTTPHeader).atomicList.doc("Headers to send."),
  },
  { doc: "Sends an HTTP GET request; a status from 200 to 399 is success." },
);
export interface HTTPGetAction extends Infer<typeof HTTPGetAction> {}

export const TCPSocketAction = message(
  "io.k8s.api.core.v1.TCPSocketAction",
  {
    port: intOrString(1).always.required.doc("The port, by number or by the name of a container's port."),
    host: string(2).doc("The host to connect to; the Pod's address if absent."),
  },
  { doc: "Opens a TCP connection; opening it is success." },
);
export interface TCPSocketAction extends Infer<typeof TCPSocketAction> {}

export const GRPCAction = message(
  "io.k8s.api.core.v1.GRPCAction",
  {
    port: int32(1).always.required.doc("The port, 1 to 65535."),
    service: string(2).optional.default("").doc("The service to ask about; empty: the server as a whole."),
  },
  { doc: "Asks the gRPC health service." },
);
export interface GRPCAction extends Infer<typeof GRPCAction> {}

export const ProbeHandler = message(
  "io.k8s.api.core.v1.ProbeHandler",
  {
    exec: struct(1, ExecAction).optional.doc("Run a program in the container."),
    httpGet: struct(2, HTTPGetAction).optional.doc("Send an HTTP request."),
    tcpSocket: struct(3, TCPSocketAction).optional.doc("Open a TCP connection."),
    grpc: struct(4, GRPCAction).optional.doc("Ask the gRPC health service."),
  },
  { doc: "How a probe asks; exactly one is set." },
);
export interface ProbeHandler extends Infer<typeof ProbeHandler> {}

export const Probe = message(
  "io.k8s.api.core.v1.Probe",
  {
    handler: inline(1, ProbeHandler).doc("How it is asked."),
    initialDelaySeconds: int32(2).doc("Seconds from the container's start to the first question."),
    timeoutSeconds: int32(3).doc("Seconds to wait for an answer; 1 by default."),
    periodSeconds: int32(4).doc("Seconds between questions; 10 by default."),
    successThreshold: int32(5).doc("Successes in a row that make a success after a failure; 1 by default."),
    failureThreshold: int32(6).doc("Failures in a row that make a failure; 3 by default."),
    terminationGracePeriodSeconds: int64(7).optional.doc(
      "Seconds the container has to end when this probe fails, instead of the Pod's.",
    ),
  },
  { doc: "A question asked of a container again and again." },
);
export interface Probe extends Infer<typeof Probe> {}

export const SleepAction = message(
  "io.k8s.api.core.v1.SleepAction",
  {
    seconds: int64(1).always.required.doc("For how long."),
  },
  { doc: "Waits." },
);
export interface SleepAction extends Infer<typeof SleepAction> {}

export const LifecycleHandler = message(
  "io.k8s.api.core.v1.LifecycleHandler",
  {
    exec: struct(1, ExecAction).optional.doc("Run a program in the container."),
    httpGet: struct(2, HTTPGetAction).optional.doc("Send an HTTP request."),
    tcpSocket: struct(3, TCPSocketAction).optional.doc("No longer acted on."),
    sleep: struct(4, SleepAction).optional.doc("Wait."),
  },
  { doc: "One thing to do; exactly one is set." },
);
export interface LifecycleHandler extends Infer<typeof LifecycleHandler> {}

export const Lifecycle = message(
  "io.k8s.api.core.v1.Lifecycle",
  {
    postStart: struct(1, LifecycleHandler).optional.doc(
      "Done right after the container starts; if it fails, the container is ended.",
    ),
    preStop: struct(2, LifecycleHandler).optional.doc("Done before the container is stopped, within its time to end."),
    stopSignal: string(3)
      .named("Signal")
      .optional.doc("The signal with which it is stopped; needs the Pod's os to be set."),
  },
  { doc: "What is done around a container's run." },
);
export interface Lifecycle extends Infer<typeof Lifecycle> {}
