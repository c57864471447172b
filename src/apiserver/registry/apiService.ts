import type { APIService } from "../../api/apiregistration/v1/index.ts";
import { formatTime } from "../../apimachinery/time.ts";
import type { Strategy } from "./resource.ts";

/** What this server answers for itself is available; of the others that must be found out. */
export const apiServiceStrategy: Strategy<APIService> = {
  unconditionalUpdate: false,
  prepareCreate(service, { now }) {
    service.status = service.spec.service ? {} : { conditions: [localAvailable(now)] };
  },
};

const localAvailable = (now: number) => ({
  type: "Available",
  status: "True",
  lastTransitionTime: formatTime(now),
  reason: "Local",
  message: "Local APIServices are always available",
});
