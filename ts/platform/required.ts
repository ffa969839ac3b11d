/**
 * CommonJS's own `require`, hidden from bundlers; undefined in ES modules. scripts/dist.mjs puts it here in the
 * CommonJS build, so that this build needs no `import()`, which Jest refuses.
 */
export const required: ((name: string) => unknown) | undefined = undefined;
