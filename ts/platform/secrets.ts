/**
 * A text whose URLs say no more than where they lead: user and password are left out, and what stands behind `?` or `#`, where
 * tokens are. A path of a file system may have one slash of a URL's two.
 */
export function withoutSecrets(text: string): string {
  if (!text.includes(":/")) return text;
  // A password may have blanks in it as it was typed.
  return text
    .replace(/(?<=[a-z][a-z\d+.-]:\/\/?)[^/?#\n"][^/?#\n"]*@/gi, "")
    .replace(/(?<=[a-z][a-z\d+.-]:\/\/?)[^/\s"'<>][^\s"'<>]*/gi, shownAddress);
}

/** What follows a scheme and its slashes, to the next blank or quote. */
function shownAddress(address: string): string {
  // No port: so the part before a later @ is a user with a password that isn't encoded.
  const isLogin = /^[^/?#[\]:]*:(?!\d*(?:[/?#]|$))/.test(address);
  const place = isLogin ? address.slice(address.lastIndexOf("@") + 1) : address;
  const end = place.search(/[?#]/);
  return end < 0 ? place : `${place.slice(0, end)}?…`;
}
