import { inflateRawSync } from "node:zlib";
import { UserError } from "./errors.ts";

const END = 0x06054b50;
const CENTRAL = 0x02014b50;

/** The content of the first entry of a ZIP archive whose name satisfies `test` (APPNOTE 4.3; no ZIP64, no encryption). */
export function readZipEntry(archive: Buffer, test: (name: string) => boolean): Buffer {
  const end = archive.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || archive.readUInt32LE(end) !== END) throw new UserError("not a ZIP archive");
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    if (archive.readUInt32LE(at) !== CENTRAL) throw new UserError("the ZIP archive's directory is damaged");
    const nameLength = archive.readUInt16LE(at + 28);
    const name = archive.toString("utf8", at + 46, at + 46 + nameLength);
    if (test(name)) return content(archive, at);
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  throw new UserError("the ZIP archive does not have the entry");
}

function content(archive: Buffer, central: number): Buffer {
  const method = archive.readUInt16LE(central + 10);
  const size = archive.readUInt32LE(central + 20);
  const local = archive.readUInt32LE(central + 42);
  const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  const bytes = archive.subarray(start, start + size);
  if (method === 0) return bytes;
  if (method === 8) return inflateRawSync(bytes);
  throw new UserError(`the ZIP archive uses compression method ${method}`);
}
