/** How an option is written where it is given; without a value its name alone. */
export type OptionText = (option: string, value?: unknown) => string;

/** As these functions take it: `types: { "zip": "category" }`, `header: false`. */
export const optionText: OptionText = (option, value) => {
  if (value === undefined) return option;
  if (typeof value !== "object" || value === null) return `${option}: ${JSON.stringify(value)}`;
  const pairs = Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}: ${JSON.stringify(one)}`);
  return `${option}: { ${pairs.join(", ")} }`;
};
