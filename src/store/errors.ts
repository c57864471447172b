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
/** The write was not done because there is no room for it; nothing of it remains. */
export class StoreFullError extends Error {
  constructor(message: string) {
    super(`${message}; nothing was written. Free some space and try again`);
  }
}
/** The store does not answer. A read told nothing; a write was certainly not done. */
export class StoreUnavailableError extends Error {
  constructor(why: string, cause?: unknown) {
    super(`the store cannot be reached: ${why}`, { cause });
  }
}
/** Nobody knows whether the write was done, or will be yet: whoever asked must look. */
export class OutcomeUnknownError extends Error {
  constructor(why: string, cause?: unknown) {
    super(`the write may or may not have been done: ${why}`, { cause });
  }
}
