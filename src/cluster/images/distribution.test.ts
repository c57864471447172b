import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { answerPull, type ImageSource } from "./distribution.ts";
import { buildImage } from "./ociImage.ts";

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

/** A content store with one image that may be had, and one that may not. */
async function source(t: TestContext) {
  const blobs = await mkdtemp(join(tmpdir(), "cox-blobs-"));
  t.after(() => rm(blobs, { recursive: true }));
  await mkdir(join(blobs, "sha256"));
  const [image, secret] = await Promise.all(
    ["web", "secret"].map((name) =>
      buildImage({ names: [name], entries: [], entrypoint: [name], architecture: "amd64" }),
    ),
  );
  for (const { digest, content } of [...image!.blobs, ...secret!.blobs])
    await writeFile(join(blobs, ...digest.split(":")), content);
  const stored = { name: "a.example/team/web:v1", type: MANIFEST, digest: image!.digest };
  const served: ImageSource = { blobs, images: async () => [{ ...stored, size: "1", platforms: [], isShared: true }] };
  const ask = (path: string, namespace: string | null = "a.example", method = "GET") =>
    answerPull({ method, path, namespace }, served);
  return { ask, image: image!, secret: secret!, blobs };
}

test("an image is had by its name, then by its digests", async (t) => {
  const { ask, image, blobs } = await source(t);
  const named = await ask("/v2/team/web/manifests/v1");
  assert.deepEqual(named, {
    status: 200,
    headers: {
      "content-type": MANIFEST,
      "content-length": image.manifest.content.length,
      "docker-content-digest": image.digest,
    },
    file: join(blobs, ...image.digest.split(":")),
  });
  assert.equal((await ask(`/v2/team/web/manifests/${image.digest}`)).status, 200);
  for (const { digest, content } of image.blobs) {
    const answer = await ask(`/v2/team/web/blobs/${digest}`);
    assert.equal(answer.status === 200 && answer.headers["content-length"], content.length);
  }
  assert.equal((await ask("/v2/")).status, 200);
});

test("what is not shared is not there, not even for those who know its digests", async (t) => {
  const { ask, secret } = await source(t);
  const codes = async (path: string, namespace?: string) => {
    const answer = await ask(path, namespace);
    return answer.status === 200 ? "found" : answer.code;
  };
  assert.equal(await codes("/v2/team/web/manifests/v2"), "MANIFEST_UNKNOWN");
  assert.equal(await codes("/v2/team/web/manifests/v1", "b.example"), "MANIFEST_UNKNOWN");
  assert.equal(await codes(`/v2/team/secret/manifests/${secret.digest}`), "MANIFEST_UNKNOWN");
  for (const { digest } of secret.blobs)
    if (digest !== secret.blobs[0]!.digest) assert.equal(await codes(`/v2/x/blobs/${digest}`), "BLOB_UNKNOWN");
  assert.equal(await codes("/v2/x/blobs/../../etc/passwd"), "NAME_UNKNOWN");
  assert.equal(await codes("/v1/search"), "NAME_UNKNOWN");
});

test("nothing can be pushed", async (t) => {
  const { ask } = await source(t);
  assert.equal((await ask("/v2/team/web/manifests/v1", "a.example", "PUT")).status, 405);
});
