/** The API's Status, as the error channel of a session carries it; this folder knows no more of it. */
export interface RemoteStatus {
  status?: string;
  message?: string;
  reason?: string;
  details?: unknown;
  code?: number;
  metadata?: unknown;
  kind?: string;
  apiVersion?: string;
}

export const SUCCESS: RemoteStatus = { metadata: {}, status: "Success" };

/** Which streams a session has. With a terminal, stderr is part of stdout. */
export interface Wants {
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
  tty: boolean;
}

export interface TerminalSize {
  width: number;
  height: number;
}
