import { Transform } from "node:stream";
import { createDeflate, createGunzip, createGzip, createInflate } from "node:zlib";

/** Where a program is shown that believes to be at the root of its own host. */
export interface Shown {
  /** the path that stands for its root, such as /api/v1/namespaces/a/pods/b/proxy */
  readonly prefix: string;
  /** its own host and port */
  readonly host: string;
}

/** Absolute paths, and URLs of the program's own host, lead through the proxy; other links stay. */
export function proxiedLink(link: string, { prefix, host }: Shown): string {
  const own = /^(?:[a-z][a-z0-9+.-]*:)?\/\/([^/?#]*)/i.exec(link);
  if (own && own[1] !== host) return link;
  const path = own ? link.slice(own[0].length) || "/" : link;
  if (!path.startsWith("/") || path === prefix || path.startsWith(`${prefix}/`)) return link;
  return prefix + path;
}

/** Attributes that hold a URL, in whatever element. */
const LINKS = new Set(
  "action archive background cite classid codebase data formaction href icon longdesc manifest poster profile src usemap".split(
    " ",
  ),
);
const ATTRIBUTE = /([\s"'])([^\s"'<>/=]+)(\s*=\s*)("[^"]*"|'[^']*'|[^\s"'=<>`]+)/g;

function rewriteTag(tag: string, shown: Shown): string {
  return tag.replace(ATTRIBUTE, (whole, before: string, name: string, equals: string, value: string) => {
    if (!LINKS.has(name.toLowerCase())) return whole;
    const quote = /^["']/.test(value) ? value[0]! : "";
    const link = quote ? value.slice(1, -1) : value;
    return `${before}${name}${equals}${quote}${proxiedLink(link, shown)}${quote}`;
  });
}

/** One piece of a page: a comment, a tag with its quoted attributes, or a lone "<". What is incomplete does not match. */
const PIECE =
  /<!--[\s\S]*?-->|<[a-z](?:[^"'>]|"[^"]*"|'[^']*')*>|<[/?][^>]*>|<!-[^-][^>]*>|<![^->][^>]*>|<!>|<(?=[^a-z/!?])/iy;
/** Elements whose content is text, tags or not. */
const RAW = /^<(script|style|textarea|title)\b/i;
/** An incomplete piece that grows beyond this is no tag. */
const MOST_HELD = 64 * 1024;

/** Rewrites the links of a page as it passes. Bytes are characters here, so that every encoding survives. */
class LinkRewriter extends Transform {
  #held = "";
  #raw: RegExp | undefined;
  readonly #shown: Shown;
  constructor(shown: Shown) {
    super();
    this.#shown = shown;
  }
  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#held += chunk.toString("latin1");
    this.#drain(false);
    done();
  }
  override _flush(done: () => void): void {
    this.#drain(true);
    done();
  }
  #send(text: string): void {
    if (text !== "") this.push(Buffer.from(text, "latin1"));
  }
  /** Where the next piece begins, or may begin; text before it is complete. */
  #next(at: number): number {
    if (!this.#raw) {
      const found = this.#held.indexOf("<", at);
      return found < 0 ? this.#held.length : found;
    }
    const found = this.#held.slice(at).search(this.#raw);
    // The end tag may have begun at the end of what there is.
    return found < 0 ? Math.max(at, this.#held.length - "</textarea".length) : at + found;
  }
  #drain(whole: boolean): void {
    let out = "";
    let at = 0;
    while (at < this.#held.length) {
      const next = this.#next(at);
      out += this.#held.slice(at, next);
      at = next;
      PIECE.lastIndex = at;
      const piece = this.#raw && !this.#raw.test(this.#held.slice(at)) ? undefined : PIECE.exec(this.#held)?.[0];
      if (piece === undefined) break;
      this.#raw = undefined;
      out += /^<[a-z]/i.test(piece) ? rewriteTag(piece, this.#shown) : piece;
      at += piece.length;
      const raw = RAW.exec(piece)?.[1];
      if (raw) this.#raw = new RegExp(`</${raw}`, "i");
    }
    this.#held = this.#held.slice(at);
    if (whole || this.#held.length > MOST_HELD) {
      out += this.#held;
      this.#held = "";
    }
    this.#send(out);
  }
}

/** What a page's bytes go through one after the other; undefined when they cannot be read. */
export function linkRewriters(contentEncoding: string, shown: Shown): Transform[] | undefined {
  const links = new LinkRewriter(shown);
  if (contentEncoding === "") return [links];
  if (contentEncoding === "gzip") return [createGunzip(), links, createGzip()];
  if (contentEncoding === "deflate") return [createInflate(), links, createDeflate()];
  return undefined;
}

export const isPage = (contentType: string | undefined): boolean =>
  (contentType ?? "").split(";")[0]!.trim().toLowerCase() === "text/html";
