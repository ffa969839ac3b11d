/** What is used of jsfive, which has no types of its own. What is wrong with a file it throws as a text or an Error. */
declare module "jsfive" {
  export class Dataset {
    readonly shape: readonly number[];
    readonly dtype: string;
    readonly value: ArrayLike<number>;
  }

  export class Group {
    readonly keys: readonly string[];
    readonly attrs: Readonly<Record<string, unknown>>;
    get(path: string): Group | Dataset;
  }

  export class File extends Group {
    constructor(bytes: ArrayBuffer, name: string);
  }
}
