import type { Agent } from "node:https";
import type { APIService } from "../../api/apiregistration/v1/index.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import type { KubernetesObject, ListMeta } from "../../apimachinery/meta.ts";
import type { Status } from "../../apimachinery/status.ts";
import type { Guard } from "../../store/backend.ts";
import type { Entry } from "../cache/entry.ts";
import type { Watcher } from "../cache/watcher.ts";
import type { Resource } from "../registry/resource.ts";

/** Who asks. */
export interface User {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** What a request is about, in the words of authorization. */
export interface RequestInfo {
  readonly isResource: boolean;
  readonly path: string;
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly namespace: string;
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
  /** what follows the subresource, as in /proxy/metrics/x */
  readonly rest: string;
}

/** A request's body: bytes with a content type, or an object handed over in process. */
export type Body =
  | { readonly type: "bytes"; readonly bytes: Buffer; readonly contentType: string }
  | { readonly type: "object"; readonly object: unknown; readonly contentType: string }
  | { readonly type: "none" };

/** One request as it comes in, whichever transport carried it. */
export interface Incoming {
  readonly method: string;
  /** without the query */
  readonly path: string;
  readonly query: URLSearchParams;
  /** the query as it was sent, with its "?"; empty when there is none */
  readonly search?: string;
  header(name: string): string | undefined;
  headers(name: string): readonly string[];
  /** names of the headers that begin so, in lower case */
  headerNames(prefix: string): readonly string[];
  body(): Promise<Body>;
  /** aborts when the asker is gone */
  readonly signal: AbortSignal;
  /** known before authentication: set by the direct transport */
  readonly user?: User;
  /** subject of a verified client certificate, and the certificate's hash in hexadecimal */
  readonly certificate?: {
    readonly commonName: string;
    readonly organizations: readonly string[];
    readonly sha256: string;
  };
  /** objects are handed over frozen instead of encoded */
  readonly direct: boolean;
  readonly userAgent: string;
  /** the address of the asker, for forwarded requests */
  readonly remoteAddress?: string;
}

/** One request on its way through the phases; each phase fills in what later ones read. */
export interface Call {
  readonly incoming: Incoming;
  info: RequestInfo;
  user: User;
  /** the user before impersonation, where there was one */
  impersonator?: User;
  resource?: Resource;
  /** another server answers */
  remote?: APIService;
  readonly warnings: string[];
  readonly auditId: string;
  /** ms since the epoch, when it came in */
  readonly now: number;
  /** its writes are only done while this holds */
  guard?: Guard;
  answer?: Answer;
}

/** What a handler answers, before it is encoded. */
export type Answer =
  /** one object; with `entry`, its bytes are at hand */
  | {
      readonly type: "object";
      readonly code: number;
      readonly kind?: Kind;
      readonly object: object;
      readonly entry?: Entry;
    }
  | {
      readonly type: "list";
      readonly kind: Kind;
      readonly entries: readonly Entry[];
      readonly metadata: ListMeta;
    }
  | { readonly type: "watch"; readonly kind: Kind; readonly watcher: Watcher }
  | { readonly type: "status"; readonly status: Status }
  | {
      readonly type: "raw";
      readonly code: number;
      readonly contentType: string;
      readonly body: string | Uint8Array;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** the HTTP exchange itself is handed to `forward`, which answers in its own way */
  | { readonly type: "forward"; readonly target: ForwardTarget };

/** Where a proxied request goes: another HTTP server. */
export interface ForwardTarget {
  /** e.g. https://10.0.0.2:10250/containerLogs/ns/pod/c?follow=true */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** the connections to use: to another API server, which is told of the user in headers that no client may send */
  readonly agent?: Agent;
  /** present our certificate to the kubelet and check its */
  readonly kubelet: boolean;
  /** its refusals, which are plain text, become Status answers of ours */
  readonly refusesInText?: boolean;
  /** the path that stands for the target's root: its links and redirects are made to lead there */
  readonly shownAt?: string;
}

export function objectAnswer(entry: Entry, kind: Kind, code = 200): Answer {
  return { type: "object", code, kind, object: entry.object as KubernetesObject, entry };
}
