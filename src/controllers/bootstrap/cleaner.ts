import { readBootstrapToken, Secret } from "../../api/core/v1/index.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import { after, type Controller, controller, done } from "../../client/index.ts";

/** Deletes bootstrap tokens that have expired. */
export const tokenCleaner: Controller = controller({
  name: "token-cleaner",
  for: Secret,
  async reconcile(secret, { client, clock }) {
    const { namespace, name = "", uid } = secret.metadata;
    const expires = namespace === "kube-system" ? readBootstrapToken(secret)?.expires : undefined;
    if (expires === undefined) return done;
    const left = expires - clock.now();
    if (left > 0) return after(left);
    await client.delete(Secret, { namespace, name }, { preconditions: { uid } }).catch((error) => {
      if (!isNotFound(error)) throw error; // gone already, as wanted
    });
    return done;
  },
});
