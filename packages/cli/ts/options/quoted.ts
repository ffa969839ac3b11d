/** A word of a command as a shell takes it. */
export function quoted(text: string): string {
  return /^[\w./,=:+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
