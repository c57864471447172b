/** The store was closed, or its file failed for good; open it again. */
export class StoreClosedError extends Error {
  constructor(why: string, cause?: unknown) {
    super(`the store is closed: ${why}`, { cause });
  }
}
/** Another process, or another part of this one, has the directory open. */
export class StoreInUseError extends Error {
  constructor(directory: string, owner?: string) {
    super(`${directory} is in use by another process${owner ? ` (pid ${owner})` : ""}; stop that one first`);
  }
}
/** What is on the disk is not what was written. */
export class StoreCorruptError extends Error {
  constructor(path: string, what: string) {
    super(`${path} is damaged (${what}); restore the file from a backup, or remove it to start with an empty store`);
  }
}
/** The write was not done because the disk has no room; nothing of it remains. */
export class StoreFullError extends Error {
  constructor(path: string) {
    super(`no space left on the disk for ${path}; nothing was written. Free some space and try again`);
  }
}
