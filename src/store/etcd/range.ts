/** The end of the range of all keys that begin with `prefix`. Etcd writes "no end" as "\0". */
export function endOf(prefix: string): string {
  if (prefix === "") return "\0";
  const last = prefix.length - 1;
  return prefix.slice(0, last) + String.fromCharCode(prefix.charCodeAt(last) + 1);
}

/** The range of all keys with `prefix`, or those of them after one key. */
export function rangeOf(prefix: string, after?: string): { key: string; rangeEnd: string } {
  return { key: after === undefined ? prefix || "\0" : `${after}\0`, rangeEnd: endOf(prefix) };
}
