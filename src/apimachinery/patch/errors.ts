import { failure, type StatusError } from "../status.ts";

export const badPatch = (message: string): StatusError => failure(400, "BadRequest", message);

/** Kubernetes gives no reason for what its patching did not foresee. */
export const serverFault = (message: string): StatusError => failure(500, "", message);

export const noListOfLists = (): StatusError =>
  failure(422, "Invalid", "the server rejected our request due to an error in our request", {});
