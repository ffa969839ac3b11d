// Whether a file is a whole library for this processor: the system would kill the process that loads half of one.
"use strict";
const fs = require("node:fs");

const MAGIC = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]); // ELF, 64 bits, little-endian

/** Places in an ELF header, and its length. */
const MACHINE = 18;
const SECTIONS_AT = 40;
const SECTION_BYTES = 58;
const SECTIONS = 60;
const HEADER_BYTES = 64;

/** What stands for an architecture there. */
const MACHINES = { x64: 62, arm64: 183 };

/** What is wrong with a file; undefined where it is whole. */
function faultOf(path) {
  const file = fs.openSync(path, "r");
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    const read = fs.readSync(file, header, 0, HEADER_BYTES, 0);
    if (read < HEADER_BYTES || !header.subarray(0, MAGIC.length).equals(MAGIC))
      return "is no library of Linux's";
    const machine = header.readUInt16LE(MACHINE);
    if (machine !== MACHINES[process.arch]) return `is for another processor (ELF machine ${machine})`;
    // The table of sections stands at its end.
    const table = header.readUInt16LE(SECTION_BYTES) * header.readUInt16LE(SECTIONS);
    const whole = Number(header.readBigUInt64LE(SECTIONS_AT)) + table;
    const { size } = fs.fstatSync(file);
    return size < whole ? `is cut off: it has ${size} of ${whole} bytes` : undefined;
  } finally {
    fs.closeSync(file);
  }
}

module.exports = { faultOf };
