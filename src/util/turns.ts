/** Lets so many do something at a time; the others wait for their turn, in the order in which they came. */
export class Turns {
  #free: number;
  #waiting: (() => void)[] = [];
  #next = 0;

  constructor(atOnce: number) {
    this.#free = atOnce;
  }
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      this.#passOn();
    }
  }
  #passOn(): void {
    const next = this.#waiting[this.#next];
    if (!next) {
      this.#free++;
      this.#waiting = [];
      this.#next = 0;
      return;
    }
    this.#next++;
    // Shifting an array of thousands for each would be slow.
    if (this.#next > 1_000) this.#waiting = this.#waiting.splice(this.#next);
    if (this.#next > 1_000) this.#next = 0;
    next();
  }
}

/** Does what is asked for under one key one after another, whatever becomes of each; keys do not wait for each other. */
export class TurnsByKey {
  readonly #last = new Map<string, Promise<unknown>>();

  take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const next = (this.#last.get(key) ?? Promise.resolve()).then(work, work);
    this.#last.set(key, next);
    const done = () => {
      if (this.#last.get(key) === next) this.#last.delete(key);
    };
    next.then(done, done);
    return next;
  }
}
