import { openEmbeddedBackend } from "./embedded.ts";

/**
 * A process for `crash.test.ts` to kill: 16 writers create, update and (keys named so) delete without pause in the store
 * of argv[2], and print a line for each write that was acknowledged: revision, key and value ("-" for a deletion).
 */
const backend = await openEmbeddedBackend({ directory: process.argv[2]!, history: { changes: 500 } });
const round = backend.revision();
// A writer goes on once its line is out: lines that wait in this process die with it, and must not be many steps behind.
const say = (revision: number, key: string, value: string) =>
  new Promise<void>((resolve) => process.stdout.write(`${revision} ${key} ${value}\n`, () => resolve()));

async function write(writer: number): Promise<never> {
  for (let i = 0; ; i++) {
    const doomed = i % 3 === 0;
    const key = `/w/${round}-${writer}-${i}${doomed ? "-doomed" : ""}`;
    let value = `${round}.${i}.`.padEnd(500, "x");
    let at = await backend.create(key, Buffer.from(value));
    await say(at, key, value);
    value = value.replace("x", "y");
    at = await backend.update(key, Buffer.from(value), at);
    await say(at, key, value);
    if (doomed) await say(await backend.delete(key, at), key, "-");
  }
}

await Promise.all(Array.from({ length: 16 }, (_, writer) => write(writer)));
