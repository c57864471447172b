import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { isPage, linkRewriters, proxiedLink } from "./proxiedLinks.ts";

const shown = { prefix: "/api/v1/namespaces/n/pods/p/proxy", host: "10.0.0.1:80" };

async function passed(pieces: (string | Buffer)[], encoding = ""): Promise<Buffer> {
  const out: Buffer[] = [];
  await pipeline([
    Readable.from(pieces.map((piece) => Buffer.from(piece))),
    ...linkRewriters(encoding, shown)!,
    async (from: AsyncIterable<Buffer>) => {
      for await (const chunk of from) out.push(chunk);
    },
  ] as never);
  return Buffer.concat(out);
}
const page = async (...pieces: string[]) => (await passed(pieces)).toString().replaceAll(shown.prefix, "PROXY");

test("leads links to a program's own root through the proxy", () => {
  const through = (link: string) => proxiedLink(link, shown).replace(shown.prefix, "PROXY");
  assert.equal(through("/a/b/?x=y#z"), "PROXY/a/b/?x=y#z");
  assert.equal(through("http://10.0.0.1:80/a"), "PROXY/a");
  assert.equal(through("//10.0.0.1:80"), "PROXY/");
  for (const other of ["a/b", "../a", "#top", "?q", "https://example.com/a", "//example.com/a", "mailto:x@example.com"])
    assert.equal(through(other), other);
  assert.equal(through(`${shown.prefix}/a`), "PROXY/a");
});

test("rewrites links in tags, and nothing else", async () => {
  assert.equal(await page('<a href="/rewriteme">test</a>'), '<a href="PROXY/rewriteme">test</a>');
  assert.equal(
    await page("<IMG class=x SRC='/i.png' alt=\"/no\"><form action=/go>"),
    "<IMG class=x SRC='PROXY/i.png' alt=\"/no\"><form action=PROXY/go>",
  );
  for (const text of [
    '<!-- <a href="/x"> -->',
    "<script>let a = '<a href=\"/x\">';</script>",
    'href="/x"',
    "1 < 2 <a",
    '<p title="> href=/x">',
  ])
    assert.equal(await page(text), text);
  assert.equal(
    await page('<title><a href="/x"></title><a href="/y">'),
    '<title><a href="/x"></title><a href="PROXY/y">',
  );
});

test("is not misled by where a page is cut", async () => {
  const text = '<p>ä<a class="b" href="/x">x</a><script>"</a"</script><!-- - --><link href=/y>';
  const want = text.replace('"/x"', '"PROXY/x"').replace("/y", "PROXY/y");
  assert.equal(await page(...text), want);
  assert.equal(await page(text), want);
});

test("reads and writes compressed pages", async () => {
  const answer = gunzipSync(await passed([gzipSync('<a href="/x">')], "gzip")).toString();
  assert.equal(answer, `<a href="${shown.prefix}/x">`);
  assert.equal(linkRewriters("br", shown), undefined);
  assert.ok(isPage("text/html; charset=utf-8") && !isPage("text/plain") && !isPage(undefined));
});
