import type { Kind } from "../apimachinery/kind.ts";
import type { Backend } from "../store/backend.ts";
import type { Clock } from "../util/clock.ts";
import type { Logger } from "../util/logger.ts";
import type { Random } from "../util/random.ts";
import type { ReadNode } from "./measurements/measurements.ts";

export interface ApiServerOptions {
  readonly backend: Backend;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly kinds: readonly Kind[];
  /** without it, only the direct transport serves */
  readonly tls?: { readonly certFile: string; readonly keyFile: string; readonly clientCAFile: string };
  /** without it, no service account tokens are issued or accepted */
  readonly serviceAccount?: {
    readonly issuer: string;
    /** public (or private) keys whose tokens are accepted */
    readonly keyFiles: readonly string[];
    readonly signingKeyFile: string;
  };
  /** how this server shows itself to kubelets */
  readonly kubeletClient?: { readonly certFile: string; readonly keyFile: string; readonly caFile?: string };
  /** how this server shows itself to servers of further APIs, and the authority by which those know it */
  readonly frontProxy?: { readonly certFile: string; readonly keyFile: string; readonly caFile: string };
  /** reads what a node uses; default: asks its kubelet */
  readonly readNode?: ReadNode;
  /** how long (ms) to wait between two readings when there is none to compare with; 0: compare with each beginning */
  readonly firstWindow?: number;
  readonly serviceCIDR: string;
  /** "30000-32767" */
  readonly nodePortRange?: string;
  readonly bind?: { readonly address: string; readonly port: number };
  /** the address at which Pods reach this server */
  readonly advertiseAddress?: string;
  /** of Coxswain, for /version */
  readonly version?: string;
  /** project the ConfigMap openshift-service-ca.crt into every Pod, as clusters with a service CA do */
  readonly serviceCA?: boolean;
  /** parts of the control plane that live and end with this process, such as "kube-scheduler" */
  readonly parts?: readonly string[];
}
