import type { LimitRange } from "../../api/core/v1/index.ts";
import type { Strategy } from "./resource.ts";

/** Unlike other objects, a LimitRange need not be named. */
export const limitRangeStrategy: Strategy<LimitRange> = {
  prepareCreate({ metadata }, { registry }) {
    metadata.name ||= registry.random.uuid();
  },
};
