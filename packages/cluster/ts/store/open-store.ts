import { readAddress } from "../redis/address.js";
import { connect } from "../redis/connection.js";
import type { BlobStore } from "./blob-store.js";
import { FolderStore } from "./folder-store.js";
import { RedisStore } from "./redis-store.js";

/** The store at a folder, or at a server's address, whose user and password are the environment's. */
export async function openStore(place: string): Promise<BlobStore> {
  return /^rediss?:\/\//.test(place)
    ? new RedisStore(await connect(readAddress(place)))
    : new FolderStore(place);
}
