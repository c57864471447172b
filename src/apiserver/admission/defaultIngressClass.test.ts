import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_INGRESS_CLASS, Ingress, IngressClass } from "../../api/networking/v1/index.ts";
import { testServer } from "../testServer.ts";

const ingressClass = (name: string, isDefault: boolean) =>
  ({
    metadata: { name, ...(isDefault && { annotations: { [DEFAULT_INGRESS_CLASS]: "true" } }) },
    spec: { controller: "example.com/ingress" },
  }) as IngressClass;

const ingress = (name: string, more: { ingressClassName?: string } = {}, annotations: Record<string, string> = {}) =>
  ({
    metadata: { name, namespace: "default", annotations },
    spec: { defaultBackend: { service: { name: "s", port: { number: 80 } } }, ...more },
  }) as Ingress;

test("an Ingress that names no class gets the default one, if there is one", async (t) => {
  const { client } = await testServer(t);
  await client.create(IngressClass, ingressClass("other", false));
  assert.equal((await client.create(Ingress, ingress("before"))).spec.ingressClassName, undefined);
  await client.create(IngressClass, ingressClass("usual", true));
  assert.equal((await client.create(Ingress, ingress("plain"))).spec.ingressClassName, "usual");
  const named = await client.create(Ingress, ingress("named", { ingressClassName: "other" }));
  assert.equal(named.spec.ingressClassName, "other");
  const old = await client.create(Ingress, ingress("old", {}, { "kubernetes.io/ingress.class": "other" }));
  assert.equal(old.spec.ingressClassName, undefined);
});
