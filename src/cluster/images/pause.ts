import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * The program of a Pod's sandbox, made here, byte by byte, because no image registry need be reachable. As process 1 of
 * a Pod it holds the namespaces open, and where containers share the process namespace it reaps their orphans: with
 * SIGCHLD ignored the kernel does that by itself. It sleeps until SIGTERM or SIGINT. In C:
 *
 *     rt_sigaction(SIGCHLD, {SIG_IGN}, 0, 8);
 *     rt_sigprocmask(SIG_BLOCK, {SIGINT, SIGTERM}, 0, 8);
 *     while (rt_sigtimedwait({SIGINT, SIGTERM}, 0, 0, 8) < 0);
 *     exit(0);
 */
export function pauseProgram(architecture: string): Buffer {
  if (architecture === "amd64") return elf(0x3e, amd64Code());
  if (architecture === "arm64") return elf(0xb7, arm64Code());
  throw new Error(`there is no pause program for ${architecture}`);
}

const HEADERS = 64 + 56;
const BASE = 0x400000;
/** what the code points to: struct sigaction {SIG_IGN, flags, restorer, mask}, then the set {SIGINT, SIGTERM} */
const DATA = [1n, 0n, 0n, 0n, (1n << 1n) | (1n << 14n)];
const SET_OFFSET = 32;

/** A static 64-bit ELF file with one segment: headers, code, data. */
function elf(machine: number, code: Buffer): Buffer {
  const file = Buffer.alloc(HEADERS + code.length + DATA.length * 8);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]); // \x7fELF, 64 bits, little-endian, version 1
  file.writeUInt16LE(2, 16); // an executable
  file.writeUInt16LE(machine, 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(BigInt(BASE + HEADERS), 24); // entry point
  file.writeBigUInt64LE(64n, 32); // program headers follow this header
  file.writeUInt16LE(64, 52);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(1, 56);
  file.writeUInt32LE(1, 64); // the segment is loaded,
  file.writeUInt32LE(5, 68); // readable and executable,
  file.writeBigUInt64LE(BigInt(BASE), 80);
  file.writeBigUInt64LE(BigInt(BASE), 88);
  file.writeBigUInt64LE(BigInt(file.length), 96);
  file.writeBigUInt64LE(BigInt(file.length), 104);
  file.writeBigUInt64LE(0x1000n, 112);
  file.set(code, HEADERS);
  for (const [i, word] of DATA.entries()) file.writeBigUInt64LE(word, HEADERS + code.length + i * 8);
  return file;
}

function amd64Code(): Buffer {
  const bytes: number[] = [];
  const fixups: { at: number; data: number }[] = [];
  const emit = (...code: number[]) => void bytes.push(...code);
  /** lea register, [rip + address of data] */
  const lea = (modrm: number, data: number) => {
    emit(0x48, 0x8d, modrm, 0, 0, 0, 0);
    fixups.push({ at: bytes.length - 4, data });
  };
  const RSI = 0x35;
  const RDI = 0x3d;
  const edi = (value: number) => emit(0xbf, value, 0, 0, 0);
  const call = (number: number) => emit(0xb8, number, 0, 0, 0, 0x0f, 0x05);
  const zeroRdx = [0x31, 0xd2];
  edi(17); // SIGCHLD
  lea(RSI, 0);
  emit(...zeroRdx);
  emit(0x41, 0xba, 8, 0, 0, 0); // r10 = 8, kept by system calls
  call(13); // rt_sigaction
  edi(0); // SIG_BLOCK
  lea(RSI, SET_OFFSET);
  emit(...zeroRdx);
  call(14); // rt_sigprocmask
  const wait = bytes.length;
  lea(RDI, SET_OFFSET);
  emit(0x31, 0xf6, ...zeroRdx); // rsi = rdx = 0
  call(128); // rt_sigtimedwait
  emit(0x85, 0xc0); // test eax, eax
  emit(0x78, (wait - bytes.length - 2) & 0xff); // js wait
  edi(0);
  call(60); // exit
  const code = Buffer.from(bytes);
  for (const { at, data } of fixups) code.writeInt32LE(code.length + data - (at + 4), at);
  return code;
}

function arm64Code(): Buffer {
  const words: number[] = [];
  const fixups: { at: number; register: number; data: number }[] = [];
  const move = (register: number, value: number) => void words.push((0xd2800000 | (value << 5) | register) >>> 0);
  /** adr register, address of data */
  const address = (register: number, data: number) => fixups.push({ at: words.push(0) - 1, register, data });
  const call = (number: number) => {
    move(8, number);
    words.push(0xd4000001);
  };
  move(0, 17); // SIGCHLD
  address(1, 0);
  move(2, 0);
  move(3, 8);
  call(134); // rt_sigaction
  move(0, 0); // SIG_BLOCK
  address(1, SET_OFFSET);
  move(2, 0);
  call(135); // rt_sigprocmask
  const wait = words.length;
  address(0, SET_OFFSET);
  move(1, 0);
  move(2, 0);
  call(137); // rt_sigtimedwait
  words.push((0xb7f80000 | (((wait - words.length) & 0x3fff) << 5)) >>> 0); // tbnz x0, #63, wait
  move(0, 0);
  call(93); // exit
  // keeps the data on an address that is a multiple of 8
  if (words.length % 2 === 1) words.push(0xd503201f);
  for (const { at, register, data } of fixups) {
    const distance = (words.length - at) * 4 + data;
    words[at] = (0x10000000 | ((distance & 3) << 29) | ((distance >> 2) << 5) | register) >>> 0;
  }
  const code = Buffer.alloc(words.length * 4);
  for (const [i, word] of words.entries()) code.writeUInt32LE(word, i * 4);
  return code;
}

/** Writes the program into a folder that then is the image's root. */
export async function writePauseRoot(folder: string, architecture: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "pause"), pauseProgram(architecture));
  await chmod(join(folder, "pause"), 0o755);
}
