/** Tables of core/v1's kinds, held against those that Kubernetes printed; their descriptions are our own. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { normalize } from "../../../../apimachinery/decode.ts";
import type { Column, Kind } from "../../../../apimachinery/kind.ts";
import type { KubernetesObject } from "../../../../apimachinery/meta.ts";
import { allQuestions, skip } from "../../../differential.ts";
import * as core from "../index.ts";

interface Table {
  columnDefinitions: { name: string; type: string; format: string; priority: number }[];
  rows: { cells: unknown[] }[];
}

const kinds = [
  core.ConfigMap,
  core.Event,
  core.Namespace,
  core.Node,
  core.Pod,
  core.Secret,
  core.Service,
  core.ServiceAccount,
] as unknown as Kind<KubernetesObject>[];

const shape = ({
  name,
  type,
  format = "",
  priority = 0,
}: Pick<Column<never>, "name" | "type" | "format" | "priority">) => ({
  name,
  type,
  format,
  priority,
});
/** Cells that tell ages or allocated addresses differ from run to run. */
const VARYING = new Set(["Age", "Last Seen", "First Seen", "Cluster-IP"]);

for (const kind of kinds) {
  test(`a ${kind.kind}'s row is what Kubernetes prints`, { skip }, () => {
    const all = allQuestions()!;
    const tables = all.filter(({ id }) => id.startsWith(`${kind.kind}.v1.`) && /\/(as-table|get\/table)$/.test(id));
    assert.ok(tables.length > 0);
    for (const { id, expect } of tables) {
      const table = expect.body as Table;
      const stored = all.find((one) => one.id === `setup/${id.split("/", 1)[0]}/create`)!.expect.body;
      const object = normalize(kind.schema, JSON.parse(JSON.stringify(stored).replaceAll('"<port>"', "30100")));
      assert.deepEqual(kind.columns.map(shape), table.columnDefinitions.map(shape as never), id);
      for (const [i, { name, value }] of kind.columns.entries()) {
        if (!VARYING.has(name)) assert.equal(value(object, 0), table.rows[0]!.cells[i], `${id} ${name}`);
      }
    }
  });
}
