/** How far a run went and what it had become there: in a link, what a replay of it must arrive at. */
export interface Milestone {
  readonly epoch: number;
  /** The beginning of the fingerprint. */
  readonly fingerprint: string;
}

const LENGTH = 16;

export function milestone(epoch: number, fingerprint: string): Milestone {
  return { epoch, fingerprint: fingerprint.slice(0, LENGTH) };
}

/** As a link has it: `120-0123456789abcdef`. */
export function writeMilestone({ epoch, fingerprint }: Milestone): string {
  return `${epoch}-${fingerprint}`;
}

export function readMilestone(text: string): Milestone | undefined {
  const [, epoch, fingerprint] = text.match(/^([1-9]\d{0,8})-([0-9a-f]{16})$/) ?? [];
  return epoch === undefined || fingerprint === undefined ? undefined : { epoch: Number(epoch), fingerprint };
}
