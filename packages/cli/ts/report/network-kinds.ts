/** Networks of a model with the same layers. */
export interface NetworkKind {
  /** `network.summary()` of each of them. */
  readonly summary: string;
  /** Their places among all, from 1. */
  readonly numbers: readonly number[];
}

/** A model's networks may be of several layouts by turns: each layout once, with whose it is. */
export function networkKinds(networks: readonly { summary(): string }[]): NetworkKind[] {
  const kinds = new Map<string, number[]>();
  networks.forEach((network, i) => {
    const summary = network.summary();
    kinds.set(summary, [...(kinds.get(summary) ?? []), i + 1]);
  });
  return [...kinds].map(([summary, numbers]) => ({ summary, numbers }));
}

/** `networks 1, 4 and 7`; nothing where all are of one kind. */
export function kindName({ numbers }: NetworkKind, kinds: readonly NetworkKind[]): string {
  if (kinds.length === 1) return "";
  const [last = 0, ...others] = [...numbers].reverse();
  return others.length === 0 ? `network ${last}` : `networks ${others.reverse().join(", ")} and ${last}`;
}
