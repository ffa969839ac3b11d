/** Says what is being done. Standard output is for results. */
export function announce(what: string): void {
  process.stderr.write(`${what}\n`);
}
