import { AUTHORITATIVE_ANSWER, decode, encode, type Packet, RECURSION_AVAILABLE, TRUNCATED_RESPONSE } from "dns-packet";
import type { Random } from "../util/random.ts";
import { answer, authority } from "./answer.ts";
import type { ClusterView } from "./clusterView.ts";
import type { DnsQuestion, DnsRecord } from "./records.ts";

/** The response codes of RFC 1035 that we give. */
const FORMAT_ERROR = 1;
const SERVER_FAILURE = 2;
const NAME_ERROR = 3;
const NOT_IMPLEMENTED = 4;
const RECURSION_DESIRED = 0x0100;
/** What fits into a UDP answer when the client does not say otherwise. */
const PLAIN_UDP = 512;
const MOST_UDP = 4096;

export interface Responder {
  view: ClusterView;
  domain: string;
  random: Random;
  /** Asks the upstream servers; undefined when none answers. */
  forward(query: Buffer, overTcp: boolean): Promise<Buffer | undefined>;
}

/** The bytes to send back for the bytes of a query; undefined for what is no query at all. */
export async function respond(query: Buffer, overTcp: boolean, responder: Responder): Promise<Buffer | undefined> {
  if (query.length < 12 || (query[2]! & 0x80) !== 0) return undefined;
  const packet = parse(query);
  if (!packet) return failure(query, FORMAT_ERROR);
  if ((query[2]! & 0x78) !== 0) return failure(query, NOT_IMPLEMENTED, packet);
  const asked = packet.questions?.[0];
  if (!asked || packet.questions!.length > 1) return failure(query, FORMAT_ERROR, packet);
  const question = { name: asked.name.toLowerCase().replace(/\.$/, ""), type: String(asked.type) };
  const ours = (asked.class ?? "IN") === "IN" ? answer(question, responder.view, responder.domain) : undefined;
  if (!ours) return (await responder.forward(query, overTcp)) ?? failure(query, SERVER_FAILURE, packet);
  const records = [...shuffled(ours.records, responder.random)];
  if (ours.chase) records.push(...(await addressesBehind(ours.chase, question, packet, responder)));
  const respelt = records.map((record) => (record.name === question.name ? { ...record, name: asked.name } : record));
  return write(packet, ours.exists ? 0 : NAME_ERROR, respelt, ours.additional, overTcp, responder.domain);
}

function parse(query: Buffer): Packet | undefined {
  try {
    return decode(query);
  } catch {
    return undefined;
  }
}

/** A bare answer with the query's own header, and its questions where they could be read: resolvers insist on them. */
function failure(query: Buffer, code: number, packet?: Packet): Buffer {
  const header = Buffer.from(query.subarray(0, 12));
  header[2] = (header[2]! & 0x79) | 0x80;
  header[3] = 0x80 | code;
  header.fill(0, 4, 12);
  const questions = packet?.questions ?? [];
  if (questions.length === 0) return header;
  const whole = encode({ type: "response", id: packet!.id, questions });
  header.copy(whole, 0, 0, 4);
  return whole;
}

/** Clients take the first address: let chance choose it. */
function shuffled(records: readonly DnsRecord[], random: Random): DnsRecord[] {
  const out = [...records];
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(random.next() * (i + 1));
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
}

/** The records behind an alias: our own when it points back into the cluster, else what upstream says. */
async function addressesBehind(
  target: string,
  question: DnsQuestion,
  packet: Packet,
  responder: Responder,
): Promise<DnsRecord[]> {
  const own = answer({ name: target.toLowerCase(), type: question.type }, responder.view, responder.domain);
  if (own) return [...own.records];
  const query = encode({
    type: "query",
    id: packet.id,
    flags: RECURSION_DESIRED,
    questions: [{ type: question.type as "A", name: target, class: "IN" }],
  });
  const reply = await responder.forward(query, true);
  const parsed = reply && parse(reply);
  return (parsed?.answers ?? []) as unknown as DnsRecord[];
}

function write(
  query: Packet,
  code: number,
  answers: readonly DnsRecord[],
  additional: readonly DnsRecord[],
  overTcp: boolean,
  domain: string,
): Buffer {
  const edns = query.additionals?.find((record) => record.type === "OPT");
  const room = overTcp ? 65535 : Math.min(MOST_UDP, Math.max(PLAIN_UDP, edns?.udpPayloadSize ?? PLAIN_UDP));
  const flags = AUTHORITATIVE_ANSWER | RECURSION_AVAILABLE | ((query.flags ?? 0) & RECURSION_DESIRED) | code;
  const make = (records: readonly DnsRecord[], more: readonly DnsRecord[], extra: number) =>
    encode({
      type: "response",
      id: query.id,
      flags: flags | extra,
      questions: query.questions,
      answers: records as Packet["answers"],
      authorities: (answers.length === 0 ? [authority(domain)] : []) as Packet["authorities"],
      additionals: [
        ...(more as NonNullable<Packet["additionals"]>),
        ...(edns
          ? [
              {
                type: "OPT" as const,
                name: ".",
                udpPayloadSize: MOST_UDP,
                extendedRcode: 0,
                ednsVersion: 0,
                flags: 0,
                flag_do: false,
                options: [],
              },
            ]
          : []),
      ] as Packet["additionals"],
    });
  const whole = make(answers, additional, 0);
  if (whole.length <= room) return whole;
  const bare = make(answers, [], 0);
  if (bare.length <= room) return bare;
  return truncated(answers, room, make);
}

/** As many records as fit, marked as cut off, so that the client asks again over TCP. */
function truncated(
  answers: readonly DnsRecord[],
  room: number,
  make: (records: readonly DnsRecord[], more: readonly DnsRecord[], extra: number) => Buffer,
): Buffer {
  for (let count = answers.length - 1; count > 0; count = Math.floor(count / 2)) {
    const message = make(answers.slice(0, count), [], TRUNCATED_RESPONSE);
    if (message.length <= room) return message;
  }
  return make([], [], TRUNCATED_RESPONSE);
}
