/** What a provider does with disks. Every call may be repeated: what is so already is not done again. */
export interface Disks {
  create(disk: { name: string; size: number; zone?: string }): Promise<{ id: string; size: number }>;
  /** Fails while the disk is attached. */
  delete(id: string): Promise<void>;
  /** Fails when the disk is attached to another machine. Answers where the machine finds it. */
  attach(id: string, machine: string): Promise<{ devicePath: string }>;
  detach(id: string, machine: string): Promise<void>;
  /** To at least so many bytes; never smaller. */
  resize(id: string, size: number): Promise<void>;
}
