/**
 * What the file for this machine exports: for layerwise alone, and of the same version. Throws an Error that says which
 * file failed, and why.
 */
export function load(): object;
