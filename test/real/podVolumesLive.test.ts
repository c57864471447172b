import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { configMap, container, FOREVER, isReady, type Json, PodCluster, pod, secret } from "./podFixture.ts";
import { cannotRun, until } from "./realCluster.ts";

const skip = await cannotRun();
const MERGE = "application/merge-patch+json";

describe("volumes follow the objects that they show", { skip, concurrency: true }, () => {
  let at: PodCluster;
  before(async () => {
    at = await PodCluster.start("podvols");
  });
  after(() => at?.remove());

  const kinds = {
    ConfigMap: {
      plural: "configmaps",
      object: (name: string, data: Record<string, string>) => configMap(name, data),
      volume: (name: string, more: Json = {}) => ({ configMap: { name, ...more } }),
      projected: (name: string, more: Json = {}) => ({ projected: { sources: [{ configMap: { name, ...more } }] } }),
      change: (data: Record<string, string>) => ({ data }),
    },
    Secret: {
      plural: "secrets",
      object: (name: string, data: Record<string, string>) => secret(name, data),
      volume: (name: string, more: Json = {}) => ({ secret: { secretName: name, ...more } }),
      projected: (name: string, more: Json = {}) => ({ projected: { sources: [{ secret: { name, ...more } }] } }),
      change: (stringData: Record<string, string>) => ({ stringData }),
    },
  };
  const mount = (volumes: Json[]) => volumes.map(({ name }) => ({ name, mountPath: `/etc/${name}` }));
  const path = (plural: string, name = "") => `/api/v1/namespaces/default/${plural}${name && `/${name}`}`;
  /** Until a file in the container says so; "absent" stands for no such file. */
  const shows = (name: string, file: string, text: string) =>
    until(
      `${file} of ${name} says ${text}`,
      async () => (await at.sh(name, `cat ${file} 2>/dev/null || echo absent`)) === text,
      20_000,
    );

  for (const [kind, { plural, object, volume, projected, change }] of Object.entries(kinds)) {
    for (const [form, source] of Object.entries({ plain: volume, projected })) {
      test(`${kind} (${form}): updates and optional ones are reflected`, async () => {
        const id = `${kind.toLowerCase()}-${form}`;
        await at.create(object(`${id}-upd`, { "data-1": "value-1" }), object(`${id}-del`, { "data-1": "value-1" }));
        const volumes: Json[] = [
          { name: "upd", ...source(`${id}-upd`, { optional: true }) },
          { name: "del", ...source(`${id}-del`, { optional: true }) },
          {
            name: "create",
            ...source(`${id}-create`, { optional: true, items: [{ key: "data-1", path: "path/to/data-1" }] }),
          },
        ];
        await at.create(
          pod(id, {
            restartPolicy: "Always",
            containers: [container(FOREVER, { volumeMounts: mount(volumes) })],
            volumes,
          }),
        );
        await at.podWhen(id, isReady);
        await shows(id, "/etc/upd/data-1", "value-1");
        await shows(id, "/etc/create/path/to/data-1", "absent");
        await at.request("DELETE", path(plural, `${id}-del`));
        await at.request(
          "PATCH",
          path(plural, `${id}-upd`),
          change({ "data-1": "value-2", "data-3": "value-3" }),
          MERGE,
        );
        await at.create(object(`${id}-create`, { "data-1": "created" }));
        await shows(id, "/etc/upd/data-1", "value-2");
        await shows(id, "/etc/upd/data-3", "value-3");
        await shows(id, "/etc/del/data-1", "absent");
        await shows(id, "/etc/create/path/to/data-1", "created");
      });
    }

    test(`${kind}: immutable ones stay as they are`, async () => {
      const name = `immutable-${kind.toLowerCase()}`;
      const patch = (body: Json) => at.request("PATCH", path(plural, name), body, MERGE);
      await at.create(object(name, { "data-1": "value-1" }));
      await patch(change({ "data-1": "value-2" }));
      await patch({ immutable: true });
      await assert.rejects(patch(change({ "data-1": "value-3" })), /field is immutable when `immutable` is set/);
      await assert.rejects(patch({ immutable: false }), /field is immutable when `immutable` is set/);
      await patch({ metadata: { labels: { still: "mutable" } } });
      await at.request("DELETE", path(plural, name));
      await at.create(object(name, { "data-1": "value-4" }));
    });

    test(`${kind}: an empty key is refused`, async () => {
      await assert.rejects(at.create(object(`empty-${kind.toLowerCase()}`, { "": "value" })), /Invalid value: ""/);
    });
  }

  for (const projected of [false, true]) {
    test(`downward API${projected ? " (projected)" : ""}: labels and annotations are reflected`, async () => {
      const name = projected ? "down-projected" : "down";
      const items = ["labels", "annotations"].map((it) => ({ path: it, fieldRef: { fieldPath: `metadata.${it}` } }));
      const volumes = [
        {
          name: "podinfo",
          ...(projected ? { projected: { sources: [{ downwardAPI: { items } }] } } : { downwardAPI: { items } }),
        },
      ];
      const metadata = { labels: { key1: "value1" }, annotations: { builder: "bar" } };
      await at.create(
        pod(
          name,
          { restartPolicy: "Always", containers: [container(FOREVER, { volumeMounts: mount(volumes) })], volumes },
          metadata,
        ),
      );
      await at.podWhen(name, isReady);
      await shows(name, "/etc/podinfo/labels", 'key1="value1"');
      await shows(name, "/etc/podinfo/annotations", 'builder="bar"');
      await at.request(
        "PATCH",
        path("pods", name),
        { metadata: { labels: { key3: "value3" }, annotations: { builder: "foo" } } },
        MERGE,
      );
      await shows(name, "/etc/podinfo/labels", 'key1="value1"\nkey3="value3"');
      await shows(name, "/etc/podinfo/annotations", 'builder="foo"');
    });
  }

  test("a Secret of the same name in another namespace is another", async () => {
    await at.request("POST", "/api/v1/namespaces", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "other" },
    });
    await at.create(secret("twin", { "data-1": "value-1" }));
    await at.request("POST", "/api/v1/namespaces/other/secrets", secret("twin", { "this-should": "not-show" }));
    const volumes = [{ name: "s", secret: { secretName: "twin" } }];
    await at.create(
      pod("twin", {
        restartPolicy: "Always",
        containers: [container(FOREVER, { volumeMounts: mount(volumes) })],
        volumes,
      }),
    );
    await at.podWhen("twin", isReady);
    assert.equal(await at.sh("twin", "cat /etc/s/data-1; ls /etc/s"), "value-1data-1");
  });

  test("fifty ConfigMaps in each of five Pods at once", async () => {
    const names = Array.from({ length: 50 }, (_, i) => `racey-${i}`);
    await at.create(...names.map((name) => configMap(name, { "data-1": name })));
    const volumes = names.map((name) => ({ name, configMap: { name, items: [{ key: "data-1", path: "data-1" }] } }));
    const ids = Array.from({ length: 5 }, (_, i) => `race-${i}`);
    const containers = [container(FOREVER, { volumeMounts: mount(volumes) })];
    await at.create(...ids.map((id) => pod(id, { containers, volumes })));
    for (const id of ids) await at.podWhen(id, isReady, 60_000);
    const all = await at.sh("race-4", "cat /etc/racey-*/data-1 | wc -c");
    assert.equal(Number(all), names.join("").length);
  });
});
