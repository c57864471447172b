import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, encode } from "dns-packet";
import { VirtualClock } from "../util/clock.ts";
import { UpstreamCache } from "./upstreamCache.ts";

const question = (name: string, id: number) =>
  encode({ type: "query", id, flags: 0x0100, questions: [{ type: "A", name }] });
const soa = { mname: "ns.test", rname: "me.test", serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 10 };

test("an answer is given again under the new question's id and spelling, with what is left of its time", () => {
  const clock = new VirtualClock();
  const cache = new UpstreamCache(clock);
  const reply = encode({
    type: "response",
    id: 1,
    questions: [{ type: "A", name: "web.test" }],
    answers: [{ type: "A", name: "web.test", ttl: 20, data: "192.0.2.1" }],
  });
  cache.put(question("web.test", 1), reply, false);
  clock.step(clock.now() + 5_000);
  const again = decode(cache.get(question("WEB.test", 9), false)!);
  const [answer] = again.answers as { ttl: number; data: string }[];
  assert.deepEqual([again.id, again.questions![0]!.name, answer!.ttl, answer!.data], [9, "WEB.test", 15, "192.0.2.1"]);
  assert.equal(cache.get(question("web.test", 2), true), undefined);
  clock.step(clock.now() + 15_000);
  assert.equal(cache.get(question("web.test", 3), false), undefined);
});

test("denials are kept as long as the zone says; failures and what is cut off are not", () => {
  const clock = new VirtualClock();
  const cache = new UpstreamCache(clock);
  const said = (flags: number, withAuthority: boolean) =>
    encode({
      type: "response",
      id: 1,
      flags,
      questions: [{ type: "A", name: "no.test" }],
      authorities: withAuthority ? [{ type: "SOA", name: "test", ttl: 60, data: soa }] : [],
    });
  const query = question("no.test", 1);
  cache.put(query, said(2, true), false);
  assert.equal(cache.get(query, false), undefined, "a failure");
  cache.put(query, said(3, false), false);
  assert.equal(cache.get(query, false), undefined, "a denial without authority");
  cache.put(query, said(0x0203, true), false);
  assert.equal(cache.get(query, false), undefined, "cut off");
  cache.put(query, said(3, true), false);
  assert.equal(decode(cache.get(query, false)!).authorities?.length, 1);
  clock.step(clock.now() + 10_000);
  assert.equal(cache.get(query, false), undefined, "ten seconds are over");
});
